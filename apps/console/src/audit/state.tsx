'use client';
// How the record is, at a glance: what the console has checked by itself, and what nodes say who keep anchors of it on their disks.
import { useQuery } from '@tanstack/react-query';
import { count, plural } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { Status } from '@/ui/status.tsx';

const pollMs = 15_000;

export function AuditState() {
  const trpc = useTRPC();
  const now = useNow();
  const query = useQuery(trpc.audit.state.queryOptions(undefined, { refetchInterval: pollMs }));
  const age = (at: string) => (
    <time dateTime={at} title={stampUtc(at)}>
      {now > 0 ? relative(at, now) : stampUtc(at)}
    </time>
  );
  return (
    <Card title="Is the record whole?" hint={<Updated query={query} />}>
      <Loaded query={query} rows={2}>
        {({ head, checking, anchors }) => {
          const astray = anchors.filter((anchor) => !anchor.agrees);
          const damaged = checking.problems.length > 0 || astray.length > 0;
          const checked = checking.endedAt !== null;
          return (
            <div className="space-y-3 text-sm">
              <p className="flex flex-wrap items-center gap-2">
                <Status tone={damaged ? 'bad' : checked ? 'good' : 'quiet'}>
                  {damaged ? 'Damaged' : checked ? 'Whole' : 'Being checked'}
                </Status>
                {checking.endedAt === null ? (
                  <span>
                    {count(checking.at)} of {plural(head.seq, 'entry', 'entries')} checked since the console started.
                  </span>
                ) : (
                  <span>
                    All {plural(checking.entries, 'entry', 'entries')} checked {age(checking.endedAt)}.
                  </span>
                )}
              </p>
              {checking.problems.length > 0 && (
                <ul aria-label="What is wrong" className="list-disc pl-5 text-bad-text">
                  {checking.problems.slice(0, 10).map((problem) => (
                    <li key={`${problem.kind}${problem.seq}${problem.message}`}>{problem.message}</li>
                  ))}
                </ul>
              )}
              {anchors.length === 0 ? (
                <p className="text-muted">No node keeps anchors of the record yet. Each begins within a minute of its start.</p>
              ) : (
                <ul aria-label="Anchors of nodes" className="space-y-1">
                  {anchors.map((anchor) => (
                    <li key={anchor.node} className="flex flex-wrap items-center gap-2">
                      <Status tone={anchor.agrees ? 'good' : 'bad'}>{anchor.agrees ? 'Agrees' : 'Disagrees'}</Status>
                      <span>
                        {anchor.node} kept entry {count(anchor.seq)} {age(anchor.at)}.
                        {!anchor.agrees && ' An entry that it had kept before was replaced or removed.'}
                      </span>
                    </li>
                  ))}
                </ul>
              )}
              {damaged && (
                <p>
                  Run <code className="font-mono">npm run -s sluice -- audit verify --anchors FOLDER</code> against the anchors of every
                  node to see which entries.
                </p>
              )}
            </div>
          );
        }}
      </Loaded>
    </Card>
  );
}
