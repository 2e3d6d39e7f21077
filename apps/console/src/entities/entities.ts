'use client';
// Tenants, streams, pools and sources where a page names or offers them. There may be very many: asked for are those whose ids a page has, the
// first ones, and those that are searched for, never all.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPCClient } from '@/trpc/client.ts';
import { portionsOf } from './portions.ts';

export const entityKinds = ['tenant', 'stream', 'pool', 'source'] as const;
export type EntityKind = (typeof entityKinds)[number];
export type Entity = { id: string; name: string; /** Of a stream. */ tenantId?: string; /** Of a source. */ publicAddress?: string };

/** Offered without a search. */
const offered = 100;

type Asked = { limit?: number; search?: string; ids?: string[] };

function useLists(): Record<EntityKind, (asked: Asked, signal: AbortSignal) => Promise<Entity[]>> {
  const client = useTRPCClient();
  return {
    tenant: (asked, signal) => client.tenants.list.query(asked, { signal }),
    stream: (asked, signal) => client.streams.list.query(asked, { signal }),
    pool: (asked, signal) => client.pools.list.query(asked, { signal }),
    source: (asked, signal) => client.sources.list.query(asked, { signal }),
  };
}

/** What has these ids, as far as it has come. What the operator may not see is not among it. */
export function useNamed(kind: EntityKind, ids: readonly string[]): ReadonlyMap<string, Entity> {
  const lists = useLists();
  return useQueries({
    queries: portionsOf(ids).map((portion) => ({
      queryKey: ['named', kind, portion],
      queryFn: ({ signal }: { signal: AbortSignal }) => lists[kind]({ ids: portion }, signal),
    })),
    combine: (answers) => new Map(answers.flatMap(({ data }) => (data ?? []).map((entity) => [entity.id, entity] as const))),
  });
}

export type Choices = {
  /** Of a stream with its tenant's name before it. */
  options: readonly Entity[];
  /** There are more than those, or were before the search. */
  searchable: boolean;
  find: (text: string) => void;
};

/** What a field may offer, `chosen` among it. */
export function useChoices(kind: EntityKind, chosen: string): Choices {
  const lists = useLists();
  const [search, setSearch] = useState('');
  const { data: found = [] } = useQuery({
    queryKey: ['choices', kind, search],
    queryFn: ({ signal }) => lists[kind]({ limit: offered, ...(search !== '' && { search }) }, signal),
    // While a search is under way, what was found before stays in sight.
    placeholderData: keepPreviousData,
  });
  const missing = chosen !== '' && !found.some(({ id }) => id === chosen) ? [chosen] : [];
  const named = useNamed(kind, missing);
  const all = [...missing.map((id) => named.get(id) ?? { id, name: id }), ...found];
  const tenants = useNamed('tenant', kind === 'stream' ? all.flatMap(({ tenantId }) => tenantId ?? []) : []);
  const told = (entity: Entity): Entity =>
    kind === 'stream' && entity.tenantId ? { ...entity, name: `${tenants.get(entity.tenantId)?.name ?? '…'}: ${entity.name}` } : entity;
  return {
    options: all.map(told),
    searchable: search !== '' || found.length >= offered,
    find: setSearch,
  };
}
