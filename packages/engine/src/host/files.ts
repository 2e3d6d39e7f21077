// The real file system behind the Files port: synchronous calls, since the spool runs them in a thread of its own where waiting for the
// disk is the whole job (async fs would share libuv's pool with signatures and DNS). Short writes and reads are completed here.
import * as fs from 'node:fs';
import type { Files } from '../ports.ts';

/** Files 0600, directories 0700: the spool holds other people's mail. */
const fileMode = 0o600;
const directoryMode = 0o700;
/** Most buffers one writev takes; IOV_MAX is 1024 on Linux. */
const maxChunksPerCall = 512;

function writeAll(handle: number, chunk: Uint8Array, position: number): void {
  let done = 0;
  while (done < chunk.byteLength) done += fs.writeSync(handle, chunk, done, chunk.byteLength - done, position + done);
}

function write(handle: number, chunks: readonly Uint8Array[], position: number): void {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return writeAll(handle, only, position);
  let at = position;
  for (let first = 0; first < chunks.length; first += maxChunksPerCall) {
    const group = chunks.slice(first, first + maxChunksPerCall);
    let written = fs.writevSync(handle, group, at);
    for (const chunk of group) {
      const covered = Math.min(written, chunk.byteLength);
      if (covered < chunk.byteLength) writeAll(handle, chunk.subarray(covered), at + covered);
      written -= covered;
      at += chunk.byteLength;
    }
  }
}

/** Returns fewer bytes than asked only at the end of the file. */
function read(handle: number, length: number, position: number, into?: Buffer): Uint8Array {
  const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const count = fs.readSync(handle, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done === length ? bytes : bytes.subarray(0, done);
}

function syncDirectory(directory: string): void {
  const handle = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Files on the machine's own disk. Stateless: every thread makes its own. */
export function nodeFiles(): Files {
  return {
    makeDirectory: (path) => void fs.mkdirSync(path, { recursive: true, mode: directoryMode }),
    list: (directory) => fs.readdirSync(directory),
    create: (path) => fs.openSync(path, 'wx+', fileMode),
    open: (path) => fs.openSync(path, 'r+'),
    write,
    datasync: (handle) => fs.fdatasyncSync(handle),
    read,
    size: (handle) => fs.fstatSync(handle).size,
    truncate: (handle, size) => fs.ftruncateSync(handle, size),
    close: (handle) => fs.closeSync(handle),
    rename: (from, to) => fs.renameSync(from, to),
    remove: (path) => fs.unlinkSync(path),
    syncDirectory,
    freeBytes: (directory) => {
      const facts = fs.statfsSync(directory);
      return facts.bavail * facts.bsize;
    },
  };
}
