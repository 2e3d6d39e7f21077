// Outcomes on their way to the journal: those that somebody is told of wait for their report, all others go at once.
import type { JournalRecord, Outcome, RecipientEntry } from '../entry.ts';
import { settingsOfQueue } from './queue-settings.ts';
import type { Reported } from './reporter.ts';
import type { ReportWish } from './report-wish.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

export type Wished = { wish: ReportWish } & Reported;
/** Null: it cannot be read. */
export type ReadOriginal = () => Promise<Awaited<ReturnType<Worker['spool']['read']>> | null>;

/** The last temporary answer that a queue had, for reports of expiry: of the whole host, or of one entry. */
type LastAnswer = { reply: Outcome['reply']; mxHost: string | null; atMs: number; entryId: string | null };
const lastAnswers = new WeakMap<ScheduledQueue, LastAnswer>();

export function rememberAnswer(queue: ScheduledQueue, entry: RecipientEntry, outcome: Outcome, mxHost: string | null, atMs: number): void {
  if (outcome.reply)
    lastAnswers.set(queue, { reply: outcome.reply, mxHost, atMs, entryId: outcome.scope === 'recipient' ? entry.entryId : null });
}

/** What is known of why an entry was not delivered in time. */
export function lastAnswer(queue: ScheduledQueue, entry: RecipientEntry): LastAnswer | null {
  const known = lastAnswers.get(queue);
  return known && (known.entryId === null || known.entryId === entry.entryId) ? known : null;
}

/** Resolves when all records are on disk. Entries of `wished` belong to one message. */
export async function recordReported(
  worker: Worker,
  queue: ScheduledQueue,
  records: readonly JournalRecord[],
  wished: readonly Wished[],
  original: ReadOriginal,
): Promise<void> {
  const waiting = new Set(wished.map(({ record }) => record));
  const atOnce = records.filter((record) => !waiting.has(record));
  const written: Promise<unknown>[] = atOnce.length > 0 ? [worker.recorder.add(atOnce)] : [];
  const { reportHookUrl } = settingsOfQueue(worker, queue);
  const groups = Map.groupBy(wished, ({ wish }) => `${wish.action} ${wish.target}`);
  for (const group of groups.values()) {
    const wish = group[0]?.wish;
    if (!wish) continue;
    const told = worker.reports.tell(wish, reportHookUrl, group, original);
    // Not told because the engine stops: the outcome is forgotten and the attempt made again.
    written.push(told.then((may) => (may ? worker.recorder.add(group.map(({ record }) => record)) : new Promise(() => undefined))));
  }
  await Promise.all(written);
}
