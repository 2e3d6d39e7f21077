// The Host check, alone.
import { expect, test } from 'vitest';
import { hostAllowed } from './host.ts';

test('refuses a name that points here but is not ours', () => {
  expect(hostAllowed('evil.example', null)).toBe(false);
  expect(hostAllowed('evil.example:3000', 'https://mail.example.com')).toBe(false);
  expect(hostAllowed('mail.example.com.evil.example', 'https://mail.example.com')).toBe(false);
});
test('accepts the public name with its port only', () => {
  expect(hostAllowed('mail.example.com', 'https://mail.example.com')).toBe(true);
  expect(hostAllowed('MAIL.example.com', 'https://mail.example.com')).toBe(true);
  expect(hostAllowed('mail.example.com:8443', 'https://mail.example.com')).toBe(false);
});
test('accepts loopback, and addresses as long as no public URL is set', () => {
  expect(hostAllowed('localhost:3000', null)).toBe(true);
  expect(hostAllowed('[::1]:3000', 'https://mail.example.com')).toBe(true);
  expect(hostAllowed('192.0.2.1:3000', null)).toBe(true);
  expect(hostAllowed('192.0.2.1:3000', 'https://mail.example.com')).toBe(false);
});
test('refuses a missing or malformed Host', () => {
  expect(hostAllowed(undefined, null)).toBe(false);
  expect(hostAllowed('a b', null)).toBe(false);
  expect(hostAllowed('user@127.0.0.1', null)).toBe(false);
  expect(hostAllowed('', null)).toBe(false);
});
