// The oracle: one JSON line per message whose final dot was read, appended before its reply goes out. What is not here was not
// received; what is here with a 250 id was acknowledged. Lines of one turn of the event loop go out in one write.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';

export type ReceivedMessage = {
  at: string;
  /** Name of the receiving host, and its profile. */
  host: string;
  profile: string;
  hostAddress: string;
  sourceAddress: string;
  tls: { version: string; cipher: string } | null;
  ehlo: string;
  sender: string;
  /** Parameters of MAIL FROM and of each RCPT TO, as written. */
  senderParameters: string;
  recipients: { address: string; parameters: string }[];
  /** What the reply to the final dot said; 0 when the connection was closed instead. */
  replyCode: number;
  /** Id given in the 250; null for every other reply. */
  id: string | null;
  sizeBytes: number;
  /** Line feeds without a carriage return before them: a correct sender has none. RFC 5321 section 2.3.8. */
  bareLineFeeds: number;
  /** Of the data as received: dot-unstuffed, CRLF line ends, without the final dot. */
  sha256: string;
  messageId: string | null;
  /** Header fields in order, unfolded, values trimmed; the first 200. */
  headers: [name: string, value: string][];
  /** The message in base64, where the simulator was started with `keepRaw`. */
  raw?: string;
};

export class ReceivedLog {
  readonly path: string;
  readonly #handle: number;
  #pending: { line: string; written: () => void }[] = [];
  #scheduled: NodeJS.Immediate | null = null;
  #closed = false;

  constructor(path: string) {
    this.path = path;
    this.#handle = openSync(path, 'a+', 0o600);
    // A line torn by a kill must not swallow the next one.
    const size = fstatSync(this.#handle).size;
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(this.#handle, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(this.#handle, '\n');
  }

  sizeBytes(): number {
    return fstatSync(this.#handle).size;
  }

  /** Resolves when the line is in the file. Rejects after `close`: a reply that was still waiting must not go out then. */
  append(message: ReceivedMessage): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the log is closed'));
    return new Promise((resolve) => {
      this.#pending.push({ line: `${JSON.stringify(message)}\n`, written: resolve });
      this.#scheduled ??= setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#scheduled = null;
    const batch = this.#pending;
    this.#pending = [];
    const bytes = Buffer.from(batch.map((entry) => entry.line).join(''));
    for (let offset = 0; offset < bytes.length;) offset += writeSync(this.#handle, bytes, offset);
    for (const entry of batch) entry.written();
  }

  close(): void {
    if (this.#scheduled) clearImmediate(this.#scheduled);
    this.#flush();
    this.#closed = true;
    closeSync(this.#handle);
  }
}

/** Reads a log, while it grows or after; a torn line is skipped. */
export async function* readReceived(path: string): AsyncGenerator<ReceivedMessage> {
  const file = await open(path, 'r');
  try {
    for await (const line of file.readLines()) {
      const message = parseLine(line);
      if (message) yield message;
    }
  } finally {
    await file.close();
  }
}

function parseLine(line: string): ReceivedMessage | null {
  try {
    return line === '' ? null : (JSON.parse(line) as ReceivedMessage);
  } catch {
    return null;
  }
}
