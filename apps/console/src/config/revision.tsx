'use client';
// One revision: what it changed, or what changed between it and another; and the way back.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsInteger, useQueryState } from 'nuqs';
import { stampUtc } from '@/format/time.ts';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { TextField } from '@/ui/field.tsx';
import { Loaded } from '@/ui/loaded.tsx';
import { DiffTable } from './diff.tsx';
import { RollBack } from './roll-back.tsx';

function Compared({ number, to }: { number: number; to: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.config.diff.queryOptions({ from: number, to }, { placeholderData: keepPreviousData }));
  return (
    <Card title={`From revision ${number} to ${to}`} flush>
      <Loaded query={query} rows={4}>
        {({ items, total }) =>
          total === 0 ? (
            <p className="p-4 text-sm text-muted">No difference.</p>
          ) : (
            <DiffTable items={items} total={total} label="Differences" />
          )
        }
      </Loaded>
    </Card>
  );
}

export function Revision({ number }: { number: number }) {
  const trpc = useTRPC();
  const canChange = useMay('config.rollBack');
  const query = useQuery(trpc.config.revision.queryOptions({ number }));
  const [to, setTo] = useQueryState('to', parseAsInteger);
  return (
    <>
      <PageHead title={`Revision ${number}`} actions={canChange && query.data && <RollBack to={number} />}>
        <Link href="/config" className="text-accent-strong underline">
          All revisions
        </Link>
      </PageHead>
      <div className="space-y-4">
        <Loaded query={query} rows={4}>
          {({ at, author, reason, items, total }) => (
            <Card title="What it changed" hint={`${author}, ${stampUtc(at)} UTC: ${reason}`} flush>
              {total === 0 ? (
                <p className="p-4 text-sm text-muted">Nothing that you can see.</p>
              ) : (
                <DiffTable items={items} total={total} label="What it changed" />
              )}
            </Card>
          )}
        </Loaded>
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
