// The text of an API key.
import { expect, test } from 'vitest';
import { hashOf, makeKeyText, prefixOf, sentKey, whichHash } from './key-text.ts';

const bearer = (text: string) => new Headers({ authorization: `Bearer ${text}` });

test('a text has 256 random bits behind a prefix that finds it, and no two are the same', () => {
  const texts = Array.from({ length: 200 }, () => makeKeyText());
  for (const { text, prefix, hash } of texts) {
    expect(prefixOf(text)).toBe(prefix);
    expect(Buffer.from(text.slice(`slk_${prefix}_`.length), 'base64url')).toHaveLength(32);
    expect(hash.equals(hashOf(text))).toBe(true);
  }
  expect(new Set(texts.map(({ prefix }) => prefix)).size).toBe(200);
  expect(new Set(texts.map(({ text }) => text)).size).toBe(200);
});

test('a new secret for an old prefix is another key text', () => {
  const old = makeKeyText();
  const next = makeKeyText(old.prefix);
  expect(next.prefix).toBe(old.prefix);
  expect(next.text).not.toBe(old.text);
});

test('the hash kept tells the current text from the one before it, and both from any other', () => {
  const [now, before, other] = [makeKeyText('abcdefghij'), makeKeyText('abcdefghij'), makeKeyText('abcdefghij')];
  const kept = { current: now.hash, previous: before.hash };
  expect([now, before, other].map(({ text }) => whichHash(text, kept))).toEqual(['current', 'previous', null]);
  expect(whichHash(now.text, { current: null, previous: null })).toBeNull();
  expect(whichHash(before.text, { current: now.hash, previous: null })).toBeNull();
});

test('what is sent as a key is one, well formed or not; the token of this machine is none', () => {
  const { text } = makeKeyText();
  expect(sentKey(bearer(text))).toBe(text);
  expect(sentKey(bearer('slk_nonsense'))).toBe('slk_nonsense');
  expect(sentKey(bearer('some-other-token'))).toBeNull();
  expect(sentKey(new Headers({ authorization: `Basic ${text}` }))).toBeNull();
  expect(sentKey(new Headers())).toBeNull();
});

test.each([
  'slk_',
  'slk_abc_def',
  `slk_ABCDEFGHIJ_${'a'.repeat(43)}`,
  `slk_abcdefghij_${'a'.repeat(42)}`,
  `slk_abcdefghij_${'a'.repeat(44)}`,
])('%s is no key text', (text) => {
  expect(prefixOf(text)).toBeNull();
});
