// A DNS question in, an answer out: the sandbox's own names, or what a test put in their place. No socket, no clock.
import { addressOf, factsOf } from '../hosts.ts';

export const recordTypes = ['MX', 'A', 'AAAA', 'TXT', 'PTR'] as const;
export type RecordType = (typeof recordTypes)[number];

export type DnsRecord =
  | { type: 'MX'; data: { exchange: string; preference: number } }
  | { type: 'A' | 'AAAA' | 'PTR'; data: string }
  | { type: 'TXT'; data: string }
  | { type: 'CNAME'; data: string };

export type DnsAnswer =
  | { kind: 'records'; records: DnsRecord[]; ttlSeconds?: number }
  /** The name exists without such records. */
  | { kind: 'none' }
  | { kind: 'nxdomain' }
  | { kind: 'servfail' }
  /** No answer at all. */
  | { kind: 'silence' };

/** Replaces the answer to one question; null takes the replacement back. */
export type Overrides = ReadonlyMap<string, DnsAnswer>;
export const overrideKey = (name: string, type: RecordType) => `${type} ${name.toLowerCase().replace(/\.$/, '')}`;

export function answer(name: string, type: string, overrides: Overrides): DnsAnswer {
  const asked = name.toLowerCase().replace(/\.$/, '');
  const known = recordTypes.find((candidate) => candidate === type);
  const replaced = known && overrides.get(overrideKey(asked, known));
  if (replaced) return replaced;
  const address = addressOf(asked);
  if (known === 'A' && address !== null) return { kind: 'records', records: [{ type: 'A', data: address }] };
  // Addresses have names only where somebody put them.
  if (asked.endsWith('.arpa')) return { kind: 'nxdomain' };
  const facts = factsOf(asked);
  if (facts.kind === 'servfail') return { kind: 'servfail' };
  // A name with any replaced record exists, whatever the sandbox says of it.
  if (facts.kind === 'nxdomain')
    return recordTypes.some((other) => overrides.has(overrideKey(asked, other))) ? { kind: 'none' } : { kind: 'nxdomain' };
  if (known === 'MX' && facts.records.length > 0) return { kind: 'records', records: facts.records.map((data) => ({ type: 'MX', data })) };
  return { kind: 'none' };
}
