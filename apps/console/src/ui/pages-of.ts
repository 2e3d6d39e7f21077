'use client';
// Lists that go on, page after page by cursor. tRPC's own helper adds a field to the input that our strict inputs refuse, so the pages are
// fetched here.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';

type Page<T> = { items: T[]; nextCursor: string | null };
type Options<T> = {
  key: readonly unknown[];
  fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;
  pollMs: number;
};

export function usePages<T>({ key, fetchPage, pollMs }: Options<T>) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<T>) => page.nextCursor ?? undefined,
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
  });
}
