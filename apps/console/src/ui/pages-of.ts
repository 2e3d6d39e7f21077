'use client';
// Lists that go on, page after page by cursor. tRPC's own helper adds a field to the input that our strict inputs refuse, so the pages are
// fetched here.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

type Options<P> = {
  key: readonly unknown[];
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<P>;
  /** False: what was read does not change. */
  pollMs: number | false;
};

export function usePages<P extends { nextCursor: string | null }>({ key, fetchPage, pollMs }: Options<P>) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: P) => page.nextCursor ?? undefined,
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
  });
}
