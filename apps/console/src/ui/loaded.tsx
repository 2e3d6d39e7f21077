'use client';
// One way from a query to a page: skeleton, error with the next step, or the rows; and how old they are.
import type { ReactNode } from 'react';
import { duration } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { Failure, Skeleton } from './states.tsx';

/** The part of a query's result that is needed here. */
type Query<T> = { readonly data: T | undefined; readonly error: unknown; readonly refetch: () => unknown };

export function Loaded<T>({ query, rows, children }: { query: Query<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton rows={rows} />;
}

/** "updated 4 s ago"; says so when the last try failed. Not a live region: it changes every second. */
export function Updated({ query }: { query: { readonly dataUpdatedAt: number; readonly isError: boolean } }) {
  const now = useNow();
  if (query.dataUpdatedAt === 0 || now === 0) return null;
  const age = duration((now - query.dataUpdatedAt) / 1000);
  return query.isError ? (
    <span className="font-medium text-bad-text">not updating; last update {age} ago</span>
  ) : (
    <span className="text-muted">updated {age} ago</span>
  );
}
