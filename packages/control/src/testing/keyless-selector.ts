// A selector as it comes with a text: its public half is known, its private half is not here. The answer is what gives it back.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { okay } from './control.ts';
import { fresh, reason } from './question.ts';
import type { TenantThings, World } from './world.ts';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

export async function aKeylessSelector(
  { it }: World,
  { domainId }: TenantThings,
): Promise<{ id: string; privateKey: string; reason: string }> {
  const { domain, tenant } = await it.db.sendingDomain.findUniqueOrThrow({ where: { id: domainId }, include: { tenant: true } });
  const selector = fresh('keyless');
  const key = {
    id: crypto.randomUUID(),
    fingerprint: `sha256:${createHash('sha256').update(pair.publicKey).digest('hex')}`,
    publicKey: pair.publicKey.toString('base64'),
  };
  const selectors = { [`${domain}/${selector}`]: { tenant: tenant.slug, algorithm: 'rsa-sha256', state: 'pending', key } };
  const text = JSON.stringify({ sluice: 1, selectors });
  const { number: baseRevision } = await it.db.configHead.findFirstOrThrow();
  okay(await it.call('mutation', 'config.applyText', { text, mode: 'merge', baseRevision, reason }, 'local'));
  const { id } = await it.db.dkimKey.findFirstOrThrow({ where: { sendingDomainId: domainId, selector } });
  return { id, privateKey: pair.privateKey, reason };
}
