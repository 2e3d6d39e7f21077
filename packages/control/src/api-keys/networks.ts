// Where an API key may be used from: CIDR networks of both families, written in one form, and whether an address is in them.
import { BlockList, isIP } from 'node:net';
import { Refusal } from '../refusal.ts';
import { hasHostBits } from '../tenants/network.ts';

/** An IPv4 address that arrives as IPv6 is the IPv4 address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '');

/** The networks as they are kept; an address alone is a network of one. The contract has checked that each is one or the other. */
export function networksOf(written: readonly string[]): string[] {
  const networks = written.map((network) => {
    const [base = '', length] = network.toLowerCase().split('/');
    if (/^::ffff:/.test(base)) throw new Refusal('BAD_REQUEST', `networks: write ${network} as an IPv4 network`);
    const cidr = `${base}/${length ?? (isIP(base) === 6 ? '128' : '32')}`;
    if (hasHostBits(cidr))
      throw new Refusal('BAD_REQUEST', `networks: ${network} has address bits below its prefix; write the network's first address`);
    return cidr;
  });
  return [...new Set(networks)];
}

/** No networks let every address in; an address that is none is in no network. */
export function inNetworks(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  const peer = plain(address);
  const family = isIP(peer);
  if (family === 0) return false;
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', length = ''] = network.split('/');
    // A list of both would find an IPv4 address in `::/0` too.
    if (isIP(base) === family) list.addSubnet(base, Number(length), family === 6 ? 'ipv6' : 'ipv4');
  }
  return list.check(peer, family === 6 ? 'ipv6' : 'ipv4');
}
