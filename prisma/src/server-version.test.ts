import { expect, test } from 'vitest';
import { serverProblem, serverVersion } from './server-version.ts';

test('a version is read as the server numbers itself, before and after 10', () => {
  expect(serverVersion('150018')).toEqual({ major: 15, text: '15.18' });
  expect(serverVersion('180000')).toEqual({ major: 18, text: '18.0' });
  expect(serverVersion('100001')).toEqual({ major: 10, text: '10.1' });
  expect(serverVersion('90624')).toEqual({ major: 9, text: '9.6.24' });
});

test.each(['150000', '150018', '180004', '1000002'])('%s is new enough', (number) => {
  expect(serverProblem(number)).toBeNull();
});

test.each([
  ['149999', 'Postgres 14.9999 is too old: Sluice needs Postgres 15 or newer'],
  ['140011', 'Postgres 14.11 is too old: Sluice needs Postgres 15 or newer'],
  ['90624', 'Postgres 9.6.24 is too old: Sluice needs Postgres 15 or newer'],
])('%s is refused in one sentence that says what it is and what is needed', (number, sentence) => {
  expect(serverProblem(number)).toBe(sentence);
});

test.each(['', '15', '15.4', 'x', '-150000'])('a server that says "%s" is refused, since nothing is known of it', (text) => {
  expect(serverProblem(text)).toMatch(/does not say which version/);
});
