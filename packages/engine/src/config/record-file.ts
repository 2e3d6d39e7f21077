// A small file of JSON lines on the node's own disk: the engine's copy of configuration, sealed secrets and active commands. Lines are
// appended and fdatasynced, or the whole file is replaced by rename; a line torn by a crash is cut off when the file is next read.
// These writes are rare and asynchronous; the mail itself goes through the spool's own thread.
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface RecordFile {
  /** All complete lines, without line ends; empty when there is no file yet. */
  read(): Promise<string[]>;
  /** Resolves when the lines are on disk. */
  append(lines: Iterable<string>): Promise<void>;
  /** Resolves when the file consists of exactly these lines, on disk. */
  replace(lines: Iterable<string>): Promise<void>;
}

/** Text gathered before one write call. */
const writeChunkChars = 262_144;
const ownerOnly = 0o600;

async function writeLines(path: string, flags: 'a' | 'w', lines: Iterable<string>): Promise<void> {
  const handle = await open(path, flags, ownerOnly);
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += `${line}\n`;
      if (chunk.length < writeChunkChars) continue;
      await handle.writeFile(chunk);
      chunk = '';
    }
    await handle.writeFile(chunk);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The record file at `path`; its folder is made on the first write, readable by its owner only. */
export function recordFile(path: string): RecordFile {
  return {
    async read() {
      const lines: string[] = [];
      let rest = '';
      let wholeBytes = 0;
      let bytes = 0;
      try {
        for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
          const parts = (rest + chunk).split('\n');
          rest = parts.pop() ?? '';
          for (const line of parts) {
            lines.push(line);
            wholeBytes += Buffer.byteLength(line) + 1;
          }
        }
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
      bytes = wholeBytes + Buffer.byteLength(rest);
      if (bytes !== wholeBytes) await truncate(path, wholeBytes);
      return lines;
    },
    async append(lines) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeLines(path, 'a', lines);
      await syncFolder(dirname(path));
    },
    async replace(lines) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeLines(`${path}.new`, 'w', lines);
      await rename(`${path}.new`, path);
      await syncFolder(dirname(path));
    },
  };
}
