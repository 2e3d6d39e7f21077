// Batches over a record file: the records of a batch, then one commit line that says how many they are and what they lead to. A batch
// without its commit line (a crash between) is ignored, also when later batches follow it. Rewritten whole when it has grown to
// several times what is live.
import type { RecordFile } from './record-file.ts';

/** Rewrite when the file holds this many times the live records, and at least `minimumRecords`. */
const growthBeforeRewrite = 3;
const minimumRecords = 1000;

export type BatchFile = {
  /** Feeds every committed batch, oldest first. False: the file cannot be understood; nothing of it may be used. */
  load(apply: (records: unknown[], commit: unknown) => void): Promise<boolean>;
  /** Keeps a batch; `live` yields all that the file must still say, with the batch in it, should it be rewritten. */
  keep(records: readonly unknown[], commit: unknown, live: { count: number; records(): Iterable<unknown> }): Promise<void>;
};

export function batchFile(file: RecordFile): BatchFile {
  let kept = 0;
  let whole = true;
  return {
    async load(apply) {
      try {
        let pending: unknown[] = [];
        for (const line of await file.read()) {
          const record: unknown = JSON.parse(line);
          if (isCommit(record)) {
            apply(record.count === 0 ? [] : pending.slice(-record.count), record.commit);
            kept += record.count;
            pending = [];
          } else pending.push(record);
        }
        return true;
      } catch {
        whole = false;
        return false;
      }
    },
    async keep(records, commit, live) {
      const grown = kept + records.length > Math.max(minimumRecords, growthBeforeRewrite * live.count);
      try {
        if (whole && !grown) {
          await file.append(jsonLines(records, { commit, count: records.length }));
          kept += records.length;
        } else {
          await file.replace(jsonLines(live.records(), { commit, count: live.count }));
          kept = live.count;
        }
        whole = true;
      } catch (error) {
        // What reached the disk is unknown: the next batch replaces the file.
        whole = false;
        throw error;
      }
    },
  };
}

function* jsonLines(records: Iterable<unknown>, commit: { commit: unknown; count: number }): Generator<string> {
  for (const record of records) yield JSON.stringify(record);
  yield JSON.stringify(commit);
}

function isCommit(record: unknown): record is { commit: unknown; count: number } {
  return typeof record === 'object' && record !== null && 'commit' in record && 'count' in record && typeof record.count === 'number';
}
