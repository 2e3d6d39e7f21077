import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CredentialBody } from '@sluice/contract';
import type { WithId } from '../config/generation.ts';
import { systemRandom } from '../host/index.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { Authenticator } from './authenticate.ts';

function credentialFor(password: string, changes: Partial<CredentialBody> = {}): WithId<CredentialBody> {
  const salt = Buffer.from('0123456789abcdef');
  const salted = pbkdf2Sync(password, salt, 4096, 32, 'sha256');
  const storedKey = createHash('sha256').update(createHmac('sha256', salted).update('Client Key').digest()).digest('base64');
  const verifier = { salt: salt.toString('base64'), iterations: 4096, storedKey, serverKey: '' };
  const tenant = '00000000-0000-4000-8000-000000000001';
  const owner = { tenantId: tenant, streamId: tenant, username: 'mailer' };
  return { id: tenant, schemaVersion: 1, ...owner, verifier, verifierFingerprint: null, enabled: true, ...changes };
}

describe('Authenticator', () => {
  it('knows the right password, again from memory, and no other', async () => {
    const authenticator = new Authenticator(fakeClock(), systemRandom);
    const credential = credentialFor('correct horse');
    expect(await authenticator.check(credential, 'correct horse')).toBe(true);
    expect(await authenticator.check(credential, 'correct horse')).toBe(true);
    expect(await authenticator.check(credential, 'correct horsf')).toBe(false);
    expect(await authenticator.check(undefined, 'correct horse')).toBe(false);
  });

  it('lets nobody in whose verifier is not on this installation', async () => {
    const authenticator = new Authenticator(fakeClock(), systemRandom);
    expect(await authenticator.check(credentialFor('known'), 'known')).toBe(true);
    for (const password of ['known', ''])
      expect(await authenticator.check(credentialFor('known', { verifier: null, verifierFingerprint: 'sha256:x' }), password)).toBe(false);
  });

  it('forgets a remembered password when the verifier changes or the credential is disabled', async () => {
    const authenticator = new Authenticator(fakeClock(), systemRandom);
    expect(await authenticator.check(credentialFor('old password'), 'old password')).toBe(true);
    expect(await authenticator.check(credentialFor('new password'), 'old password')).toBe(false);
    expect(await authenticator.check(credentialFor('new password'), 'new password')).toBe(true);
    expect(await authenticator.check(credentialFor('new password', { enabled: false }), 'new password')).toBe(false);
  });

  it('makes an address wait longer with each failure, turns it away after ten, and forgives after ten quiet minutes', async () => {
    const clock = fakeClock();
    const authenticator = new Authenticator(clock, systemRandom);
    const waits = Array.from({ length: 10 }, () => authenticator.failed('192.0.2.1'));
    expect(waits.slice(0, 5)).toEqual([500, 1000, 2000, 4000, 8000]);
    expect(authenticator.blocked('192.0.2.1')).toBe(true);
    expect(authenticator.blocked('192.0.2.2')).toBe(false);
    await clock.advance(10 * 60_000 + 1);
    expect(authenticator.blocked('192.0.2.1')).toBe(false);
  });

  it('a success clears the count of an address', () => {
    const authenticator = new Authenticator(fakeClock(), systemRandom);
    for (let n = 0; n < 9; n += 1) authenticator.failed('192.0.2.1');
    authenticator.succeeded('192.0.2.1');
    expect(authenticator.failed('192.0.2.1')).toBe(500);
  });
});
