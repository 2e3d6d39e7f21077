'use client';
// Is mail flowing, what is wrong now, and what changed since I last looked? Live figures come from the browser's one stream; outcomes and
// events, which Postgres holds, are asked for every few seconds while the page is neither hidden nor paused.
import { useQuery } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import dynamic from 'next/dynamic';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { LiveTick } from '@sluice/contract/api';
import { useLive } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { Choice } from '@/ui/choice.tsx';
import { NoDataArriving, NothingYet, Skeleton } from '@/ui/states.tsx';
import { DecisionAlerts } from '@/decisions/decision-alerts.tsx';
import { EventTable } from '@/messages/event-table.tsx';
import { LiveTiles } from './live-tiles.tsx';
import { NodeTable } from '@/nodes/node-table.tsx';
import { OutcomeTable } from './outcome-table.tsx';
import { OutcomeSummary } from './outcome-summary.tsx';
import { SinceLastVisit } from './since-last-visit.tsx';

// The chart library is most of the page's weight and not needed to read the figures.
const OutcomeChart = dynamic(() => import('./outcome-chart.tsx').then((module) => module.OutcomeChart), {
  ssr: false,
  loading: () => <Skeleton rows={6} label="Loading the chart" />,
});

export const ranges = { '15m': 15, '1h': 60, '6h': 360, '24h': 1440 } as const;
const rangeNames = ['15m', '1h', '6h', '24h'] as const;
const views = ['chart', 'table'] as const;
const outcomesMs = 5_000;
const eventsMs = 5_000;
const eventCount = 15;

function NodesCard({ tick }: { tick: LiveTick | null }) {
  return (
    <Card title="Nodes" flush>
      {tick === null ? (
        <Skeleton rows={2} />
      ) : tick.nodes.length === 0 ? (
        <NoDataArriving title="No delivery node has reported yet">
          Start the engine; it appears here within a second of its first frame.
        </NoDataArriving>
      ) : (
        <NodeTable nodes={tick.nodes} />
      )}
    </Card>
  );
}

export function Overview() {
  const trpc = useTRPC();
  const { feed, freshness, paused, setPaused } = useLive();
  const [range, setRange] = useQueryState('range', parseAsStringLiteral(rangeNames).withDefault('1h'));
  const [view, setView] = useQueryState('view', parseAsStringLiteral(views).withDefault('chart'));
  const every = (ms: number): { refetchInterval: number | false } => ({ refetchInterval: paused ? false : ms });
  const outcomes = useQuery(trpc.overview.outcomes.queryOptions({ minutes: ranges[range] }, every(outcomesMs)));
  const events = useQuery(trpc.overview.lastEvents.queryOptions({ limit: eventCount }, every(eventsMs)));
  const live = useMay('live.stream');
  const silent = freshness.state === 'silent' || freshness.state === 'lost';
  return (
    <>
      <PageHead
        title="Overview"
        actions={
          <Button onClick={() => setPaused(!paused)} aria-pressed={paused}>
            {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            {paused ? 'Resume updates' : 'Pause updates'}
          </Button>
        }
      />
      <SinceLastVisit />
      {live && <LiveTiles />}
      {live && <DecisionAlerts />}
      <Card
        title="Outcomes by minute"
        hint={<Updated query={outcomes} />}
        actions={
          <>
            <Choice label="Range" value={range} options={rangeNames} onChange={(next) => void setRange(next)} />
            <Choice label="Shown as" value={view} options={views} onChange={(next) => void setView(next)} />
          </>
        }
      >
        <Loaded query={outcomes} rows={6}>
          {(data) => (
            <>
              <OutcomeSummary series={data.series} range={range} />
              {view === 'chart' ? <OutcomeChart series={data.series} now={data.now} /> : <OutcomeTable series={data.series} />}
            </>
          )}
        </Loaded>
      </Card>
      {live && <NodesCard tick={feed.tick} />}
      <Card title="Last events" hint={<Updated query={events} />} flush>
        <Loaded query={events}>
          {(list) =>
            list.length > 0 ? (
              <EventTable events={list} label="Last events" />
            ) : silent ? (
              <NoDataArriving title="No events are arriving">No node reports at the moment; see Nodes above.</NoDataArriving>
            ) : (
              <NothingYet title="No mail yet">
                Hand in a message over SMTP with a credential of a tenant (see Tenants), or try{' '}
                <code className="font-mono">npm run -s sluice -- send --to someone@gmail.com</code>.
              </NothingYet>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
