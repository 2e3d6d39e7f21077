// What is made of the records that stand under the name of a selector.
import { expect, test } from 'vitest';
import { judgeDkimRecord } from './dkim-record.ts';

const publicKey = 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A';
const judge = (...texts: string[]) => judgeDkimRecord({ dnsName: 's1._domainkey.a.example', publicKey }, texts).state;

test('the recorded key is present however the record is folded and whatever else it says', () => {
  expect(judge(`v=DKIM1; k=rsa; p=${publicKey}`)).toBe('present');
  expect(judge(`p=${publicKey}`)).toBe('present');
  expect(judge(`v=DKIM1;t=s; n=for mail;p= ${publicKey.slice(0, 9)} \t${publicKey.slice(9)} ;`)).toBe('present');
  expect(judge('google-site-verification=abc', `v=DKIM1; p=${publicKey}`)).toBe('present');
});

test('another key, a revoked one, one of another kind and several keys are a mismatch', () => {
  expect(judge('v=DKIM1; k=rsa; p=AAAA')).toBe('mismatch');
  expect(judge('v=DKIM1; p=')).toBe('mismatch');
  expect(judge(`v=DKIM1; k=ed25519; p=${publicKey}`)).toBe('mismatch');
  expect(judge(`v=DKIM2; p=${publicKey}`)).toBe('mismatch');
  expect(judge(`p=${publicKey}`, 'p=AAAA')).toBe('mismatch');
});

test('no record, or none with a key, is absent; no answer is neither', () => {
  expect([judge(), judge('v=spf1 -all')]).toEqual(['absent', 'absent']);
  const silent = judgeDkimRecord({ dnsName: 's1._domainkey.a.example', publicKey }, null);
  expect([silent.state, silent.remedy !== '']).toEqual(['unreachable', true]);
});
