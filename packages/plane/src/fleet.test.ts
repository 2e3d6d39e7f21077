import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeBox, openBox } from './box.ts';
import {
  fingerprintOf,
  fleetIdOf,
  fleetRecipient,
  kekIdOf,
  makeKeyPair,
  nodeKeyIdOf,
  nodeKeyPair,
  openFleetShare,
  openSecret,
  rewrapSecret,
  sealSecret,
  shareFleetKey,
} from './index.ts';

const kekBytes = randomBytes(32);
const kek = { id: kekIdOf(kekBytes), key: kekBytes };
const [fleet, next, node, other] = [makeKeyPair(), makeKeyPair(), makeKeyPair(), makeKeyPair()];
const plain = Buffer.from('a private key');
const named = { id: '01890000-0000-7000-8000-000000000001', aad: 'dkim_key:1' };

test('a box opens for its pair, with its words, and for nobody else', () => {
  const box = closeBox(node.publicKey, plain, 'words');
  expect(openBox(node, box, 'words')).toEqual(plain);
  expect(openBox(other, box, 'words')).toBeUndefined();
  expect(openBox(node, box, 'other words')).toBeUndefined();
  const bytes = Buffer.from(box, 'base64');
  for (let at = 0; at < bytes.length; at += 7) {
    const torn = Buffer.from(bytes);
    torn[at] = (torn[at] ?? 0) ^ 1;
    expect(openBox(node, torn.toString('base64'), 'words')).toBeUndefined();
  }
  expect(openBox(node, bytes.subarray(0, 40).toString('base64'), 'words')).toBeUndefined();
  expect(openBox(node, Buffer.alloc(100).toString('base64'), 'words')).toBeUndefined();
  expect(closeBox(node.publicKey, plain, 'words')).not.toBe(box);
});

test('an enrolled node opens a secret with its share of the fleet key, and another node does not', () => {
  const sealed = sealSecret(plain, named, [kek, fleetRecipient(fleet.publicKey)]);
  const share = { fleetId: fleetIdOf(fleet.publicKey), publicKey: fleet.publicKey, box: shareFleetKey(fleet, node.publicKey) };
  const opener = openFleetShare(node, share);
  expect(opener && openSecret(sealed, opener)).toEqual({ ok: true, plain });
  expect(openSecret(sealed, kek)).toEqual({ ok: true, plain });
  expect(openFleetShare(other, share)).toBeUndefined();
  expect(openFleetShare(node, { ...share, publicKey: next.publicKey })).toBeUndefined();
  expect(opener && openSecret({ ...sealed, aad: 'setting:1:auth' }, opener)).toEqual({ ok: false, code: 'damaged' });
  expect(opener && openSecret({ ...sealed, id: '01890000-0000-7000-8000-000000000002' }, opener)).toEqual({ ok: false, code: 'wrong_key' });
});

test('a secret that is wrapped anew opens for the new recipients only, from either of the old ones', () => {
  const sealed = sealSecret(plain, named, [kek, fleetRecipient(fleet.publicKey)]);
  const fresh = randomBytes(32);
  const nextKek = { id: kekIdOf(fresh), key: fresh };
  const recipients = [nextKek, fleetRecipient(next.publicKey)];
  const rewrapped = rewrapSecret(sealed, [nextKek, kek], recipients);
  expect(rewrapped && openSecret(rewrapped, nextKek)).toEqual({ ok: true, plain });
  expect(rewrapped && openSecret(rewrapped, { id: fleetIdOf(next.publicKey), ...next })).toEqual({ ok: true, plain });
  expect(rewrapped && openSecret(rewrapped, kek)).toEqual({ ok: false, code: 'not_for_us' });
  expect(rewrapped?.ciphertext).toBe(sealed.ciphertext);
  expect(rewrapSecret(sealed, [nextKek], recipients)).toBeNull();
});

test('ids say which key it is and nothing of its private half', () => {
  expect(nodeKeyIdOf(node.publicKey)).toMatch(/^node-[0-9a-f]{16}$/);
  expect(fleetIdOf(node.publicKey)).not.toContain(nodeKeyIdOf(node.publicKey).slice('node-'.length));
  expect(fingerprintOf('node-0123456789abcdef')).toBe('0123 4567 89ab cdef');
});

test('a node makes its key once, for its own eyes only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-node-key-'));
  const path = join(folder, 'keys', 'node-key');
  const pair = nodeKeyPair(path);
  expect(nodeKeyPair(path)).toEqual(pair);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'keys')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, 'keys'))).toEqual(['node-key']);
  rmSync(folder, { recursive: true });
});
