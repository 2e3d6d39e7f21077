// Which of its three answers a look for a signing key gives.
import { generateKeyPairSync } from 'node:crypto';
import type { Configuration } from '@sluice/engine';
import { expect, test } from 'vitest';
import { signingKeys } from './signing-keys.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
const active = {
  schemaVersion: 1,
  id: 'k',
  tenantId: 't',
  domain: 'd.example',
  selector: 's',
  algorithm: 'rsa-sha256',
  publicKey: '',
  secretId: 'x',
  state: 'active',
} as const;

/** As much of a configuration as signing keys read. */
function configuration(key: typeof active | undefined): Configuration {
  const current = { signingKey: () => key } as Partial<Configuration['current']> as Configuration['current'];
  return { current, sealedSecret: () => undefined, onSecrets: () => () => undefined } as Partial<Configuration> as Configuration;
}
const keysWith = (key: typeof active | undefined, plain: Uint8Array | null) =>
  signingKeys(
    configuration(key),
    () => plain,
    () => undefined,
  );

test('a domain without an active key has none: its mail goes unsigned', () => {
  expect(keysWith(undefined, null).keyFor('t', 'd.example')).toBeNull();
});

test('an active key whose secret has not arrived, does not open or cannot be read is unavailable: its mail waits', () => {
  expect(keysWith(active, null).keyFor('t', 'd.example')).toBe('unavailable');
  expect(keysWith(active, Buffer.from('no key')).keyFor('t', 'd.example')).toBe('unavailable');
  expect(keysWith(active, Buffer.from(pem)).keyFor('t', 'd.example')).toMatchObject({ selector: 's', domain: 'd.example' });
});
