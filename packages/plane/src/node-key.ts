// The key pair of one node, in a file that only its account reads. Made on the first start and never sent anywhere; its public half is what
// an operator enrols.
import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeKeyPair, rawKeyBytes, type KeyPair } from './box.ts';

function isRaw(text: unknown): text is string {
  return typeof text === 'string' && Buffer.from(text, 'base64').length === rawKeyBytes;
}

function read(path: string): KeyPair | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const { publicKey, privateKey } = JSON.parse(text) as Partial<KeyPair>;
  if (!isRaw(publicKey) || !isRaw(privateKey)) throw new Error(`${path} holds no key pair`);
  return { publicKey, privateKey };
}

/** Reads the pair, or makes it: whole, on disk and 0600 before it has its name. Of two makers at once, one wins and both get its pair. */
export function nodeKeyPair(path: string): KeyPair {
  const known = read(path);
  if (known) return known;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const pair = makeKeyPair();
  const temporary = `${path}.${randomUUID()}`;
  const handle = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(pair)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  try {
    linkSync(temporary, path);
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    unlinkSync(temporary);
  }
  return read(path) ?? pair;
}
