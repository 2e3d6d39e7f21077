'use client';
// One revision: what it changed, or what changed between it and another; and the way back.
import type { ConfigDiffItem } from '@sluice/contract/api';
import Link from 'next/link';
import { parseAsInteger, useQueryState } from 'nuqs';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { usePages } from '@/ui/pages-of.ts';
import { DiffTable } from './diff.tsx';
import { RollBack } from './roll-back.tsx';

type Part = { items: readonly ConfigDiffItem[]; total: number };

/** What is reached by skipping what was read before; null when that is all. */
const withCursor = <T extends Part>(part: T, skip: number) => {
  const read = skip + part.items.length;
  return { ...part, nextCursor: part.items.length > 0 && read < part.total ? String(read) : null };
};

function Compared({ number, to }: { number: number; to: number }) {
  const client = useTRPCClient();
  const query = usePages({
    key: ['config.diff', number, to],
    fetchPage: async (cursor = '0', signal) => {
      const skip = Number(cursor);
      return withCursor(await client.config.diff.query({ from: number, to, skip }, { signal }), skip);
    },
    pollMs: false,
  });
  return (
    <Card title={`From revision ${number} to ${to}`} flush>
      <Loaded query={query} rows={4}>
        {({ pages }) =>
          pages[0]?.total === 0 ? (
            <p className="p-4 text-sm text-muted">No difference.</p>
          ) : (
            <DiffTable items={pages.flatMap(({ items }) => items)} total={pages[0]?.total ?? 0} label="Differences" rest={query} />
          )
        }
      </Loaded>
    </Card>
  );
}

function WhatItChanged({ query }: { query: ReturnType<typeof useRevision> }) {
  return (
    <Loaded query={query} rows={4}>
      {({ pages: [first, ...others] }) =>
        first && (
          <Card title="What it changed" hint={`${first.author}, ${stampUtc(first.at)}: ${first.reason}`} flush>
            {first.total === 0 ? (
              <p className="p-4 text-sm text-muted">Nothing that you can see.</p>
            ) : (
              <DiffTable
                items={[first, ...others].flatMap(({ items }) => items)}
                total={first.total}
                label="What it changed"
                rest={query}
              />
            )}
          </Card>
        )
      }
    </Loaded>
  );
}

function useRevision(number: number) {
  const client = useTRPCClient();
  return usePages({
    key: ['config.revision', number],
    fetchPage: async (cursor = '0', signal) => {
      const skip = Number(cursor);
      return withCursor(await client.config.revision.query({ number, skip }, { signal }), skip);
    },
    pollMs: false,
  });
}

export function Revision({ number }: { number: number }) {
  const canChange = useMay('config.rollBack');
  const query = useRevision(number);
  const [to, setTo] = useQueryState('to', parseAsInteger);
  return (
    <>
      <PageHead title={`Revision ${number}`} actions={canChange && query.data && <RollBack to={number} />}>
        <Link href="/config" className="text-accent-strong underline">
          All revisions
        </Link>
      </PageHead>
      <div className="space-y-4">
        <WhatItChanged query={query} />
        {query.data && (
          <div className="max-w-60">
            <TextField
              label="Compare with revision"
              type="number"
              min={0}
              max={2_000_000_000}
              value={to ?? ''}
              onChange={(event) => void setTo(event.target.value === '' ? null : Number(event.target.value))}
            />
          </div>
        )}
        {to !== null && to >= 0 && <Compared number={number} to={to} />}
      </div>
    </>
  );
}
