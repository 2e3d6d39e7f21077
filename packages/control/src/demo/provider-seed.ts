// Brings the providers up to the presets that this version of the software has: what is missing is added, with its starting limits and
// settings, and what nobody edited takes over a newer version. What an operator edited or made stays as it is, limits and settings that
// exist too: they are rules like any other from then on.
import { providerBody } from '@sluice/contract';
import type { ProviderPreset } from '@sluice/providers';
import { v7 as newId } from 'uuid';
import { changeConfig, put, type Change } from '../config/change.ts';
import { seededOf } from '../egress/providers.ts';
import type { Scope } from '../scope.ts';

type Known = { id: string; key: string; mxSuffixes: string[]; preset: { key: string; version: number } | null; edited: boolean };
type Names = { limits: ReadonlySet<string>; settings: ReadonlySet<string> };

export async function ensureProviders(scope: Scope, presets: readonly ProviderPreset[], reason: string): Promise<void> {
  if (due(presets, await knownProviders(scope)).length === 0) return;
  await changeConfig(scope, { action: 'providers.seed', target: 'providers', reason }, async () => {
    const known = await knownProviders(scope);
    const names = await namesTaken(scope);
    return due(presets, known).flatMap(({ preset, row }) => changesFor(preset, row, known, names));
  });
}

async function knownProviders({ db }: Scope): Promise<Known[]> {
  const stored = await db.provider.findMany();
  return stored.map((row) => {
    const { key, mxSuffixes, preset, edited } = providerBody.parse(row);
    return { id: row.id, key, mxSuffixes, preset, edited };
  });
}

async function namesTaken({ db }: Scope): Promise<Names> {
  const name = { select: { name: true } } as const;
  const [limits, settings] = [await db.limitRule.findMany(name), await db.settingRule.findMany(name)];
  return { limits: new Set(limits.map((limit) => limit.name)), settings: new Set(settings.map((setting) => setting.name)) };
}

/** Presets that are missing, or newer than what nobody edited. A provider from before there were versions counts as none. */
function due(presets: readonly ProviderPreset[], known: readonly Known[]): { preset: ProviderPreset; row: Known | null }[] {
  const byKey = new Map(known.map((row) => [row.key, row]));
  return presets.flatMap((preset) => {
    const row = byKey.get(preset.key) ?? null;
    if (row !== null && (row.edited || (row.preset?.version ?? 0) >= preset.version)) return [];
    return row === null && ownSuffixes(preset, null, known).length === 0 ? [] : [{ preset, row }];
  });
}

/** Without those that an operator gave to another provider. */
function ownSuffixes(preset: ProviderPreset, row: Known | null, known: readonly Known[]): string[] {
  const others = new Set(known.filter(({ id }) => id !== row?.id).flatMap(({ mxSuffixes }) => mxSuffixes));
  return preset.mxSuffixes.filter((suffix) => !others.has(suffix));
}

function changesFor(preset: ProviderPreset, row: Known | null, known: readonly Known[], names: Names): Change[] {
  const own = ownSuffixes(preset, row, known);
  const mxSuffixes = own.length > 0 ? own : (row?.mxSuffixes ?? []);
  const provider = put('provider', row?.id ?? newId(), null, { ...seededOf(preset), key: preset.key, mxSuffixes });
  return row === null ? [provider, ...startingRules(preset, names)] : [provider];
}

function startingRules({ key, name, limits, settings }: ProviderPreset, names: Names): Change[] {
  const where = { provider: key };
  const counted = limits.map((limit) => {
    const what = limit.kind === 'connections' ? 'connections' : 'message rate';
    return { ...limit, name: `${name}: ${what} per source`, where, by: ['source' as const] };
  });
  const rule = { name: `${name}: sessions`, where, values: settings };
  return [
    ...counted.filter((limit) => !names.limits.has(limit.name)).map((limit) => put('limit', newId(), null, limit)),
    ...(names.settings.has(rule.name) ? [] : [put('setting', newId(), null, rule)]),
  ];
}
