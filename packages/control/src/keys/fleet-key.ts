// The fleet key of this installation: for whom secrets are sealed now, and how its private half, which is sealed for the key-encryption key,
// gets to nodes. Whatever changes it locks the head of the configuration first, as every writer of secrets does.
import type { Prisma } from '@sluice/db';
import { sealedSecret, type SealedSecret } from '@sluice/contract';
import {
  channels,
  fleetIdOf,
  fleetRecipient,
  kekIdOf,
  makeKeyPair,
  openSecret,
  sealSecret,
  shareFleetKey,
  type KeyPair,
  type Recipient,
  type RecipientKey,
} from '@sluice/plane';
import { v7 as newId } from 'uuid';
import { lockHead } from '../config/head.ts';
import type { Installation } from '../installation.ts';
import type { Scope } from '../scope.ts';

export const kekOf = ({ kek }: Installation): RecipientKey => ({ id: kekIdOf(kek), key: kek });
/** Every key-encryption key that may still be needed: the one in force first. */
export const keksOf = ({ kek, oldKeks }: Installation): RecipientKey[] => [kek, ...oldKeks].map((key) => ({ id: kekIdOf(key), key }));

/** Nodes look for shares and secrets at once. */
const hintNodes = ({ db }: Scope): Promise<unknown> => db.$queryRaw`select pg_notify(${channels.secret}, '')::text as hint`;

/** Makes the next fleet key with a share for every enrolled node; what was active is retiring from then on. Needs the head locked. */
export async function nextFleetKey(scope: Scope): Promise<{ id: string; publicKey: string }> {
  const { db, installation } = scope;
  const pair = makeKeyPair();
  const id = fleetIdOf(pair.publicKey);
  const plain = Buffer.from(pair.privateKey, 'base64');
  const sealed = sealSecret(plain, { id: newId(), aad: `fleet_key:${id}` }, [kekOf(installation)]);
  plain.fill(0);
  await db.fleetKey.updateMany({ where: { state: 'active' }, data: { state: 'retiring' } });
  await db.fleetKey.createMany({ data: [{ id, publicKey: pair.publicKey, sealed, state: 'active' }] });
  const nodes = await db.nodeKey.findMany({ where: { state: 'enrolled' } });
  await db.fleetShare.createMany({ data: nodes.map((node) => shareOf(pair, node)) });
  await hintNodes(scope);
  return { id, publicKey: pair.publicKey };
}

/** The active fleet key; the first asker makes it. */
export async function activeFleetKey(scope: Scope): Promise<{ id: string; publicKey: string }> {
  const find = () => scope.db.fleetKey.findFirst({ where: { state: 'active' }, select: { id: true, publicKey: true } });
  const known = await find();
  if (known) return known;
  await lockHead(scope);
  return (await find()) ?? nextFleetKey(scope);
}

/** For whom a secret is sealed now. */
export async function recipientsOf(scope: Scope): Promise<Recipient[]> {
  const { publicKey } = await activeFleetKey(scope);
  return [kekOf(scope.installation), fleetRecipient(publicKey)];
}

/** As the column `sealed_for` has it. */
export const sealedForText = (recipients: readonly Recipient[]): string =>
  recipients
    .map(({ id }) => id)
    .sort()
    .join(',');

function shareOf(pair: KeyPair, node: { id: string; publicKey: string }): Prisma.FleetShareCreateManyInput {
  const box = shareFleetKey(pair, node.publicKey);
  return { fleetKeyId: fleetIdOf(pair.publicKey), nodeKeyId: node.id, publicKey: pair.publicKey, box };
}

/** A share of every fleet key that opens anything, for one node. Throws where no key-encryption key that we have opens one. */
export async function shareWith(scope: Scope, node: { id: string; publicKey: string }): Promise<void> {
  await activeFleetKey(scope);
  const fleetKeys = await scope.db.fleetKey.findMany({ where: { state: { in: ['active', 'retiring'] } } });
  const shares = fleetKeys.map((fleetKey) => {
    const privateKey = privateHalf(scope.installation, sealedSecret.parse(fleetKey.sealed));
    return shareOf({ publicKey: fleetKey.publicKey, privateKey: Buffer.from(privateKey).toString('base64') }, node);
  });
  await scope.db.fleetShare.createMany({ data: shares, skipDuplicates: true });
  await hintNodes(scope);
}

function privateHalf(installation: Installation, sealed: SealedSecret): Uint8Array {
  for (const kek of keksOf(installation)) {
    const opened = openSecret(sealed, kek);
    if (opened.ok) return opened.plain;
  }
  throw new Error(`no key-encryption key opens ${sealed.aad}`);
}
