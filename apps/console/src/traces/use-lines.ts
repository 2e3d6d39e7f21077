'use client';
// The lines of one trace, asked for again and again while it runs, and a little longer: the last lines come behind the end.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTRPCClient } from '@/trpc/client.ts';
import { nothingKnown, withLines, type Known } from './line-list.ts';
import type { Trace } from './trace-state.tsx';

const pollMs = 1_000;
const linesAtOnce = 1_000;
/** Answers in a row that may be full, of one look. */
const looksAtOnce = 10;
type Seen = { trace: Trace; known: Known };

const allTold = ({ trace, known }: Seen): boolean =>
  !trace.running && trace.reports.every(({ node, ended, lines }) => ended !== null && (known.after[node] ?? 0) >= lines);

export function useTraceLines(id: string) {
  const client = useTRPCClient();
  const queries = useQueryClient();
  const queryKey = ['trace lines', id];
  return useQuery<Seen>({
    queryKey,
    queryFn: async () => {
      let known = queries.getQueryData<Seen>(queryKey)?.known ?? nothingKnown;
      for (let look = 1; ; look++) {
        const { trace, lines } = await client.traces.lines.query({ id, after: known.after, limit: linesAtOnce });
        known = withLines(known, lines);
        if (lines.length < linesAtOnce || look >= looksAtOnce) return { trace, known };
      }
    },
    refetchInterval: ({ state }) => (state.data && allTold(state.data) ? false : pollMs),
    structuralSharing: false,
  });
}
