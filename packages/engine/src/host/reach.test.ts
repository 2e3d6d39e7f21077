// What an address that a stranger named may not be: every lie of a DNS answer is a row here.
import { describe, expect, it } from 'vitest';
import { parseIp } from './address.ts';
import { unreachable, type Reach } from './reach.ts';

const why = (address: string, reach: Reach): string | null => {
  const ip = parseIp(address);
  if (!ip) throw new Error(address);
  return unreachable(ip, reach);
};

describe('an address named by DNS', () => {
  it.each([
    ...['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '0.0.0.0', '0.1.2.3', '::', '224.0.0.1', '255.255.255.255', 'ff02::1'],
    ...['169.254.169.254', 'fe80::1', 'febf::1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
  ])('is never %s, whatever the setting', (address) => {
    expect(why(address, 'public')).not.toBeNull();
    expect(why(address, 'private')).not.toBeNull();
  });

  it.each([
    ...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.3.4', '100.64.0.1', '100.127.255.255'],
    ...['fc00::1', 'fdff::1', 'fec0::1', '::ffff:10.1.2.3', '64:ff9b::a00:1', '2002:c0a8:1::1'],
  ])('is %s only where private hosts are allowed', (address) => {
    expect(why(address, 'public')).not.toBeNull();
    expect(why(address, 'private')).toBeNull();
  });

  it.each([
    '9.255.255.255',
    '11.0.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '223.0.0.1',
  ])('may be %s, next to a private network', (address) => expect(why(address, 'public')).toBeNull());
  it.each(['2001:db8::1', '2a00::1', 'fbff::1', '64:ff9b::808:808', '2002:808:808::1', '1::2'])('may be %s', (address) =>
    expect(why(address, 'public')).toBeNull(),
  );
});

it('an operator may name any host, but only a host', () => {
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', 'fe80::1', '192.0.2.1']) expect(why(address, 'any')).toBeNull();
  for (const address of ['0.0.0.0', '::', '239.1.1.1']) expect(why(address, 'any')).not.toBeNull();
});
