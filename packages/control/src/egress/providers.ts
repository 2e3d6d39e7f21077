// Mailbox providers: which sites belong together, and what their refusals mean. Seeded from the presets (see demo/provider-seed.ts); what
// an operator changes is marked, and no newer version of a preset overwrites it.
import { providerBody, type ProviderBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { checkReplyRules } from '@sluice/policy';
import { providerPresets, type ProviderPreset } from '@sluice/providers';
import { v7 as newId } from 'uuid';
import { maxListRows } from '../bounds.ts';
import { changeConfig, put, remove } from '../config/change.ts';
import { rows } from '../config/rows.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

const presetOf = ({ preset }: Pick<ProviderBody, 'preset'>): ProviderPreset | undefined =>
  providerPresets.find(({ key }) => key === preset?.key);

export async function listProviders({ db }: Scope): Promise<z.input<typeof api.providersList.output>> {
  const stored = await db.provider.findMany({ orderBy: { name: 'asc' }, take: maxListRows });
  return stored.map((row) => {
    const { replyRules, ...body } = providerBody.parse(row);
    return { ...body, id: row.id, rules: replyRules.length, newestPreset: presetOf(body)?.version ?? null };
  });
}

export async function getProvider({ db }: Scope, { id }: z.output<typeof api.providersGet.input>) {
  const body = found(await rows.provider.read(db, id), `provider ${id}`);
  return { ...body, id, newestPreset: presetOf(body)?.version ?? null };
}

export async function createProvider(scope: Scope, input: z.output<typeof api.providersCreate.input>) {
  const { reason, cloneOf, replyRules, ...provider } = input;
  const id = newId();
  const made = await changeConfig(scope, { action: 'providers.create', target: `provider:${provider.key}`, reason }, async () => {
    const taken = await scope.db.provider.findUnique({ where: { key: provider.key } });
    if (taken) throw new Refusal('CONFLICT', `a provider with the key ${provider.key} exists`);
    const model = cloneOf === undefined ? null : found(await rows.provider.read(scope.db, cloneOf), `provider ${cloneOf}`);
    const body = { ...provider, replyRules: replyRules ?? model?.replyRules ?? [], preset: null, edited: true };
    await assertSound(scope, id, body);
    return [put('provider', id, null, body)];
  });
  return { id, ...made };
}

export async function updateProvider(scope: Scope, input: z.output<typeof api.providersUpdate.input>) {
  const { id, reason, ...fields } = input;
  return changeConfig(scope, { action: 'providers.update', target: `provider:${id}`, reason }, async () => {
    const old = found(await rows.provider.read(scope.db, id), `provider ${id}`);
    await assertSound(scope, id, fields);
    return [put('provider', id, null, { ...old, ...fields, edited: true })];
  });
}

export async function deleteProvider(scope: Scope, { id, reason }: z.output<typeof api.providersDelete.input>) {
  return changeConfig(scope, { action: 'providers.delete', target: `provider:${id}`, reason }, async () => {
    const { key, preset } = found(await rows.provider.read(scope.db, id), `provider ${id}`);
    if (preset)
      throw new Refusal('CONFLICT', `the provider ${key} comes from a preset and would be back with the next start: edit it instead`);
    const naming = { where: { where: { path: ['provider'], equals: key } } };
    const user = (await scope.db.limitRule.findFirst(naming)) ?? (await scope.db.settingRule.findFirst(naming));
    if (user) throw new Refusal('CONFLICT', `the provider ${key} is named by ${user.name}`);
    return [remove('provider', id, null)];
  });
}

export async function resetProvider(scope: Scope, { id, reason }: z.output<typeof api.providersResetToPreset.input>) {
  return changeConfig(scope, { action: 'providers.resetToPreset', target: `provider:${id}`, reason }, async () => {
    const old = found(await rows.provider.read(scope.db, id), `provider ${id}`);
    const preset = presetOf(old);
    if (!preset) throw new Refusal('CONFLICT', `the provider ${old.key} comes from no preset`);
    const body = { ...old, ...seededOf(preset) };
    await assertSound(scope, id, body);
    return [put('provider', id, null, body)];
  });
}

/** What a preset says of its provider. */
export function seededOf({ key, name, version, mxSuffixes, replyRules }: ProviderPreset) {
  return { name, mxSuffixes: [...mxSuffixes], replyRules: [...replyRules], preset: { key, version }, edited: false };
}

/** Rules that can be compiled, and suffixes that are nobody else's: a host has one provider. */
async function assertSound(
  { db }: Scope,
  id: string,
  { mxSuffixes, replyRules }: Pick<ProviderBody, 'mxSuffixes' | 'replyRules'>,
): Promise<void> {
  const [problem] = checkReplyRules(replyRules);
  if (problem) throw new Refusal('BAD_REQUEST', `replyRules.${problem.at}.${problem.field}: ${problem.message}`);
  if (new Set(mxSuffixes).size !== mxSuffixes.length) throw new Refusal('BAD_REQUEST', 'mxSuffixes: a suffix is named twice');
  const owner = await db.provider.findFirst({ where: { id: { not: id }, mxSuffixes: { hasSome: mxSuffixes } } });
  const shared = mxSuffixes.find((suffix) => owner?.mxSuffixes.includes(suffix));
  if (owner) throw new Refusal('CONFLICT', `the MX suffix ${shared} belongs to the provider ${owner.key}`);
}
