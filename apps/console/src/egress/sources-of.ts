'use client';
// The sources with these ids, as a page shows them; undefined until all answers have come.
import { useQueries } from '@tanstack/react-query';
import { portionsOf } from '@/entities/portions.ts';
import { useTRPC } from '@/trpc/client.ts';
import type { Source } from './types.ts';

export function useSourcesOf(ids: readonly string[], pollMs: number | false): readonly Source[] | undefined {
  const trpc = useTRPC();
  return useQueries({
    queries: portionsOf(ids).map((portion) => trpc.sources.list.queryOptions({ ids: portion }, { refetchInterval: pollMs })),
    combine: (answers) => (answers.some(({ data }) => data === undefined) ? undefined : answers.flatMap(({ data }) => data ?? [])),
  });
}
