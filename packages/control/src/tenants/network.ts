// A network as an operator wrote it: well formed beyond what the contract checks. Bits below the prefix mean that something else was
// meant, and a network so wide that it is half the internet would make an open relay.
import { isIPv4 } from 'node:net';
import { Refusal } from '../refusal.ts';

const shortestPrefix = { 4: 8, 6: 32 } as const;

export function assertNetwork(cidr: string): void {
  const problem = networkProblem(cidr);
  if (problem !== null) throw new Refusal('BAD_REQUEST', `cidr: ${problem}`);
}

/** Why it cannot be the network of a relay; null when it can. */
export function networkProblem(cidr: string): string | null {
  const [address = '', length = ''] = cidr.split('/');
  const family = isIPv4(address) ? 4 : 6;
  const prefix = Number(length);
  if (prefix < shortestPrefix[family]) return `a relay's network has at least a /${shortestPrefix[family]} prefix`;
  return hasHostBits(cidr) ? `${cidr} has address bits below its prefix; write the network's first address` : null;
}

/** Bits below the prefix that are set. The contract has checked that it is a network. */
export function hasHostBits(cidr: string): boolean {
  const [address = '', length = ''] = cidr.split('/');
  const bits = isIPv4(address) ? 32 : 128;
  return (numberOf(address) & ((1n << BigInt(bits - Number(length))) - 1n)) !== 0n;
}

/** The address as one number. The contract has checked that it is one. */
function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = '', tail] = address.split('::');
  const groups = (text: string): bigint[] =>
    text
      .split(':')
      .filter(Boolean)
      .flatMap((group) => (group.includes('.') ? [numberOf(group) >> 16n, numberOf(group) & 0xffffn] : [BigInt(`0x${group}`)]));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = new Array<bigint>(Math.max(0, 8 - left.length - right.length)).fill(0n);
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
}
