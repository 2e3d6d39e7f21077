// What a client may not say, and what a page may not do.
import { expect, test } from 'vitest';
import { contentSecurityPolicy, stripClientHeaders } from './headers.ts';

test('takes away every header by which a client could claim an address or reach inside Next', () => {
  const headers = {
    host: 'localhost',
    cookie: 'a=b',
    'x-forwarded-for': '1.1.1.1',
    'x-forwarded-host': 'evil',
    'x-real-ip': '1.1.1.1',
    forwarded: 'for=1.1.1.1',
    'x-middleware-subrequest': 'x',
    'x-nonce': 'mine',
    'content-security-policy': "script-src 'nonce-mine'",
    'x-sluice-peer': '1.1.1.1',
  };
  stripClientHeaders(headers);
  expect(headers).toEqual({ host: 'localhost', cookie: 'a=b' });
});
test('allows no inline script, no eval, no framing and no foreign origin', () => {
  const policy = contentSecurityPolicy('abc');
  const scripts = policy.split('; ').find((part) => part.startsWith('script-src'));
  expect(scripts).toBe("script-src 'nonce-abc' 'strict-dynamic'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe-eval|https?:|\*/);
});
