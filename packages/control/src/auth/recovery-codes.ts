// Ways in for whoever has lost the app: random, shown once, each good once. 80 bits need no slow hash; only the SHA-256 is kept.
import { createHash, randomBytes } from 'node:crypto';
import { toBase32 } from './totp.ts';

export const recoveryCodeCount = 10;
const codeBytes = 10;

/** Groups of four letters and digits: `abcd-efgh-ijkl-mnop`. */
export const makeRecoveryCodes = (): string[] =>
  Array.from({ length: recoveryCodeCount }, () => (toBase32(randomBytes(codeBytes)).match(/.{4}/g) ?? []).join('-').toLowerCase());

/** However it was typed: case, spaces and hyphens do not count. */
export const recoveryCodeHash = (code: string): string =>
  createHash('sha256')
    .update(code.toUpperCase().replaceAll(/[^A-Z2-7]/g, ''))
    .digest('hex');
