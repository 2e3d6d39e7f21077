'use client';
// What changed, who changed it, and why: numbered revisions of the configuration, and the audit log of everything done.
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { plural } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { PageHead } from '@/shell/shell.tsx';
import { useSeesAll } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Choice } from '@/ui/choice.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingYet } from '@/ui/states.tsx';
import { Address, Cell, Name, Row, Table } from '@/ui/table.tsx';

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
  const client = useTRPCClient();
  const query = usePages({
    key: ['config.revisions'],
    fetchPage: (cursor, signal) => client.config.revisions.query({ limit: pageSize, cursor }, { signal }),
    pollMs,
  });
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
                    <Address>{revision.contentRoot.slice(0, 12)}</Address>
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
  const client = useTRPCClient();
  const query = usePages({
    key: ['audit.list'],
    fetchPage: (cursor, signal) => client.audit.list.query({ limit: pageSize, cursor }, { signal }),
    pollMs,
  });
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
                    <Address>{entry.action}</Address>
                  </Cell>
                  <Cell>
                    <Address>{entry.target}</Address>
                  </Cell>
                  <Cell>{entry.reason}</Cell>
                  <Cell>{entry.address === null ? '—' : <Address>{entry.address}</Address>}</Cell>
                  <Cell>{entry.revision ?? '—'}</Cell>
                  <Cell title={entry.requestId}>
                    <Address>{entry.requestId.slice(-8)}</Address>
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
