// Which addresses mail may be sent to, by who named them. MX records and address literals are written by strangers: they must not make us
// talk to ourselves or to hosts behind our firewall. A static route is written by an operator and may name any host.
import { isLoopback, isUnicastHost, type IpLiteral } from './address.ts';

/**
 * `public`: named by DNS or by a recipient. `private`: the same, where the setting privateHosts allows hosts of private networks.
 * `any`: named by an operator.
 */
export type Reach = 'public' | 'private' | 'any';

type Network = { bytes: readonly number[]; bits: number; what: string };
const network = (bytes: readonly number[], bits: number, what: string): Network => ({ bytes, bits, what });

const linkLocal: readonly Network[] = [network([169, 254], 16, 'link-local'), network([0xfe, 0x80], 10, 'link-local')];
const privateNetworks: readonly Network[] = [
  network([10], 8, 'private'), // RFC 1918 section 3
  network([172, 16], 12, 'private'),
  network([192, 168], 16, 'private'),
  network([100, 64], 10, 'shared address space'), // RFC 6598 section 7
  network([0xfc], 7, 'private'), // RFC 4193 section 3.1
  network([0xfe, 0xc0], 10, 'site-local'), // RFC 3879: deprecated, still not public
];

function inside({ bytes }: IpLiteral, { bytes: prefix, bits }: Network): boolean {
  return prefix.every((byte, index) => {
    const mask = (0xff << (8 - Math.min(8, bits - index * 8))) & 0xff;
    return ((bytes[index] ?? 0) & mask) === (byte & mask);
  });
}

const familyOf = (prefix: Network): 4 | 6 => ((prefix.bytes[0] ?? 0) >= 0xfc ? 6 : 4);
const found = (ip: IpLiteral, networks: readonly Network[]): Network | undefined =>
  networks.find((candidate) => familyOf(candidate) === ip.family && inside(ip, candidate));

const nat64 = network([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], 96, 'NAT64');
const compatible = network([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 96, 'IPv4-compatible');

/** The IPv4 address that an IPv6 one stands for: NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible (RFC 4291 section 2.5.5.1). */
function embedded(ip: IpLiteral): IpLiteral | null {
  if (ip.family === 4) return null;
  const is6to4 = ip.bytes[0] === 0x20 && ip.bytes[1] === 2;
  if (!is6to4 && !inside(ip, nat64) && (!inside(ip, compatible) || isLoopback(ip))) return null;
  const bytes = is6to4 ? ip.bytes.subarray(2, 6) : ip.bytes.subarray(12);
  return { family: 4, bytes, text: bytes.join('.') };
}

/** Why the address must not be dialled in internet mode; null when it may. */
export function unreachable(ip: IpLiteral, reach: Reach): string | null {
  if (!isUnicastHost(ip)) return `${ip.text} is not the address of a host`;
  if (reach === 'any') return null;
  if (isLoopback(ip)) return `${ip.text} is loopback`;
  const bad = found(ip, linkLocal) ?? (reach === 'public' ? found(ip, privateNetworks) : undefined);
  if (bad) return `${ip.text} is ${bad.what}`;
  const inner = embedded(ip);
  const why = inner && unreachable(inner, reach);
  return why ? `${ip.text} stands for an IPv4 address: ${why}` : null;
}
