'use client';
// Queue depth and pace, from the newest frames of all nodes.
import { count, perSecond, plural } from '@/format/number.ts';
import { clockUtc, duration } from '@/format/time.ts';
import { useLive, useNow } from '@/live/live-context.tsx';
import { ratesBetween, totalsOf } from '@/live/rates.ts';
import { Tile } from '@/ui/card.tsx';

const unknown = '—';

export function LiveTiles() {
  const { feed, freshness, paused } = useLive();
  const now = useNow();
  const stale = freshness.state === 'lost' || freshness.state === 'silent';
  const totals = feed.tick === null || feed.tick.nodes.every((node) => node.frame === null) ? null : totalsOf(feed.tick);
  const rates = ratesBetween(feed.before, feed.tick);
  const oldest = totals?.oldestEntryAt ?? null;
  const age = feed.receivedAt === null || now === 0 ? null : duration((now - feed.receivedAt) / 1000);
  return (
    <section aria-label="Queue now">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
        <Tile
          label="Delivered now"
          value={rates && !stale ? perSecond(rates.delivered) : unknown}
          note={rates && !stale ? `${perSecond(rates.accepted)} accepted` : 'waiting for two frames'}
        />
        <Tile
          label="Ready to send"
          value={totals ? count(totals.ready) : unknown}
          note={totals ? `${count(totals.inFlight)} in an attempt` : null}
        />
        <Tile label="Scheduled" value={totals ? count(totals.scheduled) : unknown} note="waiting for their next attempt" />
        <Tile label="Held" value={totals ? count(totals.held) : unknown} note="suspended, or no source" />
        <Tile
          label="Oldest entry"
          value={totals === null ? unknown : oldest === null ? 'none' : duration((now - oldest) / 1000)}
          note="in any queue"
        />
        <Tile
          label="Connections out"
          value={totals ? count(totals.outbound) : unknown}
          note={totals ? plural(totals.inbound, 'connection', 'connections') + ' in' : null}
        />
      </dl>
      <p className="mt-1.5 text-xs text-muted">
        {paused ? 'Updates are paused. ' : ''}
        {stale && freshness.lastFrameAt !== null
          ? `These figures are old: they are of ${clockUtc(freshness.lastFrameAt)}.`
          : age === null
            ? 'Waiting for the first frame.'
            : `Live figures updated ${age} ago${feed.leading ? '' : ', by another tab of this browser'}.`}
      </p>
    </section>
  );
}
