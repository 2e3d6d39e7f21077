'use client';
// All that holds one queue, in the order in which its mail meets it, with when each clears by itself.
import { useQuery } from '@tanstack/react-query';
import type { Hold, QueueName } from '@sluice/contract';
import { count } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { ReplyLine } from '@/messages/reply.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Loaded } from '@/ui/loaded.tsx';
import { Status } from '@/ui/status.tsx';

const pollMs = 3_000;
const words: Record<Hold['kind'], string> = {
  node: 'Node',
  command: 'Command',
  configuration: 'Configuration',
  no_source: 'No source',
  dns: 'DNS',
  window: 'Window',
  path_rest: 'Path rests',
  limit: 'Limit',
  warm_up: 'Warm-up',
  full: 'Ready queue',
  back_off: 'Back-off',
  automation: 'Automation',
  spool: 'Spool',
};

export function Holds({ holds }: { holds: readonly Hold[] }) {
  const now = useNow();
  if (holds.length === 0) return <p className="text-sm">Nothing holds it: its mail is on its way or on its turn.</p>;
  return (
    <ol aria-label="What holds it, first things first" className="space-y-2">
      {holds.map((hold, index) => (
        <li key={index} className="flex flex-wrap items-baseline gap-x-2 gap-y-1 text-sm">
          <Status tone={hold.kind === 'back_off' || hold.kind === 'full' ? 'info' : 'warn'}>{words[hold.kind]}</Status>
          <span className="min-w-0 break-words">{hold.detail}</span>
          {hold.entries !== null && <span className="text-xs text-muted">{count(hold.entries)} entries</span>}
          <span className="text-xs text-muted">
            {hold.clearsAt === null ? 'until something changes' : `clears ${stampUtc(hold.clearsAt)}`}
            {hold.clearsAt !== null && now !== 0 && ` (${relative(hold.clearsAt, now)})`}
          </span>
          {hold.reply && (
            <span className="basis-full">
              <ReplyLine reply={hold.reply} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}

export function Explanation({ queue }: { queue: QueueName }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.queues.explain.queryOptions({ queue }, { refetchInterval: pollMs }));
  return (
    <Loaded query={query} rows={2}>
      {({ nodes, silent }) => (
        <div className="space-y-3">
          {nodes
            .filter(({ row }) => row !== null)
            .map(({ node, holds }) => (
              <section key={node} aria-label={`On ${node}`} className="space-y-2">
                {nodes.length > 1 && <h3 className="text-xs font-medium text-muted">{node}</h3>}
                <Holds holds={holds} />
              </section>
            ))}
          {nodes.every(({ row }) => row === null) && <p className="text-sm">Nothing of it waits any more.</p>}
          {silent.length > 0 && <p className="text-sm text-warn-text">Did not answer: {silent.join(', ')}</p>}
        </div>
      )}
    </Loaded>
  );
}
