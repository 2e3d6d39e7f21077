// Who shares a count with whom, by a clock that moves only when told.
import { expect, test } from 'vitest';
import { makeRequestLimits, noRequestLimits, weightOf, type RequestRates } from './request-limits.ts';

let at = 0;
const now = () => new Date(at);
const limits = (rates: Partial<RequestRates>) => makeRequestLimits({ ...noRequestLimits, ...rates }, now);
const from = (address: string, loopback = false) => ({ address, loopback });
const none = new Headers();
const bearer = (text: string) => new Headers({ authorization: `Bearer ${text}` });
const cookie = (text: string) => new Headers({ cookie: text });
/** How many of `times` get through. */
const through = (times: number, take: () => number): number => Array.from({ length: times }, take).filter((wait) => wait === 0).length;

test('an address has 20 seconds of its rate at once, then is told how long to wait, and that is enough', () => {
  const it = limits({ perAddress: 2 });
  expect(through(50, () => it.admit(none, from('192.0.2.1'), 1))).toBe(40);
  const wait = it.admit(none, from('192.0.2.1'), 20);
  expect(wait).toBe(10);
  at += wait * 1000;
  expect(it.admit(none, from('192.0.2.1'), 20)).toBe(0);
  expect(it.admit(none, from('192.0.2.2'), 20)).toBe(0);
});

test('all of an IPv6 /64 are one address; IPv4 written as IPv6 is IPv4', () => {
  const it = limits({ perAddress: 1 });
  expect(through(30, () => it.admit(none, from('2001:db8:1:2::9'), 1))).toBe(20);
  expect(it.admit(none, from('2001:db8:1:2:ffff::1'), 1)).toBe(1);
  expect(it.admit(none, from('2001:db8:1:3::1'), 1)).toBe(0);
  expect(through(30, () => it.admit(none, from('::ffff:192.0.2.5'), 1))).toBe(20);
  expect(it.admit(none, from('192.0.2.5'), 1)).toBe(1);
});

test('a call from this machine itself is not counted by address, but by its key and session', () => {
  const it = limits({ perAddress: 1, perKey: 1, perSession: 1 });
  expect(through(100, () => it.admit(none, from('127.0.0.1', true), 1))).toBe(100);
  expect(through(100, () => it.admit(bearer('slk_a'), from('127.0.0.1', true), 1))).toBe(20);
  expect(through(100, () => it.admit(cookie('sluice.session_token=a.sig'), from('127.0.0.1', true), 1))).toBe(20);
});

test('a key has its own count wherever it is used from; another key, true or false, does not touch it', () => {
  const it = limits({ perKey: 1 });
  let n = 0;
  expect(through(50, () => it.admit(bearer('slk_one'), from(`192.0.2.${(n += 1)}`), 1))).toBe(20);
  expect(it.admit(bearer('slk_two'), from('192.0.2.1'), 1)).toBe(0);
});

test('a session is counted by its token, whatever its signature and the cookies around it say', () => {
  const it = limits({ perSession: 1 });
  expect(through(50, () => it.admit(cookie('theme=dark; sluice.session_token=abc.sig'), from('192.0.2.1'), 1))).toBe(20);
  expect(it.admit(cookie('__Secure-sluice.session_token=abc.other; x=y'), from('192.0.2.1'), 1)).toBe(1);
  expect(it.admit(cookie('__Host-sluice.session_token=abc.other'), from('192.0.2.1'), 1)).toBe(1);
  expect(it.admit(cookie('sluice.session_token=abcd.sig'), from('192.0.2.1'), 1)).toBe(0);
});

test('the token of this machine has no count of its own', () => {
  const it = limits({ perKey: 1, perSession: 1 });
  expect(through(100, () => it.admit(bearer('local'), from('127.0.0.1', true), 1))).toBe(100);
});

test('a rate of 0 sets no limit', () => {
  const it = limits({});
  expect(through(10_000, () => it.admit(bearer('slk_a'), from('192.0.2.1'), 20))).toBe(10_000);
});

test.each([
  ['/api/trpc/sources.list', 1],
  ['/api/trpc/sources.list,pools.list', 2],
  ['/api/trpc/sources.list%2Cpools.list%2cnodes.list', 3],
  [`/api/trpc/${new Array<string>(500).fill('a.b').join(',')}`, 20],
  ['/api/auth/sign-in/email', 1],
])('%s counts as %i', (path, weight) => {
  expect(weightOf(path)).toBe(weight);
});
