// Rules of automation: listed, made, changed, tried out, taken away, and set back to the preset that they come from. What an operator
// changes is marked, and no newer version of a preset overwrites it.
import { automationBody, automationProblem, maxAutomationRules, type AutomationBody } from '@sluice/contract';
import type * as api from '@sluice/contract/api';
import { automationPatternProblem, maxAutomationPatternsSize, patternsFit } from '@sluice/policy';
import { automationPresets, type AutomationPreset } from '@sluice/providers';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { changeConfig, put, remove } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { assertNamesExist, namesFor, namesIn } from '../egress/named.ts';
import { visibleEgress, visibleWhere } from '../egress/visible.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type RuleFields = Omit<z.output<typeof api.automationsCreate.input>, 'reason'>;

export const presetOf = ({ preset }: Pick<AutomationBody, 'preset'>): AutomationPreset | undefined =>
  automationPresets.find(({ key }) => key === preset?.key);

/** What a preset says of its rule. */
export const ruleOf = ({ key, version, rule }: AutomationPreset) => ({ ...rule, preset: { key, version }, edited: false });

/** Bound to a tenant an operator sees the rules that can touch its mail. */
export async function listAutomations(scope: Scope): Promise<z.input<typeof api.automationsList.output>> {
  const stored = await scope.db.automationRule.findMany({ orderBy: { name: 'asc' }, take: maxAutomationRules });
  const visible = await visibleWhere(scope);
  const egress = await visibleEgress(scope);
  const rules = stored
    .map((row) => ({ ...automationBody.parse(row), id: row.id }))
    .filter(({ where, action }) => visible(where) && (action.kind !== 'move' || egress.pool(action.poolId)));
  const names = await namesIn(
    scope,
    rules.map(({ where }) => where),
  );
  return rules.map((rule) => {
    const preset = presetOf(rule);
    const about = { newestPreset: preset?.version ?? null, meaning: preset?.meaning ?? null };
    return { ...rule, whereNames: namesFor(rule.where, names), ...about };
  });
}

export async function createAutomation(scope: Scope, input: z.output<typeof api.automationsCreate.input>) {
  const { reason, ...rule } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'automations.create', target: `automation:${id}`, reason }, async () => {
    await assertSound(scope, id, rule);
    return [put('automation', id, null, { ...rule, preset: null, edited: true })];
  });
  return { id, ...made };
}

export async function updateAutomation(scope: Scope, input: z.output<typeof api.automationsUpdate.input>) {
  const { id, reason, ...rule } = input;
  return changeConfig(scope, { action: 'automations.update', target: `automation:${id}`, reason }, async () => {
    const old = found(await rows.automation.read(scope.db, id), `automation rule ${id}`);
    await assertSound(scope, id, rule);
    return [put('automation', id, null, { ...old, ...rule, edited: true })];
  });
}

/** Whether it acts is the operator's to say and no edit: the rule still follows its preset. */
export async function setAutomationMode(scope: Scope, { id, mode, reason }: z.output<typeof api.automationsSetMode.input>) {
  return changeConfig(scope, { action: 'automations.setMode', target: `automation:${id}`, reason }, async () => {
    const old = found(await rows.automation.read(scope.db, id), `automation rule ${id}`);
    await assertSound(scope, id, { ...old, mode });
    return [put('automation', id, null, { ...old, mode })];
  });
}

export async function deleteAutomation(scope: Scope, { id, reason }: z.output<typeof api.automationsDelete.input>) {
  return changeConfig(scope, { action: 'automations.delete', target: `automation:${id}`, reason }, async () => {
    const { name, preset } = found(await rows.automation.read(scope.db, id), `automation rule ${id}`);
    if (preset) throw new Refusal('CONFLICT', `${name} comes from a preset and would be back with the next start: switch it off instead`);
    return [remove('automation', id, null)];
  });
}

export async function resetAutomation(scope: Scope, { id, reason }: z.output<typeof api.automationsToPreset.input>) {
  return changeConfig(scope, { action: 'automations.toPreset', target: `automation:${id}`, reason }, async () => {
    const old = found(await rows.automation.read(scope.db, id), `automation rule ${id}`);
    const preset = presetOf(old);
    if (!preset) throw new Refusal('CONFLICT', `${old.name} comes from no preset`);
    const body = automationBody.parse({ ...ruleOf(preset), mode: old.mode });
    await assertSound(scope, id, body);
    return [put('automation', id, null, body)];
  });
}

/** What the nodes would refuse is refused here, with the place. */
async function assertSound(scope: Scope, id: string, rule: RuleFields): Promise<void> {
  const problem = automationProblem(rule);
  if (problem !== null) throw new Refusal('BAD_REQUEST', problem);
  const unreadable = automationPatternProblem(rule);
  if (unreadable !== null) throw new Refusal('BAD_REQUEST', `trigger.match.pattern: ${unreadable}`);
  await assertNamesExist(scope, rule.where);
  const { action } = rule;
  if (action.kind === 'move')
    found(await scope.db.ipPool.findUnique({ where: { id: action.poolId } }), `action.poolId: pool ${action.poolId}`);
  const others = await scope.db.automationRule.findMany({ where: { id: { not: id } }, take: maxAutomationRules + 1 });
  if (others.length >= maxAutomationRules) throw new Refusal('CONFLICT', `there are ${maxAutomationRules} rules already`);
  if (others.some(({ name }) => name === rule.name)) throw new Refusal('CONFLICT', `a rule named ${rule.name} exists`);
  if (!patternsFit([rule, ...others.map((row) => automationBody.parse(row))]))
    throw new Refusal('CONFLICT', `the patterns of all rules together take more than ${maxAutomationPatternsSize} steps`);
}
