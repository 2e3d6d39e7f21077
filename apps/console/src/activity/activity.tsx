'use client';
// What changed, who changed it, and why: numbered revisions of the configuration, and the audit log of everything done.
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { plural } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { PageHead } from '@/shell/shell.tsx';
import { useSeesAll } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Choice } from '@/ui/choice.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';

const pollMs = 15_000;
const pageSize = 50;
const views = ['revisions', 'audit'] as const;
const shownChanges = 6;

type Change = { kind: string; id: string; action: 'put' | 'delete' };

/** `2 × source, pool deleted` */
function changesInWords(changes: readonly Change[]): string {
  const groups = new Map<string, number>();
  for (const { kind, action } of changes) {
    const name = `${kind.replaceAll('_', ' ')}${action === 'delete' ? ' deleted' : ''}`;
    groups.set(name, (groups.get(name) ?? 0) + 1);
  }
  const words = [...groups].map(([name, times]) => (times === 1 ? name : `${times} × ${name}`));
  return words.length > shownChanges ? `${words.slice(0, shownChanges).join(', ')} and more` : words.join(', ');
}

function Revisions() {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.config.revisions.infiniteQueryOptions(
      { limit: pageSize },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: pollMs },
    ),
  );
  return (
    <Card title="Revisions" hint={<Updated query={query} />} flush>
      <Loaded query={query} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.items);
          if (rows.length === 0)
            return <NothingYet title="No revisions yet">The first change of configuration makes revision 1.</NothingYet>;
          return (
            <Table label="Revisions" head={['Revision', 'Made (UTC)', 'By', 'Reason', 'Changed', 'Content root']}>
              {rows.map((revision) => (
                <Row key={revision.number}>
                  <Name>{revision.number}</Name>
                  <Cell className="whitespace-nowrap">{stampUtc(revision.at)}</Cell>
                  <Cell>{revision.author}</Cell>
                  <Cell>{revision.reason}</Cell>
                  <Cell title={revision.changes.map((change) => `${change.action} ${change.kind} ${change.id}`).join('\n')}>
                    {changesInWords(revision.changes)}
                    <span className="sr-only"> ({plural(revision.changes.length, 'change')})</span>
                  </Cell>
                  <Cell title={revision.contentRoot}>
                    <Mono>{revision.contentRoot.slice(0, 12)}</Mono>
                  </Cell>
                </Row>
              ))}
            </Table>
          );
        }}
      </Loaded>
      <More query={query} />
    </Card>
  );
}

function Audit() {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      { limit: pageSize },
      { getNextPageParam: (page) => page.nextCursor ?? undefined, refetchInterval: pollMs },
    ),
  );
  return (
    <Card title="Audit log" hint={<Updated query={query} />} flush>
      <Loaded query={query} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.items);
          if (rows.length === 0)
            return (
              <NothingYet title="Nothing recorded yet">Everything that operators change is recorded here, and cannot be edited.</NothingYet>
            );
          return (
            <Table label="Audit log" head={['Time (UTC)', 'Who', 'Did', 'To', 'Reason', 'From', 'Revision', 'Request']}>
              {rows.map((entry) => (
                <Row key={entry.id}>
                  <Cell className="whitespace-nowrap">{stampUtc(entry.at)}</Cell>
                  <Name>
                    {entry.actor}
                    <span className="block text-xs font-normal text-muted">{entry.actorKind}</span>
                  </Name>
                  <Cell>
                    <Mono>{entry.action}</Mono>
                  </Cell>
                  <Cell>
                    <Mono className="text-xs">{entry.target}</Mono>
                  </Cell>
                  <Cell>{entry.reason}</Cell>
                  <Cell>{entry.address === null ? '—' : <Mono>{entry.address}</Mono>}</Cell>
                  <Cell>{entry.revision ?? '—'}</Cell>
                  <Cell title={entry.requestId}>
                    <Mono className="text-xs">{entry.requestId.slice(-8)}</Mono>
                  </Cell>
                </Row>
              ))}
            </Table>
          );
        }}
      </Loaded>
      <More query={query} />
    </Card>
  );
}

export function ActivityLog() {
  const seesAll = useSeesAll();
  const [wanted, setView] = useQueryState('view', parseAsStringLiteral(views).withDefault('revisions'));
  const view = seesAll ? wanted : 'audit';
  return (
    <>
      <PageHead
        title="Activity"
        actions={seesAll && <Choice label="Show" value={view} options={views} onChange={(next) => void setView(next)} />}
      >
        Every change with its reason. Revisions are what nodes run; the audit log is everything that anyone did.
      </PageHead>
      {view === 'revisions' ? <Revisions /> : <Audit />}
    </>
  );
}
