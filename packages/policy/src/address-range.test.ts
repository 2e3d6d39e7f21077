// A network as its addresses.
import { expect, test } from 'vitest';
import { addressesOf, filled } from './address-range.ts';

test('an IPv4 network gives the addresses that hosts may have', () => {
  expect(addressesOf('192.0.2.8/29', 100)).toEqual([9, 10, 11, 12, 13, 14].map((last) => `192.0.2.${last}`));
  expect(addressesOf('192.0.2.254/31', 100)).toEqual(['192.0.2.254', '192.0.2.255']);
  expect(addressesOf('192.0.2.7/32', 100)).toEqual(['192.0.2.7']);
  expect(addressesOf('10.0.0.0/23', 1000)?.at(255)).toBe('10.0.1.0');
});

test('an IPv6 network gives all of its addresses, in their shortest form', () => {
  expect(addressesOf('2001:db8::ffff:0/126', 100)).toEqual([
    '2001:db8::ffff:0',
    '2001:db8::ffff:1',
    '2001:db8::ffff:2',
    '2001:db8::ffff:3',
  ]);
  expect(addressesOf('::/127', 10)).toEqual(['::', '::1']);
  expect(addressesOf('2001:db8:0:1:1:1:1:1/128', 10)).toEqual(['2001:db8:0:1:1:1:1:1']);
});

test('a network that is larger than allowed gives none', () => {
  expect(addressesOf('10.0.0.0/8', 2000)).toBeNull();
  expect(addressesOf('2001:db8::/64', 2000)).toBeNull();
});

test('a template takes number and address', () => {
  expect(filled('bulk-{n}', '192.0.2.9', 3)).toBe('bulk-3');
  expect(filled('mta-{address}.example.com', '2001:db8::9', 1)).toBe('mta-2001-db8-9.example.com');
});
