// A small whole configuration for tests: tenants with a stream, a sending domain and a pool each. Ids are readable: `id(7)` is the
// same UUID everywhere.
import type { ConfigDelta, EntityKind } from '@sluice/contract';
import { emptyContentRoot, nextContentRoot } from '@sluice/contract/content-root';
import { buildGeneration, emptyEntitySet } from '../config/build-generation.ts';
import type { Generation } from '../config/generation.ts';

export type SampleEntity = { kind: EntityKind; id: string; body: unknown };

/** The same UUID for the same number. */
export function id(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** What a feed has said so far. */
export type Said = { bodies: Map<string, unknown>; contentRoot: string };

export const nothingSaid = (): Said => ({ bodies: new Map(), contentRoot: emptyContentRoot });

/** A delta that brings `entities` on top of what was said, which then includes them. */
export function deltaOn(said: Said, revision: number, entities: readonly SampleEntity[]): ConfigDelta {
  for (const { kind, id: entityId, body } of entities) {
    const key = `${kind}\0${entityId}`;
    said.contentRoot = nextContentRoot(said.contentRoot, kind, entityId, said.bodies.get(key) ?? null, body);
    said.bodies.set(key, body);
  }
  return { revision, contentRoot: said.contentRoot, entities: entities.map((entity) => ({ revision, ...entity })) };
}

/** A delta that brings `entities` on top of what `before` already brought. */
export function deltaOf(revision: number, entities: readonly SampleEntity[], before: readonly SampleEntity[] = []): ConfigDelta {
  const said = nothingSaid();
  deltaOn(said, 0, before);
  return deltaOn(said, revision, entities);
}

/** The generation of `entities`; throws with the problems when they make none. */
export function generationOf(entities: readonly SampleEntity[], revision = 1): Generation {
  const built = buildGeneration(emptyEntitySet, deltaOf(revision, entities));
  if (!built.ok) throw new Error(JSON.stringify(built.problems));
  return built.generation;
}

export function sourceEntity(number: number, changes: Record<string, unknown> = {}): SampleEntity {
  const address = `127.0.1.${number}`;
  return {
    kind: 'source',
    id: id(100 + number),
    body: {
      name: `source ${number}`,
      publicAddress: address,
      bindAddress: address,
      family: 4,
      ehloName: `mta${number}.example.net`,
      ...changes,
    },
  };
}

export function poolEntity(number: number, members: { sourceId: string; weight: number; enabled?: boolean }[]): SampleEntity {
  return { kind: 'pool', id: id(200 + number), body: { name: `pool ${number}`, members } };
}

/** Tenant `number` with stream 300+n on pool 200+pool and the sending domain `tenant<n>.example`. */
export function tenantEntities(number: number, pool: number, stream: Record<string, unknown> = {}): SampleEntity[] {
  return [
    { kind: 'tenant', id: id(number), body: { name: `Tenant ${number}`, slug: `tenant-${number}` } },
    { kind: 'stream', id: id(300 + number), body: { tenantId: id(number), name: 'bulk', poolIds: [id(200 + pool)], ...stream } },
    { kind: 'domain', id: id(400 + number), body: { tenantId: id(number), domain: `tenant${number}.example` } },
  ];
}

/** One source, one pool, one tenant. */
export function smallConfig(): SampleEntity[] {
  return [sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }]), ...tenantEntities(1, 1)];
}
