// A record file that exists for a run only.
import type { RecordFile } from '../../config/record-file.ts';

export function keptLines(lines: readonly string[] = []): RecordFile {
  let all = [...lines];
  return {
    read: () => Promise.resolve([...all]),
    append(more) {
      all.push(...more);
      return Promise.resolve();
    },
    replace(whole) {
      all = [...whole];
      return Promise.resolve();
    },
  };
}
