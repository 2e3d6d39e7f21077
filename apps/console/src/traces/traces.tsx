'use client';
// Protocol traces: those that run and those of the last hours, whose lines are kept for a while.
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { traceBounds } from '@sluice/contract';
import { plural } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay } from '@/session/me.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { Cell, Name, Row, Table } from '@/ui/table.tsx';
import { StartTrace, StopTrace } from './trace-dialogs.tsx';
import { TraceState, type Trace } from './trace-state.tsx';

const pollMs = 3_000;

function TraceRow({ trace, canChange }: { trace: Trace; canChange: boolean }) {
  const now = useNow();
  const lines = trace.reports.reduce((sum, report) => sum + report.lines, 0);
  const sessions = trace.reports.reduce((sum, report) => sum + report.sessions, 0);
  return (
    <Row>
      <Name>
        <Link href={`/traces/${trace.id}`} className="text-accent-strong underline">
          {trace.touches}
        </Link>
      </Name>
      <Cell>
        <TraceState trace={trace} />
      </Cell>
      <Cell className="whitespace-nowrap tabular-nums">
        {plural(sessions, 'session')}, {plural(lines, 'line')}
      </Cell>
      <Cell>
        {trace.startedBy}
        <div className="text-xs text-muted">{trace.reason}</div>
      </Cell>
      <Cell className="whitespace-nowrap">
        {now > 0 && (
          <time dateTime={trace.startedAt} title={stampUtc(trace.startedAt)}>
            {relative(trace.startedAt, now)}
          </time>
        )}
      </Cell>
      <Cell className="text-right">{canChange && <StopTrace id={trace.id} about={trace.touches} running={trace.running} />}</Cell>
    </Row>
  );
}

export function Traces() {
  const trpc = useTRPC();
  const canChange = useMay('traces.start');
  const traces = useQuery(trpc.traces.list.queryOptions({ limit: 50 }, { refetchInterval: pollMs }));
  return (
    <>
      <PageHead title="Traces" asks={['traces.start', 'traces.stop']}>
        The SMTP sessions of chosen mail, line by line as they happen. A trace ends by itself; its lines are deleted {traceBounds.keepHours}{' '}
        hours later.
      </PageHead>
      <Card title="Traces" hint={<Updated query={traces} />} actions={canChange ? <StartTrace /> : undefined} flush>
        <Loaded query={traces} rows={3}>
          {(list) =>
            list.length === 0 ? (
              <NothingYet title="No trace">
                {canChange ? 'Start one here, or from a queue.' : 'An Operator can start one.'} Lines show up as sessions open.
              </NothingYet>
            ) : (
              <Table label="Traces" head={['Shows', 'State', 'So far', 'Started by', 'Started']} actions>
                {list.map((trace) => (
                  <TraceRow key={trace.id} trace={trace} canChange={canChange} />
                ))}
              </Table>
            )
          }
        </Loaded>
      </Card>
    </>
  );
}
