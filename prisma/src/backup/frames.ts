// The form of a backup: frames of a kind, a length and a payload, all of it compressed. The last frame has the SHA-256 of those before it, so
// that a file that was cut or changed is not taken for whole.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** `H`: what the backup is. `T`: a table begins. `D`: rows of it, as COPY writes them. `E`: the end. */
type FrameKind = 'H' | 'T' | 'D' | 'E';
export type Frame = { kind: FrameKind; payload: Buffer };

const headBytes = 5;
const maxPayloadBytes = 64 * 1024 * 1024;

export class BackupError extends Error {
  override readonly name = 'BackupError';
}

function encoded(kind: FrameKind, payload: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write(kind, 0, 'latin1');
  head.writeUInt32BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

interface FrameWriter {
  write(kind: FrameKind, payload: Buffer): Promise<void>;
  /** The last frame; resolves when the file is on disk. */
  end(): Promise<void>;
  abort(): Promise<void>;
}

/** A new file that only its owner reads, on disk when it is closed. */
export async function frameWriter(path: string): Promise<FrameWriter> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
  await once(file, 'open');
  const gzip = createGzip({ level: 6 });
  const written = pipeline(gzip, file);
  written.catch(() => undefined); // told by `end`, and by the write after it
  const hash = createHash('sha256');
  const put = async (bytes: Buffer): Promise<void> => {
    if (gzip.destroyed) await written;
    if (!gzip.write(bytes)) await Promise.race([once(gzip, 'drain'), written]);
  };
  return {
    async write(kind, payload) {
      const bytes = encoded(kind, payload);
      hash.update(bytes);
      await put(bytes);
    },
    async end() {
      await put(encoded('E', Buffer.from(JSON.stringify({ sha256: hash.digest('hex') }))));
      gzip.end();
      await written;
    },
    async abort() {
      gzip.destroy();
      await written.catch(() => undefined); // cut short on purpose
    },
  };
}

/** Frames up to the end. Throws a BackupError for a file that is none, or not whole. */
export async function* readFrames(path: string): AsyncGenerator<Frame> {
  const hash = createHash('sha256');
  let rest: Buffer = Buffer.alloc(0);
  const gunzip = createGunzip();
  const source = createReadStream(path);
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= headBytes) {
        const size = rest.readUInt32BE(1);
        if (size > maxPayloadBytes) throw new BackupError('this is no backup of Sluice');
        if (rest.length < headBytes + size) break;
        const kind = rest.toString('latin1', 0, 1) as FrameKind;
        const payload = Buffer.from(rest.subarray(headBytes, headBytes + size));
        if (kind === 'E') {
          const { sha256 } = JSON.parse(payload.toString()) as { sha256?: string };
          if (sha256 !== hash.digest('hex')) throw new BackupError('the backup was changed after it was written');
          return;
        }
        hash.update(rest.subarray(0, headBytes + size));
        rest = rest.subarray(headBytes + size);
        yield { kind, payload };
      }
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new BackupError(`${path} is not there`);
    throw new BackupError(`the backup cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
  throw new BackupError('the backup is cut off');
}
