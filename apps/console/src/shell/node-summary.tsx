'use client';
// The delivery nodes in one line, on every page: how many, in which state, at which revision.
import { CirclePause, LoaderCircle } from 'lucide-react';
import Link from 'next/link';
import type { NodeHealth } from '@sluice/contract/api';
import { plural } from '@/format/number.ts';
import { useLive } from '@/live/live-context.tsx';
import { Status, type Tone } from '@/ui/status.tsx';

export const nodeStates: Record<NodeHealth['state'], { word: string; tone: Tone; meaning: string }> = {
  running: { word: 'Running', tone: 'good', meaning: 'runs the newest revision and reports every second' },
  behind: { word: 'Behind', tone: 'warn', meaning: 'has not taken the newest revision yet' },
  refusing: { word: 'Refusing', tone: 'bad', meaning: 'refused the newest revision and runs the one before' },
  stale: { word: 'Silent', tone: 'bad', meaning: 'has sent no frame for more than 5 seconds' },
};
const severity: readonly NodeHealth['state'][] = ['running', 'behind', 'refusing', 'stale'];

export function NodeSummary() {
  const { feed, freshness, paused } = useLive();
  const nodes = feed.tick?.nodes ?? [];
  if (freshness.state === 'waiting')
    return (
      <Status tone="quiet" icon={LoaderCircle}>
        Connecting
      </Status>
    );
  if (freshness.state === 'lost') return <Status tone="bad">Live data lost</Status>;
  if (nodes.length === 0) return <Status tone="warn">No node has reported</Status>;
  const worst = nodes.reduce<NodeHealth['state']>(
    (state, node) => (severity.indexOf(node.state) > severity.indexOf(state) ? node.state : state),
    'running',
  );
  const revisions = [...new Set(nodes.map((node) => node.revision))].map((revision) => revision ?? '—').join(', ');
  const { word, tone } = nodeStates[worst];
  const damaged = nodes.filter((node) => node.frame !== null && node.frame.damage.since !== null);
  return (
    <Link href="/nodes" prefetch={false} className="flex items-center gap-2 rounded-md text-sm hover:underline">
      <Status tone={tone}>
        {worst === 'running'
          ? `${plural(nodes.length, 'node')} running`
          : `${word}: ${nodes
              .filter((node) => node.state === worst)
              .map((node) => node.node)
              .join(', ')}`}
      </Status>
      {damaged.length > 0 && <Status tone="warn">{`Damaged spool: ${damaged.map((node) => node.node).join(', ')}`}</Status>}
      <span className="text-muted">revision {revisions}</span>
      {paused && (
        <Status tone="info" icon={CirclePause}>
          Paused
        </Status>
      )}
    </Link>
  );
}
