// Codes of an authenticator app: RFC 6238 over RFC 4226 with SHA-1, six digits and steps of 30 s, which is what every app can do. Pure:
// time comes in, and which steps were used is for whoever keeps them.
import { createHmac } from 'node:crypto';

const stepSeconds = 30;
const digits = 6;
/** RFC 4226 section 4: at least 128 bits, 160 recommended. */
export const keyBytes = 20;
/** Clocks differ: the step before and the one after are taken too (RFC 6238 section 5.2). */
const stepsAround = 1;

export const stepAt = (at: Date): number => Math.floor(at.getTime() / 1000 / stepSeconds);

/** The code of one step. */
export function codeOf(key: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac.readUInt8(mac.length - 1) & 0x0f; // RFC 4226 section 5.3
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
}

/** The step that `code` belongs to, newest first, or null. Every step is compared, whichever fits. */
export function stepOf(key: Uint8Array, code: string, at: Date): number | null {
  const now = stepAt(at);
  const fits = (step: number) => codeOf(key, step) === code;
  const steps = Array.from({ length: 2 * stepsAround + 1 }, (_, n) => now + stepsAround - n).filter(fits);
  return steps[0] ?? null;
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 section 6, without padding: how apps take a key that is typed in. */
export function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => base32.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
}

/** What the QR code says. The console's host tells two installations apart in the app. */
export function keyUri(account: string, host: string, key: Uint8Array): string {
  const label = `${encodeURIComponent(`Sluice ${host}`)}:${encodeURIComponent(account)}`;
  const issuer = encodeURIComponent(`Sluice ${host}`);
  return `otpauth://totp/${label}?secret=${toBase32(key)}&issuer=${issuer}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`;
}
