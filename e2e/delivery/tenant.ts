// A tenant made through the API as an operator would make it: own pool and source, one stream, one sending domain with an active key,
// one credential. What tests and drills send with.
import nodemailer, { type Transporter } from 'nodemailer';
import type { Installation } from '@sluice/bench/installation';

export type TestTenant = {
  tenantId: string;
  streamId: string;
  streamName: string;
  poolId: string;
  poolName: string;
  sourceIds: string[];
  slug: string;
  domain: string;
  username: string;
  password: string;
};

export type TenantOptions = { slug: string; sourceAddresses: string[]; retrySeconds?: number[]; expirySeconds?: number };

export async function makeTenant(at: Pick<Installation, 'client'>, options: TenantOptions): Promise<TestTenant> {
  const { slug } = options;
  const domain = `${slug}.example`;
  const { id: tenantId } = await at.client.tenants.create.mutate({ name: `Tenant ${slug}`, slug });
  const sourceIds: string[] = [];
  for (const [index, address] of options.sourceAddresses.entries()) {
    const source = { name: `${slug} source ${index + 1}`, publicAddress: address, bindAddress: address, family: 4 as const };
    const made = await at.client.sources.create.mutate({ ...source, ehloName: `mta${index + 1}.${domain}` });
    sourceIds.push(made.id);
  }
  const poolName = `${slug} pool`;
  const { id: poolId } = await at.client.pools.create.mutate({
    name: poolName,
    members: sourceIds.map((sourceId) => ({ sourceId, weight: 1 })),
  });
  const streamName = `${slug} mail`;
  const { retrySeconds, expirySeconds } = options;
  const { id: streamId } = await at.client.streams.create.mutate({
    tenantId,
    name: streamName,
    poolIds: [poolId],
    retrySeconds,
    expirySeconds,
  });
  const { id: domainId } = await at.client.domains.create.mutate({ tenantId, domain });
  await at.client.selectors.create.mutate({ domainId, selector: 's1', activate: true });
  const { username, password } = await at.client.credentials.create.mutate({ tenantId, streamId, username: `${slug}-mailer` });
  return { tenantId, streamId, streamName, poolId, poolName, sourceIds, slug, domain, username, password };
}

/** Submits as the tenant over loopback; pooled, so that many messages share few sessions. `plaintext` is for who reads the wire. */
export function mailer(
  at: Pick<Installation, 'ports'>,
  tenant: Pick<TestTenant, 'username' | 'password'>,
  { maxConnections = 5, plaintext = false }: { maxConnections?: number; plaintext?: boolean } = {},
): Transporter {
  return nodemailer.createTransport({
    host: '127.0.0.1',
    port: at.ports.smtp,
    pool: true,
    maxConnections,
    maxMessages: Infinity,
    ignoreTLS: plaintext,
    tls: { rejectUnauthorized: false },
    auth: { user: tenant.username, pass: tenant.password },
  });
}
