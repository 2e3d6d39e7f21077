// Whether receivers will find the name of a source in order: its address has a reverse name, that name leads back to the address, and it is
// the name that the source says in EHLO. Many providers refuse mail of addresses without these. RFC 1912 section 2.1, RFC 5321 section 4.1.1.1
import { isIPv4 } from 'node:net';
import type { NameState } from '@sluice/contract';

/** The name under which the PTR record of an address stands. RFC 1035 section 3.5, RFC 3596 section 2.5 */
export function reverseNameOf(address: string): string {
  if (isIPv4(address)) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
  const [head = '', tail] = address.toLowerCase().split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':').flatMap(groupOf));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0000');
  const nibbles = [...left, ...zeros, ...right].join('');
  return `${nibbles.split('').toReversed().join('.')}.ip6.arpa`;
}

function groupOf(group: string): string[] {
  if (!isIPv4(group)) return [group.padStart(4, '0')];
  const hex = group.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return [`${hex[0]}${hex[1]}`, `${hex[2]}${hex[3]}`];
}

/** What DNS says: names of the address, addresses of each of them, addresses of the EHLO name. Null: no answer now. */
export type NameFacts = {
  address: string;
  ehloName: string;
  names: readonly string[] | null;
  forward: ReadonlyMap<string, readonly string[] | null>;
  ehloAddresses: readonly string[] | null;
};

/** `finding`: what is the case. `remedy`: what to do; empty when all is well. */
export type NameFinding = { state: NameState; finding: string; remedy: string };

export function judgeNames({ address, ehloName, names, forward, ehloAddresses }: NameFacts): NameFinding {
  if (names === null) return { state: 'unanswered', finding: `DNS gave no answer about ${address}`, remedy: 'It is asked again.' };
  if (names.length === 0)
    return {
      state: 'no_reverse_name',
      finding: `${address} has no reverse name`,
      remedy: `Ask the owner of the network for a PTR record of ${address} that names ${ehloName}.`,
    };
  const confirmed = names.filter((name) => forward.get(name)?.includes(address) === true);
  if (confirmed.length === 0) {
    if (names.some((name) => forward.get(name) === null))
      return { state: 'unanswered', finding: `DNS gave no answer about ${names.join(', ')}`, remedy: 'It is asked again.' };
    return {
      state: 'not_confirmed',
      finding: `${address} is called ${names.slice(0, 3).join(', ')}, and no such name leads back to it`,
      remedy: `Give ${names[0]} an address record with ${address}, or change the PTR record to a name that has one.`,
    };
  }
  if (confirmed.includes(ehloName)) return { state: 'good', finding: `${address} is called ${ehloName} and back`, remedy: '' };
  // RFC 5321 section 4.1.1.1: the name in EHLO is to resolve; providers want it to resolve to who speaks.
  if (ehloAddresses !== null && !ehloAddresses.includes(address))
    return {
      state: 'ehlo_unknown',
      finding: `the source says ${ehloName} in EHLO, which does not lead to ${address}; its reverse name is ${confirmed[0]}`,
      remedy: `Let the source say ${confirmed[0]} in EHLO, or give ${ehloName} an address record and the PTR record that name.`,
    };
  return {
    state: 'ehlo_differs',
    finding: `the source says ${ehloName} in EHLO; its reverse name is ${confirmed[0]}`,
    remedy: `Let the source say ${confirmed[0]} in EHLO, or change the PTR record to ${ehloName}. Some receivers hold a difference against it.`,
  };
}
