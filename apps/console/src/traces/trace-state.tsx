'use client';
// How far a trace is: running with the time left, or over and why, and what each node told of it.
import type { z } from 'zod';
import type { TraceEnd } from '@sluice/contract';
import type { traceView } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { countdown } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { Status } from '@/ui/status.tsx';

export type Trace = z.infer<typeof traceView>;

const endWords: Record<TraceEnd, string> = {
  expired: 'its time was over',
  stopped: 'stopped',
  sessions: 'all its sessions ended',
  lines: 'it had all its lines',
  characters: 'it had as much text as a trace may have',
};

/** Why it is over, in words; null while it runs. */
export function endOf({ running, stoppedAt, reports }: Trace): string | null {
  if (running) return null;
  if (stoppedAt !== null) return endWords.stopped;
  const whys = [...new Set(reports.flatMap(({ ended }) => (ended === null ? [] : [endWords[ended]])))];
  return whys.length > 0 ? whys.join('; ') : endWords.expired;
}

export function TraceState({ trace }: { trace: Trace }) {
  const now = useNow();
  if (!trace.running) return <Status tone="quiet">Over</Status>;
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <Status tone="good">Running</Status>
      {now > 0 && <span className="text-xs text-muted tabular-nums">{countdown(trace.expiresAt, now)} left</span>}
    </span>
  );
}

export function Reports({ trace }: { trace: Trace }) {
  if (trace.reports.length === 0) return <span className="text-sm text-muted">No node has begun it yet.</span>;
  return (
    <ul className="text-sm">
      {trace.reports.map(({ node, sessions, lines, dropped, ended }) => (
        <li key={node}>
          {node}: {count(sessions)} of {count(trace.sessions)} sessions, {count(lines)} of {count(trace.lines)} lines
          {dropped > 0 && <strong className="font-medium text-warn-text">, {count(dropped)} lost on the way</strong>}
          {ended !== null && <span className="text-muted"> — {endWords[ended]}</span>}
        </li>
      ))}
    </ul>
  );
}
