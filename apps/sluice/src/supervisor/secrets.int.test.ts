// The installation's own secrets on disk.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettings } from '@sluice/contract/settings';
import { readFileSync } from 'node:fs';
import { installationSecrets } from './secrets.ts';

let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'sluice-secrets-')), 'secrets');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

test('each is made once, differs from the others, and is read by its owner only', () => {
  const first = installationSecrets(folder, true);
  expect(installationSecrets(folder, true)).toEqual(first);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const contents = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  expect(contents).toHaveLength(6);
  expect(new Set(contents).size).toBe(6);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('the settings read what was made', () => {
  const { keyFile, sessionSecretFile, localTokenFile } = installationSecrets(folder, true);
  const env = { SLUICE_KEY_FILE: keyFile, SLUICE_SESSION_SECRET_FILE: sessionSecretFile, SLUICE_LOCAL_TOKEN_FILE: localTokenFile };
  const read = readSettings(env, (path) => readFileSync(path, 'utf8'));
  expect(read.ok && read.settings.key?.length).toBe(32);
});

test('no key is made when the operator holds it', () => {
  installationSecrets(folder, false);
  expect(readdirSync(folder)).not.toContain('key');
});
