// A spool on the real disk as one that has lived through it: very many entries laid by, their accepts long copied and dropped, and a journal
// of mail that is over. Made in a minute or two by writing the segments of the waiting and of contents a batch at a time. What drills start
// an engine over.
import { systemClock } from '../host/clock.ts';
import { nodeFiles } from '../host/files.ts';
import type { Injection, JournalRecord } from '../entry.ts';
import { depositedOf } from '../spool/depot.ts';
import { putLaidBy } from '../spool/depositing.ts';
import { defaultSpoolLimits } from '../spool/limits.ts';
import { openShard } from '../spool/open-shard.ts';
import { bodyOf, putAccept, putChange, putContent } from '../spool/payload.ts';
import { recordTypes, sealAll } from '../spool/record.ts';
import { Region } from '../spool/region.ts';
import type { ShardOptions, ShardState } from '../spool/shard-state.ts';
import { Shard } from '../spool/shard.ts';

const perBatch = 5_000;
const newRegion = (): Region => new Region(Buffer.allocUnsafeSlow(1 << 22));

export type Seeding = {
  directory: string;
  node: string;
  /** Messages to one recipient each that were tried once and are laid by until `dueAt`. */
  laidBy: { count: number; message(n: number): Injection; dueAt(n: number): number };
  /** The journal: messages and what became of them, in order; null: nothing yet. */
  journal: Iterable<{ message: Injection; outcome: JournalRecord | null }>;
};

export function seedSpool({ directory, node, laidBy, journal }: Seeding): void {
  const options: ShardOptions = {
    ...{ files: nodeFiles(), directory, node, worker: 0, egress: 'sandbox', limits: defaultSpoolLimits },
    ...{ newLogId: '0199cccc-0000-7000-8000-000000000000', monotonicMs: () => systemClock.monotonicMs(), log: () => undefined },
  };
  const { state } = openShard(options);
  const regions = { contents: newRegion(), entries: newRegion() };
  for (let from = 0; from < laidBy.count; from += perBatch)
    layBy(state, laidBy, { from, to: Math.min(laidBy.count, from + perBatch) }, regions);
  // Its header says what of the depot is part of the log.
  state.journal.make();
  for (const log of [state.journal, state.content, state.waiting, state.cold]) log.close();
  const shard = new Shard(options);
  let batch: { message: Injection; outcome: JournalRecord | null }[] = [];
  for (const each of journal) if (batch.push(each) === perBatch) batch = write(shard, batch);
  write(shard, batch);
  shard.close();
}

/** As `deposit` and `copyContents` leave it. */
function layBy(
  state: ShardState,
  { message, dueAt }: Seeding['laidBy'],
  { from, to }: { from: number; to: number },
  regions: { contents: Region; entries: Region },
): void {
  const contents = regions.contents.emptied();
  const messages = Array.from({ length: to - from }, (_, n) => {
    const injection = message(from + n);
    const start = contents.begin();
    putContent(contents, injection.facts, injection.bytes);
    contents.end(start, recordTypes.content);
    return { injection, start, end: contents.length };
  });
  const contentAt = state.cold.append(contents);
  const entries = regions.entries.emptied();
  const written = messages.map(({ injection, start, end }, n) => {
    const content = { segment: contentAt.segment, offset: contentAt.offset + start, length: end - start };
    const head = { messageId: injection.messageId, content, recipients: 1, bodyAt: 0 };
    const due = Math.floor(dueAt(from + n));
    const domain = injection.recipients[0]?.domain ?? '';
    return { head, due, ...putLaidBy(entries, { head, body: bodyOf(injection) }, [0, 1, due, null, false, false], domain) };
  });
  const at = state.waiting.append(entries.used(), (place, seed) => sealAll(entries.used(), place.offset, seed));
  for (const { head, due, queue, start, end } of written) {
    const entry = depositedOf({ segment: at.segment, offset: at.offset + start, length: end - start }, due, head);
    state.waitingIndex.add(entry, queue);
    state.depot.log.acknowledge(entry.place);
  }
}

/** Accepts, and behind them what became of them. */
function write(shard: Shard, batch: readonly { message: Injection; outcome: JournalRecord | null }[]): [] {
  const [accepts, outcomes, content] = [newRegion(), newRegion(), newRegion()];
  for (const { message, outcome } of batch) {
    const accept = accepts.begin();
    putAccept(accepts, message);
    accepts.end(accept, recordTypes.accept);
    const stored = content.begin();
    putContent(content, message.facts, message.bytes);
    content.end(stored, recordTypes.content);
    if (outcome === null) continue;
    const change = outcomes.begin();
    putChange(outcomes, outcome);
    outcomes.end(change, recordTypes.change);
  }
  for (const [journal, contents] of [
    [accepts, content],
    [outcomes, newRegion()],
  ] as const) {
    const { refused, recorded } = shard.commit({ journal: journal.used(), content: contents.used() });
    if (refused !== null || !recorded) throw new Error(`the spool refused what it was given: ${refused?.message ?? 'not recorded'}`);
  }
  return [];
}
