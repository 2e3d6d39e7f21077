// Whose request is this? The address of the socket, unless that is a trusted proxy: then the X-Forwarded-For list is walked from its
// right end, which the nearest proxy wrote, and the first address that is not itself a trusted proxy is the peer. Everything further
// left was written by someone who is not trusted, so a caller who sends the header gains nothing. Sign-in limits count by this address.
import { BlockList, isIP } from 'node:net';

/** Most proxies in a row that are believed; a longer list is cut there. */
const maxHops = 32;

/** Reads addresses and CIDR blocks, as `readSettings` has checked them. */
export function trustedProxies(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', prefix] = network.split('/');
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(prefix), family);
  }
  return list;
}

/** IPv4 written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address; anything that is no address is null. */
export function plainAddress(text: string): string | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const address = mapped ?? text.replace(/%.*$/, '');
  return isIP(address) === 0 ? null : address;
}

/** An entry of X-Forwarded-For: an address, some proxies add a port. */
function listedAddress(entry: string): string | null {
  const text = entry.trim();
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1];
  return plainAddress(bracketed ?? withPort ?? text);
}

/**
 * The peer's address. `socketAddress` is what the kernel says; `forwardedFor` the header as received, or null.
 * An unreadable entry ends the walk at the last address that was vouched for.
 */
export function peerAddress(socketAddress: string, forwardedFor: string | null, trusted: BlockList): string {
  let peer = plainAddress(socketAddress) ?? socketAddress;
  if (forwardedFor === null) return peer;
  const entries = forwardedFor.split(',').slice(-maxHops).toReversed();
  for (const entry of entries) {
    if (!trusted.check(peer, isIP(peer) === 6 ? 'ipv6' : 'ipv4')) return peer;
    const next = listedAddress(entry);
    if (next === null) return peer;
    peer = next;
  }
  return peer;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export const isLoopback = (address: string | null): boolean =>
  address !== null && loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
