// The content root: one 256-bit number that says whether two holders of a configuration hold the same entities. It is the sum modulo
// 2^256 of the SHA-256 of every live entity, so both planes keep it up in constant time per change (subtract the old version, add the
// new) and a cold load in any order arrives at the same value. It detects lost changes; it is no signature.
import { createHash } from 'node:crypto';

const modulus = 1n << 256n;

/** JSON with object keys sorted at every depth, so that equal bodies have equal text. Undefined fields are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

function entityNumber(kind: string, id: string, body: unknown): bigint {
  const digest = createHash('sha256')
    .update(`${kind}\0${id}\0${canonicalJson(body)}`)
    .digest('hex');
  return BigInt(`0x${digest}`);
}

export const emptyContentRoot = '0'.repeat(64);

/**
 * The root after one entity changed. `before` and `after` are bodies as stored (raw JSON, not the tolerant reading), null for absent.
 * Returns 64 hex digits.
 */
export function nextContentRoot(root: string, kind: string, id: string, before: unknown, after: unknown): string {
  let sum = BigInt(`0x${root}`);
  if (before !== null && before !== undefined) sum += modulus - entityNumber(kind, id, before);
  if (after !== null && after !== undefined) sum += entityNumber(kind, id, after);
  return (sum % modulus).toString(16).padStart(64, '0');
}
