// Secrets that the installation makes for itself, once: each in its own 0600 file in a 0700 folder, written whole or not at all.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, fsyncSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const secretBytes = 32;

/** Writes a file that only its owner reads, durable before it takes its name. */
export function writePrivateFile(path: string, content: string): void {
  const temporary = `${path}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

function madeOnce(path: string, encoding: 'base64' | 'base64url'): string {
  if (!existsSync(path)) writePrivateFile(path, `${randomBytes(secretBytes).toString(encoding)}\n`);
  return readFileSync(path, 'utf8').trim();
}

export type InstallationSecrets = {
  /** Files for the children's `*_FILE` settings. */
  keyFile: string;
  /** There while the key-encryption key is being changed. */
  oldKeyFile: string;
  sessionSecretFile: string;
  localTokenFile: string;
  localToken: string;
  passwords: { console: string; engine: string; audit: string };
};

/** `makeKey` is false when the operator holds the key-encryption key: then none is left lying about. */
export function installationSecrets(folder: string, makeKey: boolean): InstallationSecrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const file = (name: string) => join(folder, name);
  if (makeKey) madeOnce(file('key'), 'base64');
  madeOnce(file('session-secret'), 'base64url');
  const localToken = madeOnce(file('local-token'), 'base64url');
  const password = (role: string) => madeOnce(file(`database-${role}`), 'base64url');
  return {
    keyFile: file('key'),
    oldKeyFile: file('old-key'),
    sessionSecretFile: file('session-secret'),
    localTokenFile: file('local-token'),
    localToken,
    passwords: { console: password('console'), engine: password('engine'), audit: password('audit') },
  };
}
