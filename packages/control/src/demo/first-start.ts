// The configuration a newcomer starts from: the mailbox providers we know as their presets have them, two cautious limits for every source
// at every provider, and in the sandbox one source in one pool, so that a tenant, a stream and a credential are all that is missing to
// send. Nothing here sends.
import { automationPresets, providerPresets, type AutomationPreset, type ProviderPreset } from '@sluice/providers';
import type { Scope } from '../scope.ts';
import type { AsSystem } from './as-system.ts';
import { ensureAutomations } from './automation-seed.ts';
import { ensureLimit, ensurePool, ensureSource } from './ensure.ts';
import { ensureProviders } from './provider-seed.ts';

const reason = 'first start';

export async function seedFirstStart(
  asSystem: AsSystem,
  presets: readonly ProviderPreset[] = providerPresets,
  automations: readonly AutomationPreset[] = automationPresets,
): Promise<void> {
  await asSystem((scope) => ensureProviders(scope, presets, reason));
  await asSystem((scope) => ensureAutomations(scope, reason, automations));
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

/** Two cautious limits that hold everywhere, beside those of the presets: also for providers of whom nobody knows anything. */
async function ensureDefaultLimits(scope: Scope): Promise<void> {
  const everywhere = { where: {}, by: ['source' as const, 'provider' as const] };
  const rate = { kind: 'message_rate', count: 10, perSeconds: 1, burst: 10 } as const;
  await ensureLimit(scope, { name: 'Message rate per source and provider', ...everywhere, ...rate }, reason);
  await ensureLimit(scope, { name: 'Connections per source and provider', ...everywhere, kind: 'connections', count: 5 }, reason);
}
