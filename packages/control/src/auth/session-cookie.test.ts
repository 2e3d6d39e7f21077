import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { cookieName, signedToken } from './session-cookie.ts';

const secret = 'a secret of more than thirty-two characters';
const sign = (token: string, by = secret): string =>
  encodeURIComponent(`${token}.${createHmac('sha256', by).update(token).digest('base64')}`);
const name = cookieName('session_token', false);

test('a token that we signed is read, wherever it stands among other cookies', () => {
  expect(signedToken(`${name}=${sign('abc')}`, name, secret)).toBe('abc');
  expect(signedToken(`theme=dark; ${name}=${sign('a.b.c')}; other=1`, name, secret)).toBe('a.b.c');
});

test('a token that is not signed, signed by another secret, or changed after it was signed is none', () => {
  for (const value of [
    'abc',
    'abc.',
    '.abc',
    '',
    sign('abc', `${secret}!`),
    sign('abc').replace('abc', 'abd'),
    `${sign('abc')}A`,
    '%E0%A4%A',
  ])
    expect(signedToken(`${name}=${value}`, name, secret), value).toBeNull();
});

test('of two cookies of the name the first counts, and a name that only ends alike is another', () => {
  expect(signedToken(`${name}=wrong; ${name}=${sign('abc')}`, name, secret)).toBeNull();
  expect(signedToken(`x${name}=${sign('abc')}`, name, secret)).toBeNull();
  expect(signedToken(`${name}=${sign('abc')}`, cookieName('session_token', true), secret)).toBeNull();
});
