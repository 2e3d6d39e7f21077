// What both ends of the plane agree on: names of channels, how secrets are sealed and opened, and for whom.
export { channels } from './channels.ts';
export type { Channel } from './channels.ts';
export { sealSecret, openSecret, rewrapSecret } from './seal.ts';
export type { OpenedSecret, Opener, PublicRecipient, Recipient, RecipientKey } from './seal.ts';
export { kekIdOf, makeKekCheckValue, isKekCheckValue, keyBytes } from './kek.ts';
export { makeKeyPair } from './box.ts';
export type { KeyPair } from './box.ts';
export { fingerprintOf, fleetIdOf, fleetRecipient, nodeKeyIdOf, openFleetShare, shareFleetKey } from './fleet.ts';
export { nodeKeyPair } from './node-key.ts';
