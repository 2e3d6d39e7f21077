// The demonstration's configuration, made through the use cases like any operator's: pools with four sources on addresses of their own,
// tenants with streams, sending domains, active DKIM keys and credentials. Credentials' passwords exist only here and with the caller,
// who keeps them (0600) for the traffic generator; one that the caller has lost is replaced.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { createCredential, setCredentialEnabled } from '../tenants/credentials.ts';
import type { Scope } from '../scope.ts';
import type { AsSystem } from './as-system.ts';
import { brands, demoEhloName, demoSources, type DemoBrand, type DemoStream } from './brands.ts';
import { ensureDomain, ensurePool, ensureSelector, ensureSource, ensureStream, ensureTenant } from './ensure.ts';

const reason = 'demonstration';
const selector = 'demo1';

export const demoCredential = z.object({
  tenant: z.string(),
  stream: z.string(),
  domain: z.string(),
  username: z.string(),
  password: z.string(),
});
export type DemoCredential = z.infer<typeof demoCredential>;

/** `known`: what an earlier call returned. Returns one credential a stream. */
export async function seedDemo(asSystem: AsSystem, known: readonly DemoCredential[]): Promise<DemoCredential[]> {
  const pools = await asSystem(ensurePools);
  const credentials: DemoCredential[] = [];
  for (const brand of brands) {
    const tenantId = await asSystem((scope) => ensureTenant(scope, { name: brand.name, slug: brand.slug }, reason));
    for (const stream of brand.streams) {
      await asSystem(async (scope) =>
        ensureSelector(scope, await ensureDomain(scope, { tenantId, domain: stream.domain }, reason), selector, reason),
      );
      const place = { tenantId, brand, stream, poolId: pools[stream.pool] };
      credentials.push(await asSystem((scope) => ensureCredential(scope, place, known)));
    }
  }
  return credentials;
}

async function ensurePools(scope: Scope): Promise<Record<DemoStream['pool'], string>> {
  if (scope.installation.egress !== 'sandbox') throw new Refusal('PRECONDITION_FAILED', 'the demonstration sends in the sandbox only');
  const ids: Record<DemoStream['pool'], string[]> = { transactional: [], bulk: [] };
  for (const { name, address, pool } of demoSources) {
    const source = { name, publicAddress: address, bindAddress: address, family: 4, ehloName: demoEhloName(name) } as const;
    ids[pool].push(await ensureSource(scope, source, reason));
  }
  return {
    transactional: await ensurePool(scope, { name: 'transactional', sourceIds: ids.transactional }, reason),
    bulk: await ensurePool(scope, { name: 'bulk', sourceIds: ids.bulk }, reason),
  };
}

type Place = { tenantId: string; brand: DemoBrand; stream: DemoStream; poolId: string };

async function ensureCredential(scope: Scope, place: Place, known: readonly DemoCredential[]): Promise<DemoCredential> {
  const { tenantId, brand, stream } = place;
  const { name, weight, domain } = stream;
  const streamId = await ensureStream(scope, { tenantId, name, weight, poolIds: [place.poolId] }, reason);
  const stored = await scope.db.credential.findMany({
    where: { streamId, enabled: true, username: { startsWith: `demo-${brand.slug}-` } },
  });
  const kept = known.find((credential) => stored.some((row) => row.username === credential.username));
  if (kept) return kept;
  // Nobody has their passwords any more.
  for (const row of stored) await setCredentialEnabled(scope, { id: row.id, enabled: false, reason: 'demonstration: password lost' });
  const username = `demo-${brand.slug}-${name}-${randomBytes(3).toString('hex')}`;
  const { password } = await createCredential(scope, { tenantId, streamId, username, reason });
  return { tenant: brand.slug, stream: name, domain, username, password };
}
