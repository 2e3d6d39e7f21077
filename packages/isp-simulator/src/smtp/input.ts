// Bytes of one connection in, command lines and message data out. Knows line ends, dots and bounds; knows no command.

export type InputItem =
  { kind: 'line'; line: string } | { kind: 'line_too_long' } | { kind: 'data'; bytes: Buffer } | { kind: 'data_too_long' };

/** RFC 5321 section 4.5.3.1.4 asks for 512 octets; extensions ask for more. */
const maxLineBytes = 4096;
const endOfData = Buffer.from('\r\n.\r\n');
const stuffed = Buffer.from('\r\n.');
const lf = 0x0a;
const dot = 0x2e;

export class SmtpInput {
  #waiting: Buffer = Buffer.alloc(0);
  #mode: 'line' | 'overlong_line' | 'data' = 'line';
  #chunks: Buffer[] = [];
  #dataBytes = 0;
  #maxDataBytes = 0;
  /** Up to four octets before what comes next, so that an end of data split over chunks is found. */
  #tail: Buffer = Buffer.alloc(0);

  /** Octets not yet turned into items. */
  get waitingBytes(): number {
    return this.#waiting.length;
  }

  push(chunk: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
  }

  /** What follows is message data; longer than `maxBytes` it is read to its end and dropped. */
  expectData(maxBytes: number): void {
    this.#mode = 'data';
    this.#chunks = [];
    this.#dataBytes = 0;
    this.#maxDataBytes = maxBytes;
    // The end may follow at once: the dot of an empty message stands at the beginning of a line.
    this.#tail = Buffer.from('\r\n');
  }

  /** Forgets what was sent ahead; true when there was something. RFC 3207 section 4.2. */
  clear(): boolean {
    const had = this.#waiting.length > 0;
    this.#waiting = Buffer.alloc(0);
    return had;
  }

  next(): InputItem | null {
    return this.#mode === 'data' ? this.#nextData() : this.#nextLine();
  }

  #nextLine(): InputItem | null {
    const end = this.#waiting.indexOf(lf);
    if (end === -1) {
      if (this.#waiting.length > maxLineBytes) {
        this.#mode = 'overlong_line';
        this.#waiting = Buffer.alloc(0);
      }
      return null;
    }
    const line = this.#waiting.subarray(0, end);
    this.#waiting = this.#waiting.subarray(end + 1);
    const overlong = this.#mode === 'overlong_line' || line.length >= maxLineBytes;
    this.#mode = 'line';
    if (overlong) return { kind: 'line_too_long' };
    return { kind: 'line', line: line.toString('utf8').replace(/\r$/, '') };
  }

  #nextData(): InputItem | null {
    if (this.#waiting.length === 0) return null;
    const seen = this.#tail.length === 0 ? this.#waiting : Buffer.concat([this.#tail, this.#waiting]);
    const end = seen.indexOf(endOfData);
    if (end === -1) {
      this.#keep(this.#waiting);
      this.#tail = Buffer.from(seen.subarray(-4));
      this.#waiting = Buffer.alloc(0);
      return null;
    }
    // Octets of `waiting` before the dot; the CRLF before it belongs to the message. RFC 5321 section 4.1.1.4.
    const dotAt = end + 2 - this.#tail.length;
    if (dotAt > 0) this.#keep(this.#waiting.subarray(0, dotAt));
    this.#waiting = this.#waiting.subarray(dotAt + 3);
    this.#mode = 'line';
    const total = this.#dataBytes + Math.min(0, dotAt);
    if (total > this.#maxDataBytes) return { kind: 'data_too_long' };
    const bytes = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = [];
    return { kind: 'data', bytes: unstuff(bytes.subarray(0, total)) };
  }

  #keep(chunk: Buffer): void {
    this.#dataBytes += chunk.length;
    if (this.#dataBytes <= this.#maxDataBytes) this.#chunks.push(chunk);
    else this.#chunks = [];
  }
}

/** Takes the first of two dots at the start of a line away. RFC 5321 section 4.5.2. */
function unstuff(bytes: Buffer): Buffer {
  let from = bytes[0] === dot ? 1 : 0;
  let at = bytes.indexOf(stuffed, from);
  if (at === -1) return bytes.subarray(from);
  const parts: Buffer[] = [];
  while (at !== -1) {
    parts.push(bytes.subarray(from, at + 2));
    from = at + 3;
    at = bytes.indexOf(stuffed, from);
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}
