// The content root: one 256-bit number that says whether two holders of a configuration hold the same entities. It is the sum modulo
// 2^256 of the SHA-256 of every live entity, so both planes keep it up in constant time per change (subtract the old version, add the
// new) and a cold load in any order arrives at the same value. It detects lost changes; it is no signature.
import { hash } from 'node:crypto';

const modulus = 1n << 256n;

/** Names of fields as JSON with their colon: a body says few different ones, but says them in every entity. */
const quotedNames = new Map<string, string>();
const maxQuotedNames = 1_000;

function quotedName(name: string): string {
  let quoted = quotedNames.get(name);
  if (quoted === undefined) {
    quoted = `${JSON.stringify(name)}:`;
    if (quotedNames.size < maxQuotedNames) quotedNames.set(name, quoted);
  }
  return quoted;
}

/** JSON with object keys sorted at every depth, so that equal bodies have equal text. Undefined fields are left out. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) text += (text === '' ? '' : ',') + canonicalJson(item ?? null);
    return `[${text}]`;
  }
  // By code units, which is how `sort` compares texts.
  for (const key of Object.keys(value).sort()) {
    const field: unknown = value[key as keyof typeof value];
    if (field !== undefined) text += (text === '' ? '' : ',') + quotedName(key) + canonicalJson(field);
  }
  return `{${text}}`;
}

const entityNumber = (kind: string, id: string, body: unknown): bigint =>
  BigInt(`0x${hash('sha256', `${kind}\0${id}\0${canonicalJson(body)}`)}`);

export const emptyContentRoot = '0'.repeat(64);

/** A content root while many changes are made to it, one after the other. */
export class ChangingContentRoot {
  #sum: bigint;

  constructor(root: string) {
    this.#sum = BigInt(`0x${root}`);
  }

  /** One entity changed. `before` and `after` are bodies as stored (raw JSON, not the tolerant reading), null for absent. */
  change(kind: string, id: string, before: unknown, after: unknown): void {
    if (before !== null && before !== undefined) this.#sum += modulus - entityNumber(kind, id, before);
    if (after !== null && after !== undefined) this.#sum += entityNumber(kind, id, after);
  }

  /** 64 hex digits. */
  get root(): string {
    return (this.#sum % modulus).toString(16).padStart(64, '0');
  }
}

/** The root after one entity changed, 64 hex digits. */
export function nextContentRoot(root: string, kind: string, id: string, before: unknown, after: unknown): string {
  const changing = new ChangingContentRoot(root);
  changing.change(kind, id, before, after);
  return changing.root;
}
