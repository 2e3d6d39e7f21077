// What is refused as a password, and that ordinary good ones are not.
import { expect, test } from 'vitest';
import { passwordProblem } from './password-rules.ts';

const whose = { email: 'olive.owner@sluice.example', name: 'Olive Owner' };

test.each([
  'password1234',
  'Password!2026',
  'P@ssw0rd2026!',
  'passwordpassword',
  'qwertyuiop12',
  '123456789012',
  'abcdefghijkl',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'olive.owner@sluice.example',
  'oliveowner2026',
  'Owner-Olive-1',
  'sluice.example',
])('%s is refused', (password) => {
  expect(passwordProblem(password, whose)).not.toBeNull();
});

test.each([
  'correct horse battery staple',
  'another long pass phrase',
  'olive trees grow slowly',
  'J7#kd93ms!2x',
  'パスワードは長い文がよい',
  'my password is a sentence',
])('%s is taken', (password) => {
  expect(passwordProblem(password, whose)).toBeNull();
});
