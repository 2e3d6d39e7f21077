'use client';
// The queues that hold the most mail or hold it for the longest, why, and what can be done. The list is asked of the running nodes; the
// filter is in the address, so that a link shows a colleague the same.
import { useQuery } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryState } from 'nuqs';
import { Fragment, useId, useState } from 'react';
import type { z } from 'zod';
import type { queueView } from '@sluice/contract/api';
import { CommandCard } from '@/egress/commands.tsx';
import { count } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { useMay } from '@/session/me.tsx';
import { StartTrace } from '@/traces/trace-dialogs.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { Card } from '@/ui/card.tsx';
import { Choice } from '@/ui/choice.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingMatches, NothingYet } from '@/ui/states.tsx';
import { Status } from '@/ui/status.tsx';
import { Address, Cell, Name, Row, Table } from '@/ui/table.tsx';
import { CommandDialog } from './command-dialog.tsx';
import { Explanation } from './explanation.tsx';
import { filterDimensions, filterOf } from './filter.ts';
import { QueueFilter } from './queue-filter.tsx';

type Queue = z.infer<typeof queueView>;
const pollMs = 3_000;
const shown = 50;
const sorts = ['size', 'oldest'] as const;
const columns = 7;

function scopeOf({ tenantId, streamId, campaign, domain }: Queue) {
  return { tenant: tenantId, stream: streamId, domain, ...(campaign === null ? {} : { campaign }) };
}

function QueueRow({ queue, canCommand }: { queue: Queue; canCommand: boolean }) {
  const now = useNow();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { tenantId, streamId, campaign, domain } = queue;
  const about = `${domain} of ${queue.tenantName ?? tenantId}${campaign === null ? '' : `, campaign ${campaign}`}`;
  return (
    <Fragment>
      <Row>
        <Name>
          <Address>{domain}</Address>
          <div className="text-xs font-normal text-muted">{queue.provider ?? queue.site ?? 'hosts not known yet'}</div>
        </Name>
        <Cell>
          {queue.tenantName ?? tenantId}
          <div className="text-xs text-muted">
            {queue.streamName ?? streamId}
            {campaign !== null && `, ${campaign}`}
            {queue.tlsOptional && ', TLS optional'}
          </div>
        </Cell>
        <Cell className="tabular-nums">{count(queue.count)}</Cell>
        <Cell className="text-xs whitespace-nowrap tabular-nums">
          {count(queue.due)} due, {count(queue.later)} later
          <div className="text-muted">
            {count(queue.ready)} ready, {count(queue.inFlight)} in an attempt
          </div>
        </Cell>
        <Cell className="whitespace-nowrap">
          {queue.oldestAt === null || now === 0 ? (
            '—'
          ) : (
            <time dateTime={new Date(queue.oldestAt).toISOString()} title={stampUtc(queue.oldestAt)}>
              {relative(queue.oldestAt, now)}
            </time>
          )}
        </Cell>
        <Cell className="max-w-96">
          {queue.heldBy === null ? (
            <Status tone="good">Flows</Status>
          ) : (
            <span className="line-clamp-2 text-sm break-words">{queue.heldBy}</span>
          )}
        </Cell>
        <Cell>
          <div className="flex justify-end gap-2">
            <Button aria-expanded={open} aria-controls={id} aria-label={`Explain ${about}`} onClick={() => setOpen(!open)}>
              Explain
            </Button>
            {canCommand && <StartTrace scope={scopeOf(queue)} about={about} label={`Trace ${about}`} />}
            {canCommand && <CommandDialog scope={scopeOf(queue)} about={about} label={`Command ${about}`} />}
          </div>
        </Cell>
      </Row>
      {open && (
        <tr id={id}>
          <td colSpan={columns} className="bg-sunken px-4 py-3">
            <Explanation queue={{ tenantId, streamId, campaign, domain }} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function Queues() {
  const trpc = useTRPC();
  const [sort, setSort] = useQueryState('sort', parseAsStringLiteral(sorts).withDefault('size'));
  const [by, setBy] = useQueryState('by', parseAsStringLiteral(filterDimensions).withDefault('domain'));
  const [value, setValue] = useQueryState('value', parseAsString.withDefault(''));
  const { scope, problem } = filterOf(by, value);
  const queues = useQuery(trpc.queues.list.queryOptions({ scope, sort, limit: shown }, { refetchInterval: pollMs }));
  const canCommand = useMay('commands.issue');
  const clear = (): void => void setValue('');
  const actions = (
    <>
      {canCommand && scope !== null && <CommandDialog scope={scope} about={`${by} ${value}`} label="Command all that matches" />}
      <Choice label="Order" value={sort} options={sorts} onChange={(next) => void setSort(next)} />
    </>
  );
  return (
    <>
      <PageHead title="Queues" asks={['commands.issue', 'commands.purge', 'traces.start']}>
        What waits on the nodes, what holds it, and what can be done about it.
      </PageHead>
      <QueueFilter
        filter={{ dimension: by, value }}
        problem={problem}
        onChange={(next) => {
          void setBy(next.dimension);
          void setValue(next.value);
        }}
      />
      <Card title="Queues" hint={<Updated query={queues} />} actions={actions} flush>
        <Loaded query={queues} rows={5}>
          {(list) => (
            <>
              {list.silent.length > 0 && (
                <p role="status" className="px-4 py-2 text-sm text-warn-text">
                  Did not answer: {list.silent.join(', ')}. What they hold is not shown.
                </p>
              )}
              {list.queues.length === 0 && scope !== null && (
                <NothingMatches title="No queue matches" onClear={clear}>
                  Nothing that matches waits on a node that answered.
                </NothingMatches>
              )}
              {list.queues.length === 0 && scope === null && (
                <NothingYet title="Nothing waits">Mail that is handed in and not yet ended shows up here.</NothingYet>
              )}
              {list.queues.length > 0 && (
                <>
                  <Table label="Queues" head={['Domain', 'Tenant and stream', 'Entries', 'Of them', 'Oldest', 'First held by']} actions>
                    {list.queues.map((queue) => (
                      <QueueRow
                        key={`${queue.node} ${queue.tenantId} ${queue.streamId} ${queue.campaign ?? ''} ${queue.domain} ${queue.tlsOptional ?? false}`}
                        queue={queue}
                        canCommand={canCommand}
                      />
                    ))}
                  </Table>
                  <p className="px-4 py-2 text-xs text-muted">
                    {count(list.queues.length)} of {count(list.total)} queues; {count(list.entries)} entries in all that match.
                  </p>
                </>
              )}
            </>
          )}
        </Loaded>
      </Card>
      <CommandCard />
    </>
  );
}
