// What both ends of the plane agree on: names of channels, and how secrets are sealed and opened.
export { channels } from './channels.ts';
export type { Channel } from './channels.ts';
export { sealSecret, openSecret } from './seal.ts';
export type { OpenedSecret, RecipientKey } from './seal.ts';
export { kekIdOf, makeKekCheckValue, isKekCheckValue, keyBytes } from './kek.ts';
