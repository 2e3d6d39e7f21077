'use client';
// IP pools: their sources with the share each one gets, and the streams that send through them. Owners change weights.
import { CirclePause } from 'lucide-react';
import Link from 'next/link';
import { useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { SearchBox, useListParts } from '@/ui/list-parts.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { More } from '@/ui/more.tsx';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Cell, Mono, Name, Row, Table } from '@/ui/table.tsx';
import { CreatePool, EditMembers } from './pool-dialogs.tsx';
import { shareOf } from './shares.ts';
import { useSourcesOf } from './sources-of.ts';
import { OutDetails, outOf, useSourceHealth, type Health } from './source-health.tsx';
import type { Pool, Source } from './types.ts';

const pollMs = 10_000;

type MemberProps = { enabled: boolean; source: Source | undefined; health: Health; now: number };

function MemberState({ enabled, source, health, now }: MemberProps) {
  if (!source) return <Status tone="bad">Source is gone</Status>;
  if (!source.enabled) return <Status tone="quiet">Source disabled</Status>;
  if (source.suspension)
    return (
      <Status tone="warn" icon={CirclePause}>
        Suspended
      </Status>
    );
  const out = outOf(health.of(source.id));
  if (out.length > 0) return out.map((one) => <OutDetails key={one.node} health={one} now={now} />);
  return enabled ? <Status tone="good">In use</Status> : <Status tone="quiet">Member disabled</Status>;
}

type CardProps = { pool: Pool; health: Health; canChange: boolean; now: number };

function PoolCard({ pool, health, canChange, now }: CardProps) {
  const members = pool.members.map(({ sourceId }) => sourceId);
  const sources = useSourcesOf(members, pollMs);
  return (
    <Card
      title={pool.name}
      hint={
        pool.streams.length === 0
          ? 'no stream uses it'
          : `used by ${pool.streams.map((stream) => `${stream.tenantName} / ${stream.name}`).join(', ')}`
      }
      actions={canChange && <EditMembers pool={pool} />}
      flush
    >
      {pool.members.length === 0 ? (
        <NothingYet title="This pool has no sources">
          Mail of its streams waits until it has one.{canChange && ' Add sources with "Edit members".'}
        </NothingYet>
      ) : (
        <Table label={`Members of ${pool.name}`} head={['Source', 'Address', 'State', 'Weight', 'Share of new mail']}>
          {pool.members.map((member) => {
            const source = sources?.find((one) => one.id === member.sourceId);
            const part = shareOf(pool, sources ?? [], member.sourceId);
            return (
              <Row key={member.sourceId}>
                <Name>{source?.name ?? <Mono>{member.sourceId}</Mono>}</Name>
                <Cell>{source ? <Mono>{source.publicAddress}</Mono> : '—'}</Cell>
                <Cell>{sources && <MemberState enabled={member.enabled} source={source} health={health} now={now} />}</Cell>
                <Cell>{member.weight}</Cell>
                <Cell>
                  <span className="flex items-center gap-2">
                    <span aria-hidden className="h-2 w-28 overflow-hidden rounded-full bg-sunken">
                      <span className="block h-full bg-accent" style={{ width: `${part}%` }} />
                    </span>
                    {part.toFixed(0)}%
                  </span>
                </Cell>
              </Row>
            );
          })}
        </Table>
      )}
    </Card>
  );
}

export function Pools() {
  const client = useTRPCClient();
  const pools = useListParts({
    key: ['pools.list'],
    fetchPart: (part, signal) => client.pools.list.query(part, { signal }),
    keyOf: ({ name }) => name,
    pollMs,
  });
  const canChange = useMay('pools.create');
  const health = useSourceHealth();
  const now = useNow();
  return (
    <>
      <PageHead title="IP pools" asks={['pools.create']} actions={canChange && <CreatePool />}>
        A stream sends through a pool; the pool spreads its mail over its{' '}
        <Link href="/sources" prefetch={false} className="text-accent-strong underline">
          sources
        </Link>{' '}
        by weight.
      </PageHead>
      <div className="flex flex-wrap items-end gap-4">
        {(pools.search !== '' || (pools.items ?? []).length > 0) && <SearchBox parts={pools} label="Find a pool" />}
        <p className="pb-1.5 text-xs">
          <Updated query={pools.query} />
        </p>
      </div>
      <Loaded query={{ ...pools.query, data: pools.items }}>
        {(list) => {
          if (list.length > 0) return list.map((pool) => <PoolCard key={pool.id} {...{ pool, health, canChange, now }} />);
          if (pools.search !== '')
            return (
              <NothingMatches title="No such pool" onClear={() => void pools.setSearch(null)}>
                No pool has “{pools.search}” in its name.
              </NothingMatches>
            );
          return (
            <Card title="Pools">
              <NothingYet title="No pools yet">A pool needs at least one source; then streams can use it.</NothingYet>
            </Card>
          );
        }}
      </Loaded>
      <More query={pools.query} />
    </>
  );
}
