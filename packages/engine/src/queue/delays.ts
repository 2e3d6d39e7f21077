// Reports of delay for mail that was not deferred but waits: behind a limit, a suspension or a blocked lane. Looked for where expiry is
// looked for, at most once a minute in a queue and only among what is due and in memory. While the report is made the entry is in hand,
// so that nothing else becomes of it; then it is due again.
import type { JournalRecord, RecipientEntry } from '../entry.ts';
import { entryEvent } from './delivery-events.ts';
import { settingsOfQueue } from './queue-settings.ts';
import { recordReported, type ReadOriginal, type Wished } from './report-first.ts';
import { delayWish } from './report-wish.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sliced } from './slices.ts';
import type { Worker } from './worker.ts';

const lookEveryMs = 60_000;
/** Entries of one queue that are reported on in one go; the rest follows in the next round. */
const maxAtOnce = 100;

export function* tellOfDelays(worker: Worker, scheduler: Scheduler, queue: ScheduledQueue): Sliced<void> {
  const nowMs = worker.clock.nowMs();
  const settings = settingsOfQueue(worker, queue);
  const { delayReportAfterSeconds } = settings;
  if (delayReportAfterSeconds === null || queue.delayLookMs > nowMs) return;
  if (queue.bounds.acceptedFromMs + delayReportAfterSeconds * 1000 > nowMs) return;
  const late = yield* queue.takeDue((entry) => delayWish(settings, entry, nowMs) !== null && entry.expiresAt > nowMs, maxAtOnce);
  if (late.length < maxAtOnce) queue.delayLookMs = nowMs + lookEveryMs;
  const messages = Map.groupBy(late, (entry) => entry.messageId);
  for (const entries of messages.values()) void report(worker, scheduler, queue, entries, nowMs);
}

async function report(
  worker: Worker,
  scheduler: Scheduler,
  queue: ScheduledQueue,
  entries: RecipientEntry[],
  nowMs: number,
): Promise<void> {
  const settings = settingsOfQueue(worker, queue);
  const detail = 'not tried for longer than a sender is left without word';
  const wished: Wished[] = [];
  for (const entry of entries) {
    const wish = delayWish(settings, entry, nowMs);
    if (!wish) continue;
    entry.delayReported = true;
    const { entryId, attempts, dueAt, lastSourceId, dotSent, delayReported } = entry;
    const facts = { attempt: attempts, scope: 'recipient' as const, bounceClass: null, detail, nextAttemptAt: Math.max(dueAt, nowMs) };
    const record: JournalRecord = {
      event: entryEvent('deferred', nowMs, entry, facts),
      change: { kind: 'retry', entryId, attempts, dueAt, lastSourceId, dotSent, delayReported },
    };
    const { recipient: address, dsn, expiresAt: willRetryUntil } = entry;
    const said = { reply: null, mxHost: null, lastAttemptAt: null, expired: false };
    wished.push({ wish, record, entry, about: { ...said, address, orcpt: dsn?.orcpt ?? null, detail, willRetryUntil } });
  }
  const [first] = entries;
  // A report without the message is better than none.
  const original: ReadOriginal = () => (first ? worker.spool.read(first.content).catch(() => null) : Promise.resolve(null));
  const records = wished.map(({ record }) => record);
  await recordReported(worker, queue, records, wished, original);
  for (const entry of entries) scheduler.retry(queue, entry);
}
