// The proxy walk, alone: who may say where a request came from.
import { describe, expect, test } from 'vitest';
import { peerAddress, plainAddress, trustedProxies } from './peer.ts';

const none = trustedProxies([]);
const proxies = trustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48']);

describe('the peer address', () => {
  test('is the socket address when no proxy is trusted, whatever the caller forwards', () => {
    expect(peerAddress('198.51.100.9', '203.0.113.1', none)).toBe('198.51.100.9');
    expect(peerAddress('127.0.0.1', '203.0.113.1, 10.0.0.1', none)).toBe('127.0.0.1');
  });
  test('is the entry that the trusted proxy appended', () => {
    expect(peerAddress('10.1.2.3', '198.51.100.9', proxies)).toBe('198.51.100.9');
  });
  test('ignores entries left of the first untrusted one', () => {
    expect(peerAddress('10.1.2.3', '1.1.1.1, 127.0.0.1, 198.51.100.9', proxies)).toBe('198.51.100.9');
  });
  test('is found through a chain of trusted proxies of both families', () => {
    expect(peerAddress('2001:db8:1::5', '198.51.100.9, 192.0.2.7, 10.9.9.9', proxies)).toBe('198.51.100.9');
  });
  test('is the last proxy when every entry is a trusted proxy', () => {
    expect(peerAddress('10.1.2.3', '10.0.0.2, 10.0.0.3', proxies)).toBe('10.0.0.2');
  });
  test('stays with the proxy when its entry cannot be read', () => {
    expect(peerAddress('10.1.2.3', '198.51.100.9, <script>', proxies)).toBe('10.1.2.3');
    expect(peerAddress('10.1.2.3', '', proxies)).toBe('10.1.2.3');
  });
  test('is taken from entries that carry a port', () => {
    expect(peerAddress('10.1.2.3', '198.51.100.9:4711', proxies)).toBe('198.51.100.9');
    expect(peerAddress('10.1.2.3', '[2001:db8:9::1]:4711', proxies)).toBe('2001:db8:9::1');
  });
  test('of a mapped IPv4 address is the IPv4 address', () => {
    expect(plainAddress('::ffff:10.1.2.3')).toBe('10.1.2.3');
    expect(peerAddress('::ffff:10.1.2.3', '198.51.100.9', proxies)).toBe('198.51.100.9');
  });
  test('looks at a bounded number of entries', () => {
    expect(peerAddress('10.1.2.3', `198.51.100.9, ${Array.from({ length: 40 }, () => '10.0.0.1').join(', ')}`, proxies)).toBe('10.0.0.1');
  });
});
