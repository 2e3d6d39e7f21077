'use client';
// The audit record: searched, each entry with what was before and after it, and whether the record is whole.
import { useState } from 'react';
import type { AuditDetail } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { Address, Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { fieldChanges } from './changes.ts';
import { DownloadAudit } from './download.tsx';
import { AuditFilter, useAuditFilter, wantedOf } from './filter.tsx';
import { AuditState } from './state.tsx';

/** As it comes over the wire, where what is unknown may be absent. */
type Entry = Omit<AuditDetail, 'before' | 'after'> & { before?: unknown; after?: unknown };

const pollMs = 15_000;
const pageSize = 50;

function Changes({ entry }: { entry: Entry }) {
  const changes = fieldChanges(entry.before, entry.after);
  if (changes.length === 0) return <p className="text-sm text-muted">This entry has no before and after.</p>;
  return (
    <Table label="Before and after" head={['Field', 'Before', 'After']}>
      {changes.map(({ field, before, after }) => (
        <Row key={field}>
          <Name>
            <Mono>{field}</Mono>
          </Name>
          <Cell>{before === null ? <span className="text-muted">not there</span> : <Mono className="text-bad-text">{before}</Mono>}</Cell>
          <Cell>{after === null ? <span className="text-muted">not there</span> : <Mono className="text-good-text">{after}</Mono>}</Cell>
        </Row>
      ))}
    </Table>
  );
}

function EntryDialog({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  const facts: readonly (readonly [string, string])[] = [
    ['Time', stampUtc(entry.at)],
    ['Who', `${entry.actor} (${entry.actorKind})`],
    ['To', entry.target],
    ['Reason', entry.reason],
    ['From', entry.address ?? 'this machine'],
    ['Revision', entry.revision === null ? 'none' : String(entry.revision)],
    ['Request', entry.requestId],
    ['Hash', entry.hash],
  ];
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button look="quiet" aria-label={`Show entry ${entry.seq}`}>
          Show
        </Button>
      }
      title={`Entry ${entry.seq}: ${entry.action}`}
      description="What was done, and what it changed. Secrets and recipients are left out."
    >
      <dl className="mb-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <Changes entry={entry} />
    </Dialog>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }) {
  return (
    <Table label="Audit record" head={['Entry', 'Time (UTC)', 'Who', 'Did', 'To', 'Reason']} actions>
      {entries.map((entry) => (
        <Row key={entry.id}>
          <Name>{count(entry.seq)}</Name>
          <Cell className="whitespace-nowrap">{stampUtc(entry.at)}</Cell>
          <Cell>
            {entry.actor}
            <span className="block text-xs text-muted">{entry.actorKind}</span>
          </Cell>
          <Cell>
            <Address>{entry.action}</Address>
          </Cell>
          <Cell>
            <Address>{entry.target}</Address>
          </Cell>
          <Cell className="min-w-48">{entry.reason}</Cell>
          <Cell className="text-right">
            <EntryDialog entry={entry} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

export function AuditRecord() {
  const client = useTRPCClient();
  const seesState = useMay('audit.state');
  const mayExport = useMay('audit.export');
  const [filter, setFilter] = useAuditFilter();
  const wanted = wantedOf(filter);
  const query = usePages({
    key: ['audit.search', wanted],
    fetchPage: (cursor, signal) => client.audit.search.query({ ...wanted, limit: pageSize, cursor }, { signal }),
    pollMs,
  });
  return (
    <>
      <PageHead title="Audit">
        Everything that anyone did, with its reason and what was before and after. Nobody can edit it, and each entry vouches for those
        before it.
      </PageHead>
      {seesState && <AuditState />}
      <AuditFilter />
      <Card title="Entries" hint={<Updated query={query} />} actions={mayExport && <DownloadAudit wanted={wanted} />} flush>
        <Loaded query={query} rows={8}>
          {({ pages }) => {
            const entries = pages.flatMap((page) => page.items);
            if (entries.length > 0) return <Entries entries={entries} />;
            if (Object.keys(wanted).length === 0)
              return <NothingYet title="Nothing recorded yet">The first thing that somebody does is the first entry.</NothingYet>;
            return (
              <NothingMatches title="No such entry so far" onClear={() => void setFilter(null)}>
                A search by text looks at the newest entries first; load more to look further back.
              </NothingMatches>
            );
          }}
        </Loaded>
        <More query={query} />
      </Card>
    </>
  );
}
