'use client';
// Egress sources: who sends, how the last hour went, and the two ways to stop one. Suspending is for now and ends by itself; disabling is
// configuration and stays.
import { CirclePause } from 'lucide-react';
import { clockUtc, countdown } from '@/format/time.ts';
import { count, share } from '@/format/number.ts';
import { useLive, useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPCClient } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { SearchedList, useListParts } from '@/ui/list-parts.tsx';
import { Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Address, Cell, Name, Row, Table } from '@/ui/table.tsx';
import { CommandCard } from './commands.tsx';
import { BulkSources } from './bulk-sources.tsx';
import { CreateSource, EnableSource, ResumeSource, SuspendSource } from './source-dialogs.tsx';
import { NamesOfSource, OutDetails, outOf, ProbeSource, UseAnyway, useSourceHealth, type HealthOfSource } from './source-health.tsx';
import { ProxyOfSource, SetProxy } from './source-proxy.tsx';
import type { Source } from './types.ts';

const pollMs = 5_000;

type Health = readonly HealthOfSource[];

function SourceState({ source, health, now }: { source: Source; health: Health; now: number }) {
  const { suspension } = source;
  const out = outOf(health);
  return (
    <div className="space-y-1">
      {source.enabled ? (
        suspension === null && out.length === 0 && <Status tone="good">Enabled</Status>
      ) : (
        <Status tone="quiet">Disabled</Status>
      )}
      {out.map((one) => (
        <OutDetails key={one.node} health={one} now={now} />
      ))}
      {suspension && (
        <>
          <Status tone="warn" icon={CirclePause}>
            Suspended
          </Status>
          <p className="text-xs" title={`by ${suspension.issuedBy}`}>
            <span className="font-medium">{now === 0 ? '' : `${countdown(suspension.expiresAt, now)} left`}</span>
            <span className="text-muted">, until {clockUtc(suspension.expiresAt)}</span>
          </p>
          <p className="max-w-56 text-xs break-words text-muted">“{suspension.reason}”</p>
        </>
      )}
    </div>
  );
}

function LastHour({ hour }: { hour: Source['lastHour'] }) {
  const attempts = hour.delivered + hour.deferred + hour.bounced;
  if (attempts === 0) return <span className="text-muted">no attempts</span>;
  return (
    <div>
      <span className="whitespace-nowrap text-good-text">{count(hour.delivered)} delivered</span>,{' '}
      <span className="whitespace-nowrap text-warn-text">{count(hour.deferred)} deferred</span>,{' '}
      <span className="whitespace-nowrap text-bad-text">{count(hour.bounced)} bounced</span>
      <p className="text-xs text-muted">{share(hour.delivered, attempts)} of attempts delivered</p>
    </div>
  );
}

type RowProps = { source: Source; health: Health; canAct: boolean; now: number };

function SourceRow({ source, health, canAct, now }: RowProps) {
  const canSetProxy = useMay('sources.setProxy');
  const { feed } = useLive();
  const live = feed.tick?.nodes.flatMap((node) => node.frame?.sources.filter((one) => one.sourceId === source.id) ?? []) ?? [];
  const sum = (key: 'ready' | 'inFlight' | 'connections'): number => live.reduce((total, one) => total + one[key], 0);
  return (
    <Row>
      <Name>
        {source.name}
        <p className="font-normal text-muted">
          <Address>{source.ehloName}</Address>
        </p>
      </Name>
      <Cell>
        <Address>{source.publicAddress}</Address>
        <p className="text-xs whitespace-nowrap text-muted">{source.node === null ? 'on every node' : `on ${source.node}`}</p>
        {source.bindAddress !== source.publicAddress && <p className="text-xs text-muted">bound to {source.bindAddress}</p>}
        {source.enabled && <NamesOfSource health={health} />}
      </Cell>
      <Cell>
        <ProxyOfSource proxy={source.proxy} />
      </Cell>
      <Cell>
        <SourceState source={source} health={health} now={now} />
      </Cell>
      <Cell className="whitespace-nowrap">
        {count(sum('ready'))} / {count(sum('connections'))}
      </Cell>
      <Cell>
        <LastHour hour={source.lastHour} />
      </Cell>
      <Cell>
        {source.pools.length === 0 ? (
          <span className="text-muted">none</span>
        ) : (
          source.pools.map((pool) => `${pool.name} (${pool.enabled ? pool.weight : 'disabled'})`).join(', ')
        )}
      </Cell>
      {canAct && (
        <Cell>
          <div className="flex flex-wrap justify-end gap-2">
            <ProbeSource source={source} />
            <UseAnyway source={source} offered={health.some(({ state }) => state === 'out')} />
            <ResumeSource source={source} />
            <SuspendSource source={source} />
            {canSetProxy && <SetProxy source={source} />}
            <EnableSource source={source} />
          </div>
        </Cell>
      )}
    </Row>
  );
}

const head = ['Source', 'Address', 'Proxy', 'State', 'Ready / connections', 'Last hour', 'Pools (weight)'];

export function Sources() {
  const client = useTRPCClient();
  const sources = useListParts({
    key: ['sources.list'],
    fetchPart: (part, signal) => client.sources.list.query(part, { signal }),
    keyOf: ({ name }) => name,
    pollMs,
  });
  const canChange = useMay('sources.create');
  const canAct = useMay('sources.setEnabled');
  const now = useNow();
  const health = useSourceHealth();
  return (
    <>
      <PageHead
        title="Sources"
        asks={['sources.create', 'sources.setEnabled']}
        actions={
          canChange && (
            <>
              <BulkSources />
              <CreateSource />
            </>
          )
        }
      >
        Suspend to stop a source now, for a stated time, keeping its mail. Disable to take it out of the configuration until someone puts it
        back. A source that cannot send goes out of its pools by itself and comes back when it can.
      </PageHead>
      <Card title="Egress sources" hint={<Updated query={sources.query} />} flush>
        <SearchedList
          parts={sources}
          label="Name or address"
          nothing={
            <NothingYet title="No sources yet">
              A source is an IP address to send from, with its EHLO name. {canChange && 'Make the first with "New source".'}
            </NothingYet>
          }
        >
          {(list) => (
            <Table label="Egress sources" head={head} actions={canAct}>
              {list.map((source) => (
                <SourceRow key={source.id} source={source} health={health.of(source.id)} canAct={canAct} now={now} />
              ))}
            </Table>
          )}
        </SearchedList>
      </Card>
      {health.silent.length > 0 && <p className="text-sm text-muted">No answer about sources from {health.silent.join(', ')}.</p>}
      <CommandCard />
    </>
  );
}
