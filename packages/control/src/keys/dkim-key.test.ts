// Key and record belong together: what the private half signs, the published record verifies.
import { createPublicKey, createSign, createVerify } from 'node:crypto';
import { expect, test } from 'vitest';
import { dkimRecord, makeDkimKey } from './dkim-key.ts';

test('the p= value of the record verifies what the private key signs', async () => {
  const pair = await makeDkimKey();
  const record = dkimRecord({ selector: 's1', domain: 'shop.example', publicKey: pair.publicKey });
  expect(record.dnsName).toBe('s1._domainkey.shop.example');
  const p = /^v=DKIM1; k=rsa; p=([A-Za-z0-9+/=]+)$/.exec(record.dnsValue)?.[1] ?? '';
  const key = createPublicKey({ key: Buffer.from(p, 'base64'), format: 'der', type: 'spki' });
  expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
  const signature = createSign('sha256').update('mail').sign(pair.privateKeyPem);
  expect(createVerify('sha256').update('mail').verify(key, signature)).toBe(true);
});
