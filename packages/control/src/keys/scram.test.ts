// The verifier against the worked example of the RFC, so that other SMTP clients and our engine agree on it.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { makePassword, scramVerifier } from './scram.ts';

test('the verifier proves the client signature of the example in RFC 7677 section 3', async () => {
  const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  const verifier = await scramVerifier('pencil', salt);
  const authMessage =
    'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,' +
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
  const signature = createHmac('sha256', Buffer.from(verifier.storedKey, 'base64')).update(authMessage).digest();
  const proof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64');
  const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)));
  expect(createHash('sha256').update(clientKey).digest('base64')).toBe(verifier.storedKey);
  const serverSignature = createHmac('sha256', Buffer.from(verifier.serverKey, 'base64')).update(authMessage).digest('base64');
  expect(serverSignature).toBe('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

test('two credentials with one password share neither salt nor key', async () => {
  const [one, two] = await Promise.all([scramVerifier('the same'), scramVerifier('the same')]);
  expect(one.salt).not.toBe(two.salt);
  expect(one.storedKey).not.toBe(two.storedKey);
});

test('a password has 256 bits and only characters that nothing escapes', async () => {
  const password = makePassword();
  expect(Buffer.from(password, 'hex')).toHaveLength(32);
  expect(password).toMatch(/^[0-9a-f]{64}$/);
  const verifier = await scramVerifier(password);
  const salted = pbkdf2Sync(password, Buffer.from(verifier.salt, 'base64'), verifier.iterations, 32, 'sha256');
  expect(createHmac('sha256', salted).update('Server Key').digest('base64')).toBe(verifier.serverKey);
});
