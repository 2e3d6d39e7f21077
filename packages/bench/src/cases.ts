// The cases of the published table, in its order. What a case does not name is as in the first.
import type { Load } from './throughput/load.ts';

export type BenchCase = { name: string; dkim: boolean; load: Load };

const largeBytes = 102_400;
/** A large message moves 25 times the octets: fewer of them take as long. */
const largeShare = 5;
const manyDomains = 100_000;

export function tableCases(messages: number): BenchCase[] {
  const plain: Load = { messages, sizeBytes: 4096, domains: 1, tls: false, single: false, rttMs: 0 };
  const large = { ...plain, sizeBytes: largeBytes, messages: Math.ceil(messages / largeShare) };
  return [
    { name: '4 KB, signed', dkim: true, load: plain },
    { name: '4 KB', dkim: false, load: plain },
    { name: '100 KB, signed', dkim: true, load: large },
    { name: '4 KB, signed, STARTTLS at both ends', dkim: true, load: { ...plain, tls: true } },
    { name: '4 KB, signed, one message a connection', dkim: true, load: { ...plain, single: true } },
    { name: '4 KB, signed, 100,000 domains, 16 sources', dkim: true, load: { ...plain, domains: manyDomains } },
  ];
}
