'use client';
// What changed, newest first: who, why, which nodes run it, and what is new since one last looked.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { plural } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { useMay, useSeesAll } from '@/session/me.tsx';
import { useTRPC, useTRPCClient } from '@/trpc/client.ts';
import { ActionDialog } from '@/ui/action-dialog.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { DiffTable, kindWords } from './diff.tsx';

const pollMs = 5_000;
const pageSize = 50;
const shownKinds = 4;

type Change = { kind: string; action: 'put' | 'delete' };

/** `2 × source, pool removed` */
function changesInWords(changes: readonly Change[]): string {
  const groups = new Map<string, number>();
  for (const { kind, action } of changes) {
    const name = `${kindWords(kind)}${action === 'delete' ? ' removed' : ''}`;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  const words = [...groups].map(([name, times]) => (times === 1 ? name : `${times} × ${name}`));
  return words.length > shownKinds ? `${words.slice(0, shownKinds).join(', ')} and more` : words.join(', ');
}

type NodeState = { state: string; revision: number | null };

/** How many of the nodes that report run it. */
function Acknowledged({ number, nodes }: { number: number; nodes: readonly NodeState[] | undefined }) {
  const live = nodes?.filter(({ state }) => state !== 'stale') ?? [];
  if (live.length === 0) return <span className="text-muted">no node reports</span>;
  const has = live.filter(({ revision }) => (revision ?? 0) >= number).length;
  if (has === live.length) return <Status tone="good">In force</Status>;
  const refusing = live.some(({ state }) => state === 'refusing');
  return <Status tone={refusing ? 'bad' : 'warn'}>{`${has} of ${live.length} nodes`}</Status>;
}

function SinceLook() {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const query = useQuery(trpc.config.sinceLook.queryOptions(undefined, { refetchInterval: 15_000 }));
  const mayNote = useMay('config.looked');
  const looked = mayNote && query.data && query.data.head !== query.data.since && (
    <ActionDialog
      trigger="I have looked"
      title="Mark as looked at"
      touches={`What changed up to revision ${query.data.head} is no longer listed as new to you. Nothing else changes.`}
      confirm="Mark as looked at"
      askReason={false}
      run={async () => {
        const { revision } = await client.config.looked.mutate({ revision: query.data.head });
        return { done: `From here on you see what changed after revision ${revision}.` };
      }}
    />
  );
  return (
    <Card title="Since you last looked" actions={looked} flush>
      <Loaded query={query} rows={2}>
        {({ since, at, items, total }) =>
          since === null ? (
            <p className="p-4 text-sm text-muted">You have not said yet that you looked. From then on this lists what changed since.</p>
          ) : total === 0 ? (
            <p className="p-4 text-sm text-muted">
              Nothing changed since revision {since}, {at === null ? '' : stampUtc(at)}.
            </p>
          ) : (
            <DiffTable items={items} total={total} label="Changed since you last looked" />
          )
        }
      </Loaded>
    </Card>
  );
}

export function Revisions() {
  const client = useTRPCClient();
  const trpc = useTRPC();
  const seesAll = useSeesAll();
  const nodes = useQuery(trpc.nodes.list.queryOptions(undefined, { refetchInterval: pollMs }));
  const query = usePages({
    key: ['config.revisions', 'configuration'],
    fetchPage: (cursor, signal) => client.config.revisions.query({ limit: pageSize, cursor }, { signal }),
    pollMs,
  });
  return (
    <div className="space-y-4">
      {seesAll && <SinceLook />}
      <Card title="Revisions" hint={<Updated query={query} />} flush>
        <Loaded query={query} rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.items);
            if (rows.length === 0)
              return <NothingYet title="No revisions yet">The first change of configuration makes revision 1.</NothingYet>;
            return (
              <Table label="Revisions" head={['Revision', 'Made (UTC)', 'By', 'Reason', 'Changed', 'Nodes']}>
                {rows.map(({ number, at, author, reason, changes }) => (
                  <Row key={number}>
                    <Name>
                      <Link href={`/config/${number}`} prefetch={false} className="text-accent-strong underline">
                        {number}
                      </Link>
                    </Name>
                    <Cell className="whitespace-nowrap">{stampUtc(at)}</Cell>
                    <Cell>{author}</Cell>
                    <Cell>{reason}</Cell>
                    <Cell>
                      {changesInWords(changes)}
                      <span className="sr-only"> ({plural(changes.length, 'change')})</span>
                    </Cell>
                    <Cell>
                      <Acknowledged number={number} nodes={nodes.data} />
                    </Cell>
                  </Row>
                ))}
              </Table>
            );
          }}
        </Loaded>
        <More query={query} />
      </Card>
    </div>
  );
}
