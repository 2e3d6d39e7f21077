// DKIM selectors: their records in DNS, and the key of one that came as text.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createSluiceClient } from '@sluice/client';
import { confirmWith, expect, test } from './testing/console-test.ts';

const reason = 'a test of selectors';

test('the record of a selector is looked for in DNS when that is asked for', async ({ owner }) => {
  await owner.goto('/tenants');
  await owner.getByText('DNS record', { exact: true }).first().click();
  const ask = owner.getByRole('button', { name: /^Look for the record of .+ in DNS$/ }).first();
  await ask.click();
  await expect(owner.getByText('Absent', { exact: true })).toBeVisible();
  await expect(owner.getByText(/has no TXT record/)).toBeVisible();
});

test('a selector that came without its key is given the very one, and no other', async ({ owner, world }) => {
  const client = createSluiceClient({ url: world.url, token: world.localToken });
  const [tenant] = await client.tenants.list.query();
  const domain = 'moved.lists.example';
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  const { publicKey, privateKey } = pair();
  const key = {
    id: '01890000-0000-7000-8000-00000000beef',
    fingerprint: `sha256:${createHash('sha256').update(publicKey).digest('hex')}`,
    publicKey: publicKey.toString('base64'),
  };
  const selector = { tenant: tenant?.slug, algorithm: 'rsa-sha256', state: 'active', key };
  const text = { sluice: 1, domains: { [domain]: { tenant: tenant?.slug } }, selectors: { [`${domain}/s1`]: selector } };
  const document = { text: JSON.stringify(text), mode: 'merge' as const };
  const { baseRevision } = await client.config.planText.mutate(document);
  await client.config.applyText.mutate({ ...document, baseRevision, reason });

  await owner.goto(`/tenants?tenant=${tenant?.id}&domain=${domain}`);
  await expect(owner.getByText('Key missing: it does not sign')).toBeVisible();
  await owner.getByText('DNS record', { exact: true }).first().click();
  const give = owner.getByRole('button', { name: `Give s1._domainkey.${domain} its key` });
  await give.click();
  const dialog = owner.getByRole('dialog');
  await dialog.getByLabel('Private key').fill(pair().privateKey);
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByRole('button', { name: 'Keep the key', exact: true }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel('Private key').fill(privateKey);
  expect(await confirmWith(owner, reason, 'Keep the key')).toContain('It has its key with revision');
  await owner.goto(`/tenants?tenant=${tenant?.id}&domain=${domain}`);
  await expect(owner.getByText('DNS record', { exact: true })).toHaveCount(1);
  await expect(owner.getByText('Key missing: it does not sign')).toHaveCount(0);
});
