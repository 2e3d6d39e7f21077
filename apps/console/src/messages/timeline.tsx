'use client';
// The life of one message to one recipient: handed in, each attempt with who was asked and what they said, and what happens next.
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import Link from 'next/link';
import type { EventView } from '@sluice/contract/api';
import { bytes, milliseconds, plural } from '@/format/number.ts';
import { relative, stampUtc } from '@/format/time.ts';
import { useNow } from '@/live/live-context.tsx';
import { PageHead } from '@/shell/shell.tsx';
import { useMay, useMe } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Card } from '@/ui/card.tsx';
import { CopyValue } from '@/ui/copy.tsx';
import { Loaded, Updated } from '@/ui/loaded.tsx';
import { NothingYet } from '@/ui/states.tsx';
import { OutcomeStatus, outcomes } from '@/ui/status.tsx';
import { Mono } from '@/ui/table.tsx';
import { MessageHolds } from './message-holds.tsx';
import { ReplyBlock } from './reply.tsx';
import { factsOf } from './facts.ts';

const pollMs = 5_000;

function Step({ event, now }: { event: EventView; now: number }) {
  const facts = factsOf(event);
  return (
    <li className="relative grid gap-x-6 gap-y-2 border-l-2 border-border py-3 pl-5 last:border-transparent md:grid-cols-[13rem_minmax(0,1fr)]">
      <span
        aria-hidden
        className="absolute top-4.5 -left-[7px] size-3 rounded-full border-2 border-surface"
        style={{ background: outcomes[event.type].colour }}
      />
      <div className="space-y-1">
        <div className="flex items-center gap-2">
          <OutcomeStatus type={event.type} />
          {event.attempt !== null && <span className="text-xs text-muted">attempt {event.attempt}</span>}
        </div>
        <time dateTime={event.at} className="block text-xs whitespace-nowrap">
          {stampUtc(event.at)}
        </time>
        {now !== 0 && <span className="block text-xs text-muted">{relative(event.at, now)}</span>}
      </div>
      <div className="min-w-0 space-y-2">
        <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
          {facts.map(({ name, value, mono }) => (
            <div key={name} className="flex min-w-0 gap-1.5">
              <dt className="text-muted">{name}</dt>
              <dd className="min-w-0">{mono ? <Mono>{value}</Mono> : value}</dd>
            </div>
          ))}
        </dl>
        {event.detail !== null && <p className="text-sm break-words">{event.detail}</p>}
        {event.remoteReply && <ReplyBlock reply={event.remoteReply} />}
        {event.nextAttemptAt !== null && (
          <p className="text-sm">
            <strong>{now > Date.parse(event.nextAttemptAt) ? 'Next attempt was due' : 'Next attempt'}</strong>{' '}
            {stampUtc(event.nextAttemptAt)}
            {now !== 0 && ` (${relative(event.nextAttemptAt, now)})`}
          </p>
        )}
      </div>
    </li>
  );
}

const ends: readonly EventView['type'][] = ['delivered', 'bounced', 'expired', 'cancelled'];
const isOver = (events: readonly EventView[]): boolean => ends.includes(events.at(-1)?.type ?? 'accepted');

function Summary({ events }: { events: readonly EventView[] }) {
  const accepted = events.find((event) => event.type === 'accepted');
  const last = events.at(-1);
  const attempts = events.reduce((most, event) => Math.max(most, event.attempt ?? 0), 0);
  const known = accepted ?? last;
  if (!last || !known) return null;
  const ended = isOver(events);
  return (
    <Card title="Summary">
      <dl className="grid gap-x-6 gap-y-3 text-sm sm:grid-cols-2 lg:grid-cols-4">
        <div>
          <dt className="mb-1 text-xs text-muted">State</dt>
          <dd>
            <OutcomeStatus type={last.type} />
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">Sender (MAIL FROM)</dt>
          <dd>
            <Mono>{known.sender || '<>'}</Mono>
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">Attempts</dt>
          <dd>
            {plural(attempts, 'attempt')}
            {accepted && ended && `, ${milliseconds(Date.parse(last.at) - Date.parse(accepted.at))} from accepted to the end`}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-muted">Size, campaign, node</dt>
          <dd>
            {known.sizeBytes === null ? '—' : bytes(known.sizeBytes)}, {known.campaign ?? 'no campaign'}, <Mono>{known.node}</Mono>
          </dd>
        </div>
      </dl>
      {known.messageId !== null && (
        <div className="mt-3 max-w-xl">
          <CopyValue label="Message id" value={known.messageId} />
        </div>
      )}
    </Card>
  );
}

export function Timeline({ entryId }: { entryId: string }) {
  const trpc = useTRPC();
  const now = useNow();
  const mayExplain = useMay('messages.explain');
  const query = useQuery(trpc.messages.timeline.queryOptions({ entryId }, { refetchInterval: pollMs }));
  const recipient = query.data?.events.find((event) => event.recipient !== null)?.recipient ?? null;
  // Without the grant for personal data the address is masked, and finds nothing.
  const searchable = useMe().actor.personalData ? recipient : null;
  return (
    <>
      <Link
        href={searchable === null ? '/messages' : `/messages?recipient=${encodeURIComponent(searchable)}`}
        prefetch={false}
        className="inline-flex items-center gap-1 text-sm text-accent-strong hover:underline"
      >
        <ArrowLeft aria-hidden className="size-4" />
        {searchable === null ? 'All messages' : `All mail to ${searchable}`}
      </Link>
      <PageHead title={recipient === null ? 'Message' : `To ${recipient}`} />
      <Loaded query={query}>
        {({ events }) =>
          events.length === 0 ? (
            <Card title="Timeline">
              <NothingYet title="No events for this message">
                It is unknown, older than events are kept, or belongs to a tenant you cannot see.
              </NothingYet>
            </Card>
          ) : (
            <>
              <Summary events={events} />
              {mayExplain && !isOver(events) && <MessageHolds entryId={entryId} />}
              <Card title="Timeline" hint={<Updated query={query} />}>
                <ol aria-label="Events, oldest first" className="ml-1.5">
                  {events.map((event) => (
                    <Step key={event.id} event={event} now={now} />
                  ))}
                </ol>
              </Card>
            </>
          )
        }
      </Loaded>
    </>
  );
}
