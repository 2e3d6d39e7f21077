// Ladders on the node's own disk: a line for each ladder that changed, a row for each day that ended, in batches with a commit line. A grant
// is written before what it grants is used, so that nothing that a crash loses was ever sent.
import { ladderDay, ladderRecord, type LadderRecord } from '@sluice/contract';
import type { DayRow } from '@sluice/policy';
import { batchFile, type BatchFile } from '../config/batch-file.ts';
import type { RecordFile } from '../config/record-file.ts';

/** What is on disk of a ladder. */
export type KeptLadder = { record: LadderRecord; history: DayRow[] };
/** A ladder as it is now, or a day of it that ended. */
export type LadderLine = { l: LadderRecord } | { k: string; d: DayRow };

/** Without a file nothing outlives the process: for tests and for runs that need no memory. */
export class LadderFile {
  readonly #file: BatchFile | null;

  constructor(file: RecordFile | null) {
    this.#file = file && batchFile(file);
  }

  /** All that is kept, by key; null when the file cannot be read. */
  async load(): Promise<Map<string, KeptLadder> | null> {
    const kept = new Map<string, KeptLadder>();
    const early = new Map<string, DayRow[]>();
    const whole = await this.#file?.load((records) => {
      for (const record of records) {
        const line = lineOf(record);
        if (line === null) continue;
        if ('l' in line) {
          const history = kept.get(line.l.key)?.history ?? early.get(line.l.key) ?? [];
          kept.set(line.l.key, { record: line.l, history });
          early.delete(line.l.key);
        } else {
          const history = kept.get(line.k)?.history ?? early.get(line.k) ?? [];
          history.push(line.d);
          if (!kept.has(line.k)) early.set(line.k, history);
        }
      }
    });
    return whole === false ? null : kept;
  }

  /** Resolves when the lines are on disk. */
  async keep(lines: readonly LadderLine[], live: { readonly count: number; records(): Iterable<LadderLine> }): Promise<void> {
    await this.#file?.keep(lines, null, live);
  }
}

function lineOf(record: unknown): LadderLine | null {
  if (typeof record !== 'object' || record === null) return null;
  if ('l' in record) {
    const parsed = ladderRecord.safeParse(record.l);
    return parsed.success ? { l: parsed.data } : null;
  }
  const parsed = 'd' in record ? ladderDay.safeParse(record.d) : null;
  return parsed?.success && 'k' in record && typeof record.k === 'string' ? { k: record.k, d: parsed.data } : null;
}
