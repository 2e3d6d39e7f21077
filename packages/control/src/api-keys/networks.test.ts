// Networks of an API key: what may be written, and who is in them.
import { expect, test } from 'vitest';
import { inNetworks, networksOf } from './networks.ts';

test('an address alone is a network of one, and every network is kept once', () => {
  expect(networksOf(['192.0.2.7', '192.0.2.7/32', '2001:DB8::1', '10.0.0.0/8', '::/0'])).toEqual([
    '192.0.2.7/32',
    '2001:db8::1/128',
    '10.0.0.0/8',
    '::/0',
  ]);
});

test.each(['192.0.2.7/24', '2001:db8::1/64', '::ffff:192.0.2.0/120', '::ffff:192.0.2.1'])('%s is refused', (network) => {
  expect(() => networksOf([network])).toThrow('networks:');
});

test.each([
  ['192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.3.7', ['192.0.2.0/24'], false],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
  ['192.0.2.7', ['198.51.100.0/24', '192.0.2.7/32'], true],
  ['2001:db8::5', ['2001:db8::/64'], true],
  ['2001:db8:0:1::5', ['2001:db8::/64'], false],
  ['fe80::1%eth0', ['fe80::/10'], true],
  ['192.0.2.7', ['::/0'], false],
  ['2001:db8::5', ['0.0.0.0/0'], false],
  ['192.0.2.7', ['0.0.0.0/0'], true],
  ['192.0.2.7', [], true],
  ['not an address', ['0.0.0.0/0', '::/0'], false],
  ['', ['0.0.0.0/0'], false],
])('%s in %j: %s', (address, networks, expected) => {
  expect(inNetworks(address, networks)).toBe(expected);
});
