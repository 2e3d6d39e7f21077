// The parts of one transaction from content to journal: read, sign, deliver, and turn each outcome into the record that ends or
// reschedules its entry. The carrier puts them in order. Says what else follows: entries that were never offered go back, a session that
// speaks for its path delays the path.
import { nextAttemptAt, type LimitToken } from '@sluice/policy';
import type { JournalRecord, Outcome, RecipientEntry, StoredContent } from '../entry.ts';
import { attemptOutcome } from '../outcomes/attempt-outcome.ts';
import type { PathFailure, Transaction } from '../ports.ts';
import { entryEvent } from './delivery-events.ts';
import type { Lane } from './lane.ts';
import { applyMaxAge, retryScheduleOf, settingsOfQueue } from './queue-settings.ts';
import { recordReported, rememberAnswer, type Wished } from './report-first.ts';
import { outcomeWish } from './report-wish.ts';
import type { Reported } from './reporter.ts';
import { setAside } from './set-aside.ts';
import type { Connection, ReadyPath } from './ready-path.ts';
import { layByAfterMs } from './far-entries.ts';
import { overTheLimit } from './too-many.ts';
import type { Worker } from './worker.ts';

export type Handed = { lane: Lane; entries: RecipientEntry[]; tokens: LimitToken[]; startedMs: number };

export type TransactionResult = {
  /** Entries that go back to their queue as if nothing had been tried. */
  unsent: RecipientEntry[];
  /** Entries that wait for their next attempt once `recorded` resolved. */
  retried: RecipientEntry[];
  /** The same of those that lie on disk alone until then. */
  deposited: RecipientEntry[];
  /** Number of entries that are over once `recorded` resolved. */
  ended: number;
  recorded: Promise<unknown>;
  /** The reserved rate was not used. */
  refund: boolean;
  pathFailure: PathFailure | null;
  /** Entries that the server wants in a further transaction, and how many it took before the first of them. */
  again: ReadonlySet<number>;
  taken: number;
};

/** A batch on its way to a connection: its content is read and signed while others are being sent. */
export type Load = { readonly handed: Handed; readonly prepared: Promise<Prepared>; ready: Transaction | null };
type Prepared =
  | { kind: 'ready'; transaction: Transaction }
  | { kind: 'unreadable'; error: unknown }
  | { kind: 'unsigned'; content: StoredContent; error: unknown };

const none: ReadonlySet<number> = new Set();
const nothing: Omit<TransactionResult, 'recorded'> = {
  ...{ unsent: [], retried: [], deposited: [], ended: 0, refund: false, pathFailure: null },
  again: none,
  taken: 0,
};

/** Begins to read and sign what was handed out. */
export function prepareLoad(worker: Worker, handed: Handed, first: RecipientEntry): Load {
  const prepared = prepare(worker, handed, first);
  const load: Load = { handed, prepared, ready: null };
  void prepared.then((result) => {
    if (result.kind === 'ready') load.ready = result.transaction;
  });
  return load;
}

/** Never rejects. */
async function prepare(worker: Worker, { entries, lane }: Handed, first: RecipientEntry): Promise<Prepared> {
  let content: StoredContent;
  try {
    content = await worker.spool.read(first.content);
  } catch (error) {
    return { kind: 'unreadable', error };
  }
  const { facts, bytes, further } = content;
  try {
    const header = await worker.signer.sign(facts, bytes, first);
    return { kind: 'ready', transaction: { sender: first.sender, entries, facts, bytes, further, header, poolId: lane.poolId } };
  } catch (error) {
    return { kind: 'unsigned', content, error };
  }
}

/** What becomes of entries that could not be made ready. */
export function settleUnready(
  worker: Worker,
  path: ReadyPath,
  handed: Handed,
  why: Exclude<Prepared, { kind: 'ready' }>,
): TransactionResult {
  if (why.kind === 'unreadable') return unreadable(worker, path, handed, why.error);
  worker.log.warn('a message could not be signed; it waits', { entryId: handed.entries[0]?.entryId ?? null, error: String(why.error) });
  const outcome: Outcome = {
    kind: 'deferred',
    scope: 'transaction',
    reply: null,
    bounceClass: 'other',
    detail: 'the message could not be signed',
    dotSent: false,
  };
  const outcomes = handed.entries.map(() => outcome);
  return { ...settle(worker, path, null, handed, why.content, outcomes), refund: true };
}

/** A session promises not to throw; should it, its entries are deferred and the session is not used again. */
export async function deliver(
  worker: Worker,
  { session }: Connection,
  transaction: Transaction,
  next: () => Transaction | null,
): Promise<Outcome[]> {
  try {
    return await session.deliver(transaction, next);
  } catch (error) {
    worker.log.warn('a session ended in an unexpected error', { error: String(error) });
    session.destroy();
    const outcome: Outcome = {
      kind: 'deferred',
      scope: 'transaction',
      reply: null,
      bounceClass: 'other',
      detail: 'internal error while sending',
      dotSent: true,
    };
    return transaction.entries.map(() => outcome);
  }
}

/** Nothing of it was tried: all goes back. */
export function unsentResult({ entries }: Handed): TransactionResult {
  return { ...nothing, unsent: entries, recorded: Promise.resolve(), refund: true };
}

/** Content that cannot be read: with a spool in trouble the entries wait, else they are set aside for an operator. */
function unreadable(worker: Worker, path: ReadyPath, handed: Handed, error: unknown): TransactionResult {
  const trouble = worker.spool.trouble();
  if (trouble && !trouble.deliveryMayGoOn) return unsentResult(handed);
  const nowMs = worker.clock.nowMs();
  const records = setAside(worker, path, handed.lane, handed.entries, error, nowMs);
  return { ...nothing, ended: handed.entries.length, refund: true, recorded: worker.recorder.add(records) };
}

/** Turns each outcome into the record that ends or reschedules its entry. */
export function settle(
  worker: Worker,
  path: ReadyPath,
  connection: Connection | null,
  handed: Handed,
  content: StoredContent,
  outcomes: readonly Outcome[],
): TransactionResult {
  const nowMs = worker.clock.nowMs();
  const records: JournalRecord[] = [];
  const retried: RecipientEntry[] = [];
  const deposited: RecipientEntry[] = [];
  const unsent: RecipientEntry[] = [];
  const reused = connection !== null && connection.transactions > 1;
  const schedule = retryScheduleOf(worker, handed.lane.queue);
  const over = connection?.session.facts;
  const settings = settingsOfQueue(worker, handed.lane.queue);
  const wished: Wished[] = [];
  const { again, taken } = handed.entries.length > 1 ? overTheLimit(outcomes) : nothing;
  let ended = 0;
  let pathFailure: PathFailure | null = null;
  handed.entries.forEach((entry, index) => {
    // Unknown means temporary: an outcome that is missing must not lose the entry.
    const outcome = outcomes[index] ?? {
      kind: 'deferred',
      scope: 'session',
      reply: null,
      bounceClass: 'protocol',
      detail: 'no outcome',
      dotSent: false,
    };
    if (again.has(index)) return;
    // Broken off in the middle by us: the same as content that could not be read at all.
    if (outcome.contentLost) {
      if (worker.spool.trouble()?.deliveryMayGoOn === false) return void unsent.push(entry);
      records.push(...setAside(worker, path, handed.lane, [entry], outcome.detail, nowMs));
      ended++;
      return;
    }
    // A server may close an idle connection at any time, or say 421 to what would be the next message: nothing was offered, so nothing
    // was tried. Ends, since the first transaction of every connection counts. RFC 5321 sections 3.8 and 4.5.3.2.7
    if (reused && outcome.unoffered) {
      unsent.push(entry);
      return;
    }
    entry.attempts++;
    entry.lastSourceId = path.egress.source.id;
    entry.dotSent = outcome.dotSent;
    worker.counters[outcome.kind]++;
    if (outcome.kind === 'deferred') applyMaxAge(worker, handed.lane.queue, entry);
    const nextAttemptAtMs =
      outcome.kind === 'deferred'
        ? Math.min(nextAttemptAt(schedule, entry.attempts, nowMs, worker.random.fraction()), Math.max(entry.expiresAt, nowMs + 1))
        : null;
    const wish = outcomeWish(settings, entry, outcome, over?.dsn === true, nowMs);
    if (wish?.action === 'delayed') entry.delayReported = true;
    const { reply, scope, bounceClass, detail, replyRule } = outcome;
    const event = entryEvent(outcome.kind, nowMs, entry, {
      ...{ reply, scope, bounceClass, detail, nextAttemptAt: nextAttemptAtMs, ...(replyRule !== undefined && { replyRule }) },
      sizeBytes: content.facts.sizeBytes,
      attempt: entry.attempts,
      sourceId: path.egress.source.id,
      poolId: handed.lane.poolId,
      provider: path.egress.provider,
      site: path.egress.site,
      mxHost: over?.mxHost ?? null,
      remoteAddress: over?.remoteAddress ?? null,
      tls: over?.tls ?? null,
      latencyMs: nowMs - handed.startedMs,
    });
    worker.outcomes.seen(attemptOutcome(outcome, event, content.facts.fromDomain));
    const far = nextAttemptAtMs !== null && worker.spool.depot !== undefined && nextAttemptAtMs - nowMs > layByAfterMs;
    const record: JournalRecord = { event, change: changeOf(entry, nextAttemptAtMs, far) };
    records.push(record);
    if (wish) wished.push({ wish, record, entry, about: aboutOf(entry, outcome, over?.mxHost ?? null, nowMs) });
    if (nextAttemptAtMs === null) {
      ended++;
      return;
    }
    handed.lane.queue.lastDeferral = outcome;
    (far ? deposited : retried).push(entry);
    rememberAnswer(handed.lane.queue, entry, outcome, over?.mxHost ?? null, nowMs);
    // 421 closes the channel and speaks for the host, not for the message. RFC 5321 section 3.8.
    if (outcome.scope === 'path' || (outcome.scope === 'session' && outcome.reply?.code === 421)) {
      pathFailure = { ...outcome, kind: 'deferred', mxHost: over?.mxHost ?? null, remoteAddress: over?.remoteAddress ?? null };
    }
  });
  if (unsent.length === handed.entries.length) return unsentResult(handed);
  const recorded =
    wished.length === 0
      ? worker.recorder.add(records)
      : recordReported(worker, handed.lane.queue, records, wished, () => Promise.resolve(content));
  return { unsent, retried, deposited, ended, refund: false, pathFailure, again, taken, recorded };
}

/** The entry's end, or its next attempt at `nextAttemptAtMs`. */
function changeOf(entry: RecipientEntry, nextAttemptAtMs: number | null, far: boolean): JournalRecord['change'] {
  const { entryId, attempts, lastSourceId, dotSent, delayReported } = entry;
  if (nextAttemptAtMs === null) return { kind: 'end', entryId };
  entry.dueAt = nextAttemptAtMs;
  const retry = { kind: 'retry', entryId, attempts, dueAt: nextAttemptAtMs, lastSourceId, dotSent, delayReported } as const;
  return far ? { ...retry, deposit: true } : retry;
}

/** What a report says of the recipient. */
function aboutOf(entry: RecipientEntry, { kind, reply, detail }: Outcome, mxHost: string | null, nowMs: number): Reported['about'] {
  const { recipient: address, dsn, expiresAt } = entry;
  const willRetryUntil = kind === 'deferred' ? expiresAt : null;
  return { ...{ address, reply, detail, mxHost, willRetryUntil }, orcpt: dsn?.orcpt ?? null, lastAttemptAt: nowMs, expired: false };
}
