// The fleet key, for which every secret is sealed, and the keys of nodes, to which its private half goes: one box for each enrolled node. A
// node without one opens nothing, whatever it reads; a node that is removed has no box of the next fleet key.
import { createHash } from 'node:crypto';
import { closeBox, openBox, type KeyPair } from './box.ts';
import type { Opener, PublicRecipient } from './seal.ts';

const idHexDigits = 16;

const idOf = (prefix: string, publicKey: string): string =>
  `${prefix}-${createHash('sha256').update(`sluice ${prefix} key id v1\0`).update(Buffer.from(publicKey, 'base64')).digest('hex').slice(0, idHexDigits)}`;

export const fleetIdOf = (publicKey: string): string => idOf('fleet', publicKey);
export const nodeKeyIdOf = (publicKey: string): string => idOf('node', publicKey);

/** What operators compare by eye: the id of a key in groups of four. */
export const fingerprintOf = (keyId: string): string => (keyId.split('-')[1] ?? '').replace(/(.{4})(?=.)/g, '$1 ');

export const fleetRecipient = (publicKey: string): PublicRecipient => ({ id: fleetIdOf(publicKey), publicKey });

const shareAad = (fleetId: string, nodeKeyId: string) => `sluice fleet share v1\0${fleetId}\0${nodeKeyId}`;

/** The private half of the fleet key for one node. */
export function shareFleetKey(fleet: KeyPair, nodePublicKey: string): string {
  const aad = shareAad(fleetIdOf(fleet.publicKey), nodeKeyIdOf(nodePublicKey));
  return closeBox(nodePublicKey, Buffer.from(fleet.privateKey, 'base64'), aad);
}

/** What the node opens secrets with; undefined when the share is for another, or damaged. */
export function openFleetShare(node: KeyPair, share: { fleetId: string; publicKey: string; box: string }): Opener | undefined {
  if (fleetIdOf(share.publicKey) !== share.fleetId) return undefined;
  const privateKey = openBox(node, share.box, shareAad(share.fleetId, nodeKeyIdOf(node.publicKey)));
  return privateKey && { id: share.fleetId, publicKey: share.publicKey, privateKey: privateKey.toString('base64') };
}
