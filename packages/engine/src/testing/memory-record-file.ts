// A record file in memory, for tests: what `lines` holds survives a restart of whatever uses it.
import type { RecordFile } from '../config/record-file.ts';

export type MemoryRecordFile = RecordFile & { lines: string[]; replaced: number; failing: boolean };

export function memoryRecordFile(lines: string[] = []): MemoryRecordFile {
  const file: MemoryRecordFile = {
    lines,
    replaced: 0,
    failing: false,
    read: () => Promise.resolve([...file.lines]),
    append(more) {
      if (file.failing) return Promise.reject(new Error('no space left on device'));
      file.lines.push(...more);
      return Promise.resolve();
    },
    replace(all) {
      if (file.failing) return Promise.reject(new Error('no space left on device'));
      file.lines = [...all];
      file.replaced++;
      return Promise.resolve();
    },
  };
  return file;
}
