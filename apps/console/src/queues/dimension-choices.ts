'use client';
// What there is to choose from, for dimensions whose values are named entities.
import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/trpc/client.ts';
import { chosenDimensions, type FilterDimension } from './filter.ts';

export function useDimensionChoices(dimension: FilterDimension): { chosen: boolean; choices: { id: string; name: string }[] } {
  const trpc = useTRPC();
  const tenants = useQuery(trpc.tenants.list.queryOptions(undefined, { enabled: dimension === 'tenant' }));
  const streams = useQuery(trpc.streams.list.queryOptions({}, { enabled: dimension === 'stream' }));
  const sources = useQuery(trpc.sources.list.queryOptions(undefined, { enabled: dimension === 'source' }));
  const pools = useQuery(trpc.pools.list.queryOptions(undefined, { enabled: dimension === 'pool' }));
  return { chosen: chosenDimensions.includes(dimension), choices: choicesOf(dimension, { tenants, streams, sources, pools }) };
}

type Listed = { data?: { id: string; name: string }[] | undefined };

function choicesOf(dimension: FilterDimension, lists: Record<'tenants' | 'streams' | 'sources' | 'pools', Listed>) {
  switch (dimension) {
    case 'tenant':
      return lists.tenants.data ?? [];
    case 'stream':
      return lists.streams.data ?? [];
    case 'source':
      return lists.sources.data ?? [];
    case 'pool':
      return lists.pools.data ?? [];
    default:
      return [];
  }
}
