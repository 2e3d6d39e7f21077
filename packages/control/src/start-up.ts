// What the installation does for itself before anyone signs in: checks the key, makes sure there is an Owner or a way to become one, and
// writes the configuration a newcomer starts from. As the system actor, through the same use cases as everyone.
import { randomUUID } from 'node:crypto';
import type { AutomationPreset, ProviderPreset } from '@sluice/providers';
import { isKekCheckValue, kekIdOf, makeKekCheckValue } from '@sluice/plane';
import { ensureOwner, issueSetupLink, setupStatus } from './accounts/setup.ts';
import { systemActor } from './actor.ts';
import { enrolOwnNode } from './keys/node-keys.ts';
import type { Rewrap } from './keys/rewrap.ts';
import { seedFirstStart } from './demo/first-start.ts';
import { seedDemo, type DemoCredential } from './demo/seed.ts';
import type { Installation } from './installation.ts';
import { inScope, type Scope } from './scope.ts';

export interface StartUp {
  /** False: the database was sealed with another key-encryption key; nothing may start. The first start writes the key's check value down. */
  keyFits(): Promise<boolean>;
  /** Whether an Owner is still missing. */
  setupNeeded(): Promise<boolean>;
  /** Makes the first Owner; returns its id, or null when there was an Owner already. */
  ensureOwner(owner: { email: string; password: string }): Promise<string | null>;
  /** Lets the node of this machine open secrets, unless an operator has removed it. */
  enrolOwnNode(node: { node: string; publicKey: string }): Promise<void>;
  /** Seals for the keys in force whatever is sealed for others; how many it was. */
  sealAnew(): Promise<number>;
  issueSetupLink(): Promise<{ url: string; expiresAt: string }>;
  /**
   * Providers, default limits, one source, one pool; what exists stays as it is, but for providers that nobody edited: they follow their
   * presets. `presets` are those of this software unless a test brings those of a later one.
   */
  seedFirstStart(presets?: readonly ProviderPreset[], automations?: readonly AutomationPreset[]): Promise<void>;
  /** Sample tenants with credentials; see demo/seed.ts. */
  seedDemo(known: readonly DemoCredential[]): Promise<DemoCredential[]>;
}

export function makeStartUp(installation: Installation, rewrap: Rewrap): StartUp {
  const asSystem = <T>(work: (scope: Scope) => Promise<T>): Promise<T> =>
    inScope(installation, { actor: systemActor, requestId: randomUUID(), address: null, audit: 'none' }, work);
  return {
    keyFits: () => asSystem((scope) => keyFits(scope)),
    setupNeeded: () => asSystem(async (scope) => (await setupStatus(scope)).needed),
    ensureOwner: (owner) => asSystem((scope) => ensureOwner(scope, owner)),
    enrolOwnNode: (node) => asSystem((scope) => enrolOwnNode(scope, node)),
    sealAnew: () => rewrap.run(),
    issueSetupLink: () => asSystem((scope) => issueSetupLink(scope)),
    seedFirstStart: (presets, automations) => seedFirstStart(asSystem, presets, automations),
    seedDemo: (known) => seedDemo(asSystem, known),
  };
}

/** A key that follows the one before it is taken, and written down, where that one is set too: the first start after it was changed. */
async function keyFits(scope: Scope): Promise<boolean> {
  const { db, installation } = scope;
  const { kek, oldKeks } = installation;
  const ours = { kekId: kekIdOf(kek), kekCheckValue: makeKekCheckValue(kek) };
  await db.installation.createMany({ data: [{ id: 1, ...ours }], skipDuplicates: true });
  const stored = await db.installation.findUniqueOrThrow({ where: { id: 1 } });
  if (isKekCheckValue(kek, stored.kekCheckValue)) return true;
  if (!oldKeks.some((old) => isKekCheckValue(old, stored.kekCheckValue))) return false;
  await db.installation.update({ where: { id: 1 }, data: ours });
  const reason = 'started with a new key-encryption key beside the old one';
  const before = { kekId: stored.kekId };
  await scope.audit({ action: 'secrets.rotateKek', target: 'installation', reason, before, after: { kekId: ours.kekId } });
  return true;
}
