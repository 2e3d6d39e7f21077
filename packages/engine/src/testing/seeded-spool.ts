// A spool on the real disk that holds very many deferred entries, made in seconds: whole batches go straight to the shard, an accept and a
// retry of each. What drills start an engine over.
import { systemClock } from '../host/clock.ts';
import { nodeFiles } from '../host/files.ts';
import type { Injection, JournalRecord } from '../entry.ts';
import { defaultSpoolLimits } from '../spool/limits.ts';
import { putAccept, putChange, putContent } from '../spool/payload.ts';
import { recordTypes } from '../spool/record.ts';
import { Region } from '../spool/region.ts';
import { Shard } from '../spool/shard.ts';

const perBatch = 5_000;
const newRegion = (): Region => new Region(Buffer.allocUnsafeSlow(1 << 22));

/** What the n-th message is, and the retry that it waits for; null: never tried. */
export type Seeding = {
  directory: string;
  node: string;
  count: number;
  injection(n: number): Injection;
  deferred(n: number): JournalRecord | null;
};

/** Writes the messages; returns the bytes of the journal and of the contents. */
export function seedSpool({ directory, node, count, injection, deferred }: Seeding): { journalBytes: number; contentBytes: number } {
  const own = { worker: 0, egress: 'sandbox' as const, newLogId: '0199cccc-0000-7000-8000-000000000000', log: () => undefined };
  const shard = new Shard({
    files: nodeFiles(),
    directory,
    node,
    limits: defaultSpoolLimits,
    monotonicMs: () => systemClock.monotonicMs(),
    ...own,
  });
  for (let from = 0; from < count; from += perBatch) {
    const [journal, changes, content] = [newRegion(), newRegion(), newRegion()];
    for (let n = from; n < Math.min(count, from + perBatch); n += 1) {
      const message = injection(n);
      const accept = journal.begin();
      putAccept(journal, message);
      journal.end(accept, recordTypes.accept);
      const stored = content.begin();
      putContent(content, message.facts, message.bytes);
      content.end(stored, recordTypes.content);
      const retry = deferred(n);
      if (retry === null) continue;
      const change = changes.begin();
      putChange(changes, retry);
      changes.end(change, recordTypes.change);
    }
    // A message is tried after it was accepted.
    for (const batch of [
      { journal, content },
      { journal: changes, content: newRegion() },
    ]) {
      const { refused, recorded } = shard.commit({ journal: batch.journal.used(), content: batch.content.used() });
      if (refused !== null || !recorded) throw new Error(`the spool refused what it was given: ${refused?.message ?? 'not recorded'}`);
    }
  }
  const { journalBytes, contentBytes } = shard.report().stats;
  shard.close();
  return { journalBytes, contentBytes };
}
