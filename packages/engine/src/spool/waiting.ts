// A call of the engine that waits for the disk, and how it is written into a batch: records in the order of the calls, the content of an
// accept beside its record.
import type { Injection, SpoolRecord } from '../entry.ts';
import type { AcceptedEntries, Clock } from '../ports.ts';
import { putAccept, putChange, putContent } from './payload.ts';
import { recordTypes } from './record.ts';
import type { Region } from './region.ts';

export type Waiting =
  | { kind: 'accept'; injection: Injection; bytes: number; resolve: (accepted: AcceptedEntries) => void; reject: (error: Error) => void }
  | { kind: 'record'; records: SpoolRecord[]; bytes: number; resolve: () => void; reject: (error: Error) => void };

/** Rough size of a record, for the bound of a batch. */
export const recordBytes = 1024;
/** How long a batch is written down in one go; it ends with the call that is under way. */
const turnMs = 5;

/** Frames what a call asks for into the two regions of a batch. */
function writeWaiting(waiting: Waiting, regions: { journal: Region; content: Region }): void {
  if (waiting.kind === 'accept') {
    const start = regions.journal.begin();
    putAccept(regions.journal, waiting.injection);
    regions.journal.end(start, recordTypes.accept);
    if (waiting.injection.stored) return;
    const contentStart = regions.content.begin();
    putContent(regions.content, waiting.injection.facts, waiting.injection.bytes);
    regions.content.end(contentStart, recordTypes.content);
    return;
  }
  for (const record of waiting.records) {
    const start = regions.journal.begin();
    putChange(regions.journal, record);
    regions.journal.end(start, record.event === null ? recordTypes.laidBy : recordTypes.change);
  }
}

/** Writes a batch down, and lets others have their turn every few milliseconds. */
export async function writeAll(
  batch: readonly Waiting[],
  regions: Parameters<typeof writeWaiting>[1],
  clock: Pick<Clock, 'monotonicMs'>,
  giveWay: () => Promise<void>,
): Promise<void> {
  let untilMs: number | null = null;
  for (const [n, waiting] of batch.entries()) {
    if (n > 0) {
      const nowMs = clock.monotonicMs();
      untilMs ??= nowMs + turnMs;
      if (nowMs >= untilMs) {
        await giveWay();
        untilMs = null;
      }
    }
    writeWaiting(waiting, regions);
  }
}
