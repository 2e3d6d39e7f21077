'use client';
// What happened since this operator last looked at this page: remembered by the browser, said in one line, dismissed with one press.
import { useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { count } from '@/format/number.ts';
import { clockUtc, duration } from '@/format/time.ts';
import { useLive, useNow } from '@/live/live-context.tsx';
import { useMe } from '@/session/me.tsx';
import { useTRPC } from '@/trpc/client.ts';
import { Button } from '@/ui/button.tsx';
import { totalOf } from './outcome-series.ts';
import { lookedAt, type Look } from './last-look.ts';

/** Shorter absences are not worth a line; longer ones reach past what the series holds. */
const shortestMs = 5 * 60_000;
const longestMinutes = 1440;

export function SinceLastVisit() {
  const { actor } = useMe();
  const { feed } = useLive();
  const now = useNow();
  const trpc = useTRPC();
  const [look, setLook] = useState<Look | null>(null);
  const head = feed.tick?.nodes[0]?.headRevision ?? null;
  useEffect(() => setLook(lookedAt.read(actor.id)), [actor.id]);
  useEffect(() => {
    const keep = (): void => lookedAt.write(actor.id, { at: Date.now(), revision: head });
    window.addEventListener('pagehide', keep);
    return () => {
      window.removeEventListener('pagehide', keep);
      if (head !== null) keep();
    };
  }, [actor.id, head]);
  const away = look === null || now === 0 ? 0 : now - look.at;
  const worthIt = away >= shortestMs;
  const minutes = Math.min(longestMinutes, Math.max(5, Math.ceil(away / 60_000)));
  const outcomes = useQuery(trpc.overview.outcomes.queryOptions({ minutes }, { enabled: worthIt, staleTime: Infinity }));
  if (!worthIt || look === null || outcomes.data === undefined) return null;
  const total = totalOf(outcomes.data.series);
  const changed = look.revision !== null && head !== null && head > look.revision;
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 rounded-lg border border-border bg-surface px-4 py-2 text-sm">
      <History aria-hidden className="size-4 text-muted" />
      <span>
        Since you last looked at {clockUtc(look.at)} ({duration(away / 1000)} ago): {count(total.delivered)} delivered,{' '}
        {count(total.deferred)} deferred, {count(total.bounced)} bounced
        {changed ? (
          <>
            , and the configuration went{' '}
            <Link href="/config" prefetch={false} className="text-accent-strong underline">
              from revision {look.revision} to {head}
            </Link>
            .
          </>
        ) : (
          '; no change of configuration.'
        )}
      </span>
      <Button look="quiet" className="ml-auto h-7" onClick={() => setLook(null)}>
        Dismiss
      </Button>
    </p>
  );
}
