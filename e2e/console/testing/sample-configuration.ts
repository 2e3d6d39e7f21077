// Configuration to look at, made through the API as an operator would: two tenants with streams, domains, keys and credentials, two pools
// of two sources, one static route and one warm-up plan.
import type { SluiceClient } from '@sluice/client';

export type Configured = {
  sources: { id: string; name: string; pool: string }[];
  tenants: { id: string; name: string; domain: string; streamId: string; poolId: string }[];
  warmUpId: string;
};

const reason = 'sample configuration';
const plannedSources = [
  ['tx-1', '127.0.10.1', 'transactional'],
  ['tx-2', '127.0.10.2', 'transactional'],
  ['bulk-1', '127.0.20.1', 'bulk'],
  ['bulk-2', '127.0.20.2', 'bulk'],
] as const;
const plannedTenants = [
  ['Halden Outfitters', 'halden-outfitters', 'halden-outfitters.example', 'bulk'],
  ['Pepperleaf Kitchen', 'pepperleaf', 'pepperleaf.example', 'transactional'],
] as const;

async function makeTenant(
  client: SluiceClient,
  [name, slug, domain, pool]: (typeof plannedTenants)[number],
  pools: Map<string, string>,
): Promise<Configured['tenants'][number]> {
  const tenant = await client.tenants.create.mutate({ name, slug, reason });
  const poolId = pools.get(pool) ?? '';
  const stream = await client.streams.create.mutate({
    tenantId: tenant.id,
    name: pool,
    weight: pool === 'bulk' ? 10 : 30,
    poolIds: [poolId],
    reason,
  });
  const sending = await client.domains.create.mutate({ tenantId: tenant.id, domain, reason });
  await client.selectors.create.mutate({ domainId: sending.id, selector: 's2026a', activate: true, reason });
  await client.credentials.create.mutate({ tenantId: tenant.id, streamId: stream.id, username: `${slug}.smtp`, reason });
  return { id: tenant.id, name, domain, streamId: stream.id, poolId };
}

export async function configure(client: SluiceClient): Promise<Configured> {
  const sources: Configured['sources'] = [];
  for (const [name, address, pool] of plannedSources) {
    const { id } = await client.sources.create.mutate({
      name,
      publicAddress: address,
      bindAddress: address,
      family: 4,
      ehloName: `${name}.mail.sluice.example`,
      node: null,
      enabled: true,
      reason,
    });
    sources.push({ id, name, pool });
  }
  const pools = new Map<string, string>();
  for (const name of ['transactional', 'bulk']) {
    const members = sources
      .filter((source) => source.pool === name)
      .map(({ id }, index) => ({ sourceId: id, weight: index === 0 ? 70 : 30, enabled: true }));
    pools.set(name, (await client.pools.create.mutate({ name, members, reason })).id);
  }
  const tenants: Configured['tenants'] = [];
  for (const planned of plannedTenants) tenants.push(await makeTenant(client, planned, pools));
  await client.routes.create.mutate({ domain: 'corp.example', host: '127.0.0.1', port: 2526, reason });
  const { id: warmUpId } = await client.warmUps.create.mutate({
    name: 'bulk addresses',
    sourceIds: sources.filter(({ pool }) => pool === 'bulk').map(({ id }) => id),
    groups: [
      { name: 'Gmail', providers: ['gmail'] },
      { name: 'Others', providers: null },
    ],
    schedule: { kind: 'geometric', first: 200, factor: 2, days: 6 },
    startsOn: '2026-01-01',
    reason,
  });
  return { sources, tenants, warmUpId };
}
