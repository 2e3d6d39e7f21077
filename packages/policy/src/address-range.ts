// The addresses of a network, one by one, and what may stand in a template for each.

/** Every address of the network, in order; of an IPv4 network up to /30 without its first and last. Null: more than `most`. */
export function addressesOf(cidr: string, most: number): string[] | null {
  const [first = '', length = ''] = cidr.split('/');
  const v6 = first.includes(':');
  const bits = (v6 ? 128 : 32) - Number(length);
  const ends = !v6 && bits >= 2;
  const count = 2n ** BigInt(bits) - (ends ? 2n : 0n);
  if (count > BigInt(most)) return null;
  const start = (((v6 ? fromV6(first) : fromV4(first)) >> BigInt(bits)) << BigInt(bits)) + (ends ? 1n : 0n);
  return Array.from({ length: Number(count) }, (_, n) => (v6 ? toV6(start + BigInt(n)) : toV4(start + BigInt(n))));
}

const fromV4 = (text: string): bigint => text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
const toV4 = (number: bigint): string => [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');

function fromV6(text: string): bigint {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): bigint[] =>
    part
      .split(':')
      .filter(Boolean)
      .flatMap((group) => (group.includes('.') ? [fromV4(group) >> 16n, fromV4(group) & 0xffffn] : [BigInt(`0x${group}`)]));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? [] : new Array<bigint>(Math.max(0, 8 - left.length - right.length)).fill(0n);
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
}

/** The longest run of zeros is left out. RFC 5952 section 4.2. */
function toV6(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, n) => (number >> BigInt(112 - 16 * n)) & 0xffffn);
  const text = groups.map((group) => group.toString(16)).join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map(({ 0: run, index }) => ({ run, index }));
  const [longest] = runs.toSorted((a, b) => b.run.length - a.run.length);
  if (!longest) return text;
  const before = text.slice(0, longest.index);
  return `${before}::${text.slice(longest.index + longest.run.length).replace(/^:/, '')}`;
}

/** `{n}`: its number; `{address}`: the address with hyphens. */
export function filled(template: string, address: string, n: number): string {
  return template.replaceAll('{n}', String(n)).replaceAll('{address}', address.replaceAll(/[.:]+/g, '-').replaceAll(/^-|-$/g, ''));
}
