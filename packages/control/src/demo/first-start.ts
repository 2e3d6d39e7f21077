// The configuration a newcomer starts from: the mailbox providers we know, two cautious limits for every source at every provider, and in
// the sandbox one source in one pool, so that a tenant, a stream and a credential are all that is missing to send. Nothing here sends.
import { providerPresets } from '@sluice/providers';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import type { Scope } from '../scope.ts';
import type { AsSystem } from './as-system.ts';
import { ensureLimit, ensurePool, ensureSource } from './ensure.ts';

const reason = 'first start';

export async function seedFirstStart(asSystem: AsSystem): Promise<void> {
  await asSystem(ensureProviders);
  await asSystem(ensureDefaultLimits);
  await asSystem(async (scope) => {
    const ids = scope.installation.egress === 'sandbox' ? [await ensureSource(scope, sandboxSource, reason)] : [];
    await ensurePool(scope, { name: 'default', sourceIds: ids }, reason);
  });
}

const sandboxSource = {
  name: 'sandbox-1',
  publicAddress: '127.0.0.2',
  bindAddress: '127.0.0.2',
  family: 4,
  ehloName: 'mta1.sluice.example',
} as const;

async function ensureProviders(scope: Scope): Promise<void> {
  const known = new Set((await scope.db.provider.findMany({ select: { key: true } })).map((provider) => provider.key));
  const missing = providerPresets.filter((preset) => !known.has(preset.key));
  if (missing.length === 0) return;
  await changeConfig(scope, { action: 'providers.seed', target: 'providers', reason }, async () =>
    missing.map(({ key, name, mxSuffixes }) => put('provider', newId(), null, { key, name, mxSuffixes: [...mxSuffixes] })),
  );
}

/** The most cautious of the presets' starting limits, for every provider alike. */
function mostCautious(kind: 'message_rate' | 'connections') {
  const limits = providerPresets.flatMap((preset) => preset.defaultLimits.filter((limit) => limit.kind === kind));
  const [first] = limits.toSorted((a, b) => a.count / a.perSeconds - b.count / b.perSeconds || a.burst - b.burst);
  if (!first) throw new Error(`no provider preset has a limit of kind ${kind}`);
  const { count, perSeconds, burst } = first;
  return { kind, count, perSeconds, burst };
}

async function ensureDefaultLimits(scope: Scope): Promise<void> {
  const by = ['source', 'provider'] as const;
  await ensureLimit(
    scope,
    { name: 'Message rate per source and provider', where: {}, by: [...by], ...mostCautious('message_rate') },
    reason,
  );
  await ensureLimit(scope, { name: 'Connections per source and provider', where: {}, by: [...by], ...mostCautious('connections') }, reason);
}
