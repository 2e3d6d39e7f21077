// Brings the rules of automation up to the presets that this version of the software has: what is missing is added, what nobody edited
// takes over a newer version, and whether it acts stays as the operator said. What an operator edited or made stays as it is.
import { automationBody } from '@sluice/contract';
import type { AutomationPreset } from '@sluice/providers';
import { v7 as newId } from 'uuid';
import { ruleOf } from '../automation/rules.ts';
import { changeConfig, put } from '../config/change.ts';
import type { Scope } from '../scope.ts';

type Known = { id: string; name: string; mode: 'on' | 'dry_run' | 'off'; preset: { key: string; version: number } | null; edited: boolean };

export async function ensureAutomations(scope: Scope, reason: string, presets: readonly AutomationPreset[]): Promise<void> {
  if (due(presets, await known(scope)).length === 0) return;
  await changeConfig(scope, { action: 'automations.seed', target: 'automations', reason }, async () =>
    due(presets, await known(scope)).map(({ preset, row }) =>
      put('automation', row?.id ?? newId(), null, { ...ruleOf(preset), mode: row?.mode ?? 'on' }),
    ),
  );
}

async function known({ db }: Scope): Promise<Known[]> {
  const stored = await db.automationRule.findMany();
  return stored.map((row) => ({ id: row.id, ...automationBody.parse(row) }));
}

/** Presets that are missing, or newer than what nobody edited. One whose name an operator gave to a rule of his own is left out. */
function due(presets: readonly AutomationPreset[], rules: readonly Known[]): { preset: AutomationPreset; row: Known | null }[] {
  return presets.flatMap((preset) => {
    const row = rules.find((rule) => rule.preset?.key === preset.key) ?? null;
    if (row !== null && (row.edited || (row.preset?.version ?? 0) >= preset.version)) return [];
    const taken = rules.some((rule) => rule.name === preset.rule.name && rule.id !== row?.id);
    return taken ? [] : [{ preset, row }];
  });
}
