// Which paths need a session, and where signing in may lead.
import { expect, test } from 'vitest';
import { kindOf, safeNext, signInUrl } from './pages.ts';

test('every path that is not named open needs a session', () => {
  expect(kindOf('/')).toBe('page');
  expect(kindOf('/messages/abc')).toBe('page');
  expect(kindOf('/sign-in/x')).toBe('page');
  expect(kindOf('/_next/image')).toBe('page');
  expect(kindOf('/_next/static/../../x')).toBe('page');
  expect(kindOf('/%61pi/trpc')).toBe('page');
  expect(kindOf('/sign-in')).toBe('open-page');
  expect(kindOf('/api/trpc/session.me')).toBe('api');
  expect(kindOf('/apix')).toBe('page');
});
test('signing in leads back to the page asked for, and never to another site', () => {
  expect(signInUrl('/messages?recipient=a@b.example')).toBe('/sign-in?next=%2Fmessages%3Frecipient%3Da%40b.example');
  expect(safeNext('/messages?recipient=a@b.example')).toBe('/messages?recipient=a@b.example');
  for (const foreign of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/a\\b', '', null]) {
    expect(safeNext(foreign)).toBe('/');
  }
  expect(safeNext('/sign-in?next=/x')).toBe('/');
});
