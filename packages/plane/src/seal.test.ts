// What sealing promises: only the right key opens, nothing can be moved or altered, and a wrong key is a value, not a crash.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { isKekCheckValue, kekIdOf, makeKekCheckValue, openSecret, sealSecret } from './index.ts';

const id = '01890000-0000-7000-8000-000000000001';
const aad = 'dkim_key:01890000-0000-7000-8000-000000000002';
const key = randomBytes(32);
const us = { id: kekIdOf(key), key };
const plain = Buffer.from('-----BEGIN PRIVATE KEY-----');

test('a secret opens with each recipient it was sealed for', () => {
  const other = { id: 'node-1', key: randomBytes(32) };
  const sealed = sealSecret(plain, { id, aad }, [us, other]);
  for (const recipient of [us, other]) expect(openSecret(sealed, recipient)).toEqual({ ok: true, plain });
});

test('sealing twice gives different ciphertexts', () => {
  expect(sealSecret(plain, { id, aad }, [us]).ciphertext).not.toBe(sealSecret(plain, { id, aad }, [us]).ciphertext);
});

test('nothing of the plain text is in the sealed secret', () => {
  expect(Buffer.from(sealSecret(plain, { id, aad }, [us]).ciphertext, 'base64').includes(plain)).toBe(false);
});

test('the wrong key opens nothing and says so', () => {
  const sealed = sealSecret(plain, { id, aad }, [us]);
  expect(openSecret(sealed, { id: us.id, key: randomBytes(32) })).toEqual({ ok: false, code: 'wrong_key' });
  expect(openSecret(sealed, { id: 'somebody', key })).toEqual({ ok: false, code: 'not_for_us' });
  expect(openSecret(sealed, { id: 'toString', key })).toEqual({ ok: false, code: 'not_for_us' });
});

test('a secret put into another record does not open', () => {
  const sealed = sealSecret(plain, { id, aad }, [us]);
  expect(openSecret({ ...sealed, aad: 'dkim_key:other' }, us)).toEqual({ ok: false, code: 'damaged' });
  expect(openSecret({ ...sealed, id: '01890000-0000-7000-8000-000000000009' }, us)).toEqual({ ok: false, code: 'wrong_key' });
});

test('any altered byte of the ciphertext or the wrap is noticed', () => {
  const sealed = sealSecret(plain, { id, aad }, [us]);
  const flipped = (text: string, at: number) => {
    const bytes = Buffer.from(text, 'base64');
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes.toString('base64');
  };
  const wrap = sealed.wraps[us.id] ?? '';
  for (let at = 0; at < Buffer.from(sealed.ciphertext, 'base64').length; at += 1)
    expect(openSecret({ ...sealed, ciphertext: flipped(sealed.ciphertext, at) }, us).ok).toBe(false);
  for (let at = 0; at < Buffer.from(wrap, 'base64').length; at += 1)
    expect(openSecret({ ...sealed, wraps: { [us.id]: flipped(wrap, at) } }, us).ok).toBe(false);
  expect(openSecret({ ...sealed, ciphertext: '' }, us)).toEqual({ ok: false, code: 'damaged' });
});

test('the check value fits its key alone, and neither it nor the id holds the key', () => {
  const value = makeKekCheckValue(key);
  expect(isKekCheckValue(key, value)).toBe(true);
  expect(isKekCheckValue(randomBytes(32), value)).toBe(false);
  expect(isKekCheckValue(key, '')).toBe(false);
  expect(Buffer.from(value, 'base64').equals(key)).toBe(false);
  expect(kekIdOf(key)).not.toContain(key.toString('hex').slice(0, 16));
});

test('a key of another length is refused', () => {
  expect(() => kekIdOf(randomBytes(16))).toThrow('32 bytes');
  expect(() => sealSecret(plain, { id, aad }, [{ id: 'x', key: randomBytes(31) }])).toThrow('32 bytes');
  expect(() => sealSecret(plain, { id, aad }, [])).toThrow('recipients');
});
