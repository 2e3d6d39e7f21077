// The message on its way through DATA: a dot in front of every line that begins with one, CRLF and a lone dot at the end. What needs no
// dot is passed on as it lies in memory. RFC 5321 section 4.5.2. By BDAT it goes as one chunk, octet for octet. RFC 3030 section 2.

const DOT = 46;
const CR = 13;
const LF = 10;
const LINE_DOT = Buffer.from('\r\n.');

/** Encodes the chunks of one message, cut anywhere. */
export class DotStuffer {
  /** How much of CRLF the octets so far end in: 2 at the start of a line. */
  #ended: 0 | 1 | 2 = 2;

  /** The chunk itself when there is nothing to stuff, else one new buffer. */
  encode(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const dots = this.#dots(bytes);
    this.#remember(bytes);
    if (dots.length === 0) return chunk;
    const out = Buffer.allocUnsafe(bytes.length + dots.length);
    let from = 0;
    let used = 0;
    for (const dot of dots) {
      used += bytes.copy(out, used, from, dot);
      out[used] = DOT;
      used += 1;
      from = dot;
    }
    bytes.copy(out, used, from);
    return out;
  }

  /** What ends the message: the missing rest of CRLF, if any, and the dot. */
  end(): Uint8Array {
    return Buffer.from(this.#ended === 2 ? '.\r\n' : '\r\n.\r\n');
  }

  /** Offsets of dots that begin a line. */
  #dots(bytes: Buffer): number[] {
    const found: number[] = [];
    if (this.#ended === 2 && bytes[0] === DOT) found.push(0);
    else if (this.#ended === 1 && bytes[0] === LF && bytes[1] === DOT) found.push(1);
    for (let at = bytes.indexOf(LINE_DOT); at >= 0; at = bytes.indexOf(LINE_DOT, at + 2)) found.push(at + 2);
    return found;
  }

  #remember(bytes: Buffer): void {
    const last = bytes[bytes.length - 1];
    const before = bytes.length > 1 ? bytes[bytes.length - 2] === CR : this.#ended === 1;
    if (last === LF && before) this.#ended = 2;
    else this.#ended = last === CR ? 1 : 0;
  }
}

/** The command in front of the one and last chunk. RFC 3030 section 2 */
export const chunkCommand = (bytes: number): Uint8Array => Buffer.from(`BDAT ${bytes} LAST\r\n`);

/** The whole message as the last chunk, its command in front, with the end of its last line should that be missing. */
export function chunkOf(pieces: readonly Uint8Array[]): Uint8Array[] {
  const last = pieces.at(-1);
  const end = last && (last.length > 1 ? last.at(-2) : pieces.at(-2)?.at(-1)) === CR && last.at(-1) === LF ? [] : [Buffer.from('\r\n')];
  const all = [...pieces, ...end];
  const bytes = all.reduce((sum, piece) => sum + piece.length, 0);
  return [chunkCommand(bytes), ...all];
}
