'use client';
// Where is this mail? Search by recipient or by domain; the search is in the URL, so that a link shows a colleague the same list.
import { Search } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { useId, useState, type FormEvent } from 'react';
import type { z } from 'zod';
import type { messageRow } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMe } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { inputLook } from '@/ui/field.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { OutcomeStatus } from '@/ui/status.tsx';
import { Address, Cell, Name, Row, Table } from '@/ui/table.tsx';
import { ReplyLine } from './reply.tsx';
import { searchProblem } from './search.ts';

const pollMs = 10_000;
const pageSize = 50;

function SearchForm({ value, onSearch }: { value: string; onSearch: (value: string) => void }) {
  const id = useId();
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = new FormData(event.currentTarget).get('recipient');
    const wanted = typeof text === 'string' ? text.trim().toLowerCase() : '';
    const found = searchProblem(wanted);
    setProblem(found);
    if (found === null) onSearch(wanted);
  };
  return (
    <form role="search" onSubmit={submit} className="space-y-1">
      <label htmlFor={id} className="block text-sm font-medium">
        Recipient
      </label>
      <div className="flex max-w-xl gap-2">
        <input
          key={value}
          id={id}
          name="recipient"
          defaultValue={value}
          placeholder="someone@example.com or @example.com"
          className={inputLook}
          autoComplete="off"
          spellCheck={false}
          maxLength={320}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-note`}
        />
        <Button type="submit" look="primary">
          <Search aria-hidden />
          Search
        </Button>
      </div>
      <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={problem ? 'text-xs text-bad-text' : 'text-xs text-muted'}>
        {problem ?? 'A whole address, or @ and a domain for all of its recipients. Empty shows the newest mail.'}
      </p>
    </form>
  );
}

type MessageRow = z.infer<typeof messageRow>;

function MessageTable({ rows }: { rows: readonly MessageRow[] }) {
  const now = useNow();
  return (
    <Table label="Messages" head={['Recipient', 'State', 'Last event', 'Attempts', 'Sender', 'Tenant', 'Last reply']}>
      {rows.map((row) => (
        <Row key={row.entryId}>
          <Name className="font-normal">
            <Link href={`/messages/${encodeURIComponent(row.entryId)}`} prefetch={false} className="text-accent-strong hover:underline">
              <Address>{row.recipient}</Address>
            </Link>
          </Name>
          <Cell>
            <OutcomeStatus type={row.state} />
          </Cell>
          <Cell className="whitespace-nowrap">
            <time dateTime={row.lastEventAt} title={stampUtc(row.lastEventAt)}>
              {now === 0 ? '' : relative(row.lastEventAt, now)}
            </time>
          </Cell>
          <Cell>{count(row.attempts)}</Cell>
          <Cell>{row.sender ? <Address>{row.sender}</Address> : '<>'}</Cell>
          <Cell className="whitespace-nowrap">{row.tenantName ?? '—'}</Cell>
          <Cell className="min-w-64">{row.lastReply ? <ReplyLine reply={row.lastReply} /> : <span className="text-muted">—</span>}</Cell>
        </Row>
      ))}
    </Table>
  );
}

export function Messages() {
  const client = useTRPCClient();
  const [recipient, setRecipient] = useQueryState('recipient', parseAsString.withDefault(''));
  const { personalData } = useMe().actor;
  const wrong = searchProblem(recipient) !== null;
  const input = recipient === '' || wrong ? { limit: pageSize } : { recipient, limit: pageSize };
  const query = usePages({
    key: ['messages.search', input],
    fetchPage: (cursor, signal) => client.messages.search.query({ ...input, cursor }, { signal }),
    pollMs,
  });
  return (
    <>
      <PageHead title="Messages">
        {!personalData &&
          'Recipients are shown in part: whole addresses need the grant for personal data. Searching for a whole one works.'}
      </PageHead>
      <SearchForm value={recipient} onSearch={(next) => void setRecipient(next === '' ? null : next)} />
      <Card title={recipient === '' ? 'Newest mail' : `Mail to ${recipient}`} hint={<Updated query={query} />} flush>
        <Loaded query={query} rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.items);
            if (rows.length > 0) return <MessageTable rows={rows} />;
            if (recipient === '')
              return (
                <NothingYet title="No mail yet">
                  Hand in a message over SMTP with a credential of a tenant (see Tenants), or try{' '}
                  <code className="font-mono">npm run -s sluice -- send --to someone@gmail.com</code>.
                </NothingYet>
              );
            return (
              <NothingMatches title={`No mail to ${recipient}`} onClear={() => void setRecipient(null)}>
                Nothing was accepted for it in the time that events are kept. Check the spelling; the address must be whole.
              </NothingMatches>
            );
          }}
        </Loaded>
        <More query={query} />
      </Card>
    </>
  );
}
