import { expect, test } from 'vitest';
import { redacted } from './redact.ts';

const hidden = '[redacted]';

test('what authenticates is taken out at any depth, and what only names it stays', () => {
  const given = {
    ...{ username: 'relay', password: 'hush', authSecretId: 'id-1', secretId: null, hasPassword: true, recoveryCodesLeft: 7 },
    ...{ proxy: { host: 'h', password: 'hush' }, list: [{ token: 'hush' }], keys: [{ privateKey: 'hush' }], tokenPrefix: 'slk_ab' },
    verifier: { salt: 'hush', iterations: 4096, storedKey: 'hush', serverKey: 'hush' },
  };
  const clean = redacted(given);
  expect(JSON.stringify(clean)).not.toContain('hush');
  expect(clean).toEqual({
    ...{ username: 'relay', password: hidden, authSecretId: 'id-1', secretId: null, hasPassword: true, recoveryCodesLeft: 7 },
    ...{ proxy: { host: 'h', password: hidden }, list: [{ token: hidden }], keys: [{ privateKey: hidden }], tokenPrefix: 'slk_ab' },
    verifier: hidden,
  });
});

test('a secret is known by its look under any name', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----';
  const key = `slk_abc123_${'x'.repeat(43)}`;
  const clean = redacted({ note: `see ${pem}`, what: [key], url: 'https://user:hush@hooks.example/', plain: 'https://hooks.example/a@b' });
  expect(clean).toEqual({ note: hidden, what: [hidden], url: hidden, plain: 'https://hooks.example/a@b' });
});

test('recipients and subjects are left out; an operator and a domain are not', () => {
  const clean = redacted({
    recipient: 'a@b.example',
    recipients: ['a@b.example'],
    subject: 'Your invoice',
    email: 'o@c.example',
    domain: 'b.example',
  });
  expect(clean).toEqual({ recipient: hidden, recipients: hidden, subject: hidden, email: 'o@c.example', domain: 'b.example' });
});

test('what is long is cut, and what is large is told by its size', () => {
  expect(JSON.stringify(redacted({ text: 'x'.repeat(5_000) }))).toHaveLength('{"text":""}'.length + 2_000 + '… (5000 characters)'.length);
  expect(redacted({ many: Array.from({ length: 300 }, (_, at) => at) })).toMatchObject({ many: expect.arrayContaining(['100 more']) });
  const large = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`field${at}`, 'x'.repeat(500)]));
  expect(redacted(large)).toEqual({ tooLarge: JSON.stringify(large).length });
  expect(redacted(undefined)).toBeUndefined();
});
