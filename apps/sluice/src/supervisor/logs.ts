// The parts' log files: bounded in size, and their errors shown to the operator as they come. A file over its bound moves aside (one old
// file is kept) and is emptied in place: writers append, so they simply go on at its new end.
import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

const maxLogBytes = 32 * 1024 * 1024;
const followIntervalMs = 500;
const maxChunkBytes = 64 * 1024;
const maxLinesShown = 20;
const pinoError = 50;

export function rotateLog(path: string, maxBytes = maxLogBytes): void {
  if (!existsSync(path) || statSync(path).size <= maxBytes) return;
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
}

/** Text from `offset` on, at most the last 64 KB of it. */
function readFrom(path: string, offset: number): { text: string; end: number } {
  if (!existsSync(path)) return { text: '', end: 0 };
  const handle = openSync(path, 'r');
  try {
    const size = fstatSync(handle).size;
    const begin = Math.max(size < offset ? 0 : offset, size - maxChunkBytes);
    const buffer = Buffer.alloc(size - begin);
    const length = readSync(handle, buffer, 0, buffer.length, begin);
    return { text: buffer.toString('utf8', 0, length), end: begin + length };
  } finally {
    closeSync(handle);
  }
}

/** What of a log line concerns the operator: plain text, and the message of structured records at level error or above. */
function errorOf(line: string, plainCounts: boolean): string | null {
  if (!line.startsWith('{')) return plainCounts && line.trim() !== '' ? line : null;
  try {
    const record = JSON.parse(line) as { level?: unknown; msg?: unknown };
    return typeof record.level === 'number' && record.level >= pinoError ? (typeof record.msg === 'string' ? record.msg : line) : null;
  } catch {
    return plainCounts ? line : null;
  }
}

// Remote text may be in a log line; a terminal must not obey it.
const printable = (line: string): string => line.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '?');

export type LogFollower = {
  /** Shows what has come since the last look. */
  look(): void;
  stop(): void;
};

/** Follows `<base>.log` (errors of structured records) and `<base>.errors.log` (everything), from their present ends on. */
export function followLogs(bases: readonly { name: string; base: string }[], show: (line: string) => void): LogFollower {
  const files = bases.flatMap(({ name, base }) => [
    { name, path: `${base}.log`, plainCounts: false, offset: 0 },
    { name, path: `${base}.errors.log`, plainCounts: true, offset: 0 },
  ]);
  for (const file of files) {
    rotateLog(file.path);
    file.offset = existsSync(file.path) ? statSync(file.path).size : 0;
  }
  const look = (): void => {
    for (const file of files) {
      const { text, end } = readFrom(file.path, file.offset);
      const complete = text.lastIndexOf('\n') + 1;
      file.offset = end - Buffer.byteLength(text.slice(complete));
      const errors = text
        .slice(0, complete)
        .split('\n')
        .flatMap((line) => errorOf(line, file.plainCounts) ?? []);
      for (const line of errors.slice(0, maxLinesShown)) show(`${file.name}: ${printable(line)}`);
      if (errors.length > maxLinesShown) show(`${file.name}: ${errors.length - maxLinesShown} more lines in ${file.path}`);
      rotateLog(file.path);
    }
  };
  const timer = setInterval(look, followIntervalMs);
  timer.unref();
  return { look, stop: () => clearInterval(timer) };
}
