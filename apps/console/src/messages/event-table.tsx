'use client';
// Events as rows, newest first. Replies of remote servers are attacker-written: shown as text, bounded, never as markup.
import Link from 'next/link';
import type { EventView } from '@sluice/contract/api';
import { count } from '@/format/number.ts';
import { clockUtc, stampUtc } from '@/format/time.ts';
import { OutcomeStatus } from '@/ui/status.tsx';
import { Address, Cell, Name, Row, Table } from '@/ui/table.tsx';
import { ReplyLine } from './reply.tsx';

function what(event: EventView): string {
  if (event.type === 'accepted') return event.sender ? `from ${event.sender}` : 'from <> (no return path)';
  if (event.heldCount !== null) return `${event.detail ?? 'path not usable'}; ${count(event.heldCount)} entries wait`;
  return event.detail ?? '';
}

export function EventTable({ events, label }: { events: readonly EventView[]; label: string }) {
  return (
    <Table label={label} head={['Time (UTC)', 'Outcome', 'Recipient', 'Source', 'Remote host', 'Reply']}>
      {events.map((event) => (
        <Row key={event.id}>
          <Cell className="whitespace-nowrap">
            <time dateTime={event.at} title={stampUtc(event.at)}>
              {clockUtc(event.at).replace(' UTC', '')}
            </time>
          </Cell>
          <Cell>
            <OutcomeStatus type={event.type} />
          </Cell>
          <Name className="font-normal">
            {event.entryId !== null && event.recipient !== null ? (
              <Link href={`/messages/${encodeURIComponent(event.entryId)}`} prefetch={false} className="text-accent-strong hover:underline">
                <Address>{event.recipient}</Address>
              </Link>
            ) : (
              <Address>{event.domain ?? event.site ?? '—'}</Address>
            )}
          </Name>
          <Cell className="whitespace-nowrap">{event.source ?? '—'}</Cell>
          <Cell>{event.mxHost === null ? '—' : <Address>{event.mxHost}</Address>}</Cell>
          <Cell className="min-w-64">
            {event.remoteReply ? <ReplyLine reply={event.remoteReply} /> : <span className="text-muted">{what(event)}</span>}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
