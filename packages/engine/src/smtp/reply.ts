// Replies of a mail server, read from bytes as they come. Everything here was written by a stranger: lines, replies and text are
// bounded, and what is no reply is a value that says so. RFC 5321 section 4.2, RFC 2034.

export type SmtpReply = {
  /** 200 to 599. */
  code: number;
  /** `class.subject.detail` when a line carries one. RFC 3463 section 2. */
  enhanced: string | null;
  /** Text of each line without codes; of one with another enhanced code than that with it. */
  lines: string[];
};

/** `text`: the beginning of what was no reply. */
export type ParsedReply = { kind: 'reply'; reply: SmtpReply } | { kind: 'nonsense'; detail: string; text: string };

/** RFC 5321 section 4.5.3.1.5 says 512; servers put URLs and essays into one line. */
export const MAX_REPLY_LINE_BYTES = 4_096;
export const MAX_REPLY_BYTES = 64 * 1024;
const MAX_NONSENSE_BYTES = 300;

const LF = 10;
const CR = 13;
const CODE_LINE = /^([2-5][0-9]{2})(?:([ -])(.*))?$/s;
const ENHANCED = /^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[ \t]+|$)/;

/** Takes bytes cut anywhere, gives whole replies in order. After nonsense it gives nothing more: the stream has lost its meaning. */
export class ReplyParser {
  #pending: Buffer = Buffer.alloc(0);
  #lines: string[] = [];
  #code: string | null = null;
  #replyBytes = 0;
  #broken = false;

  /** Adds bytes and returns the replies they completed. */
  push(chunk: Uint8Array): ParsedReply[] {
    if (this.#broken) return [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let data = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    const replies: ParsedReply[] = [];
    for (let end = data.indexOf(LF); end >= 0; end = data.indexOf(LF)) {
      const line = data.subarray(0, end > 0 && data[end - 1] === CR ? end - 1 : end); // a bare LF is tolerated
      data = data.subarray(end + 1);
      const parsed = this.#line(line);
      if (parsed) replies.push(parsed);
      if (this.#broken) return replies;
    }
    if (data.length > MAX_REPLY_LINE_BYTES) replies.push(this.#nonsense(`reply line is longer than ${MAX_REPLY_LINE_BYTES} octets`, data));
    this.#pending = Buffer.from(data); // a copy: the chunk may be a pooled buffer
    return replies;
  }

  /** Whether bytes of an unfinished reply are held. */
  get partial(): boolean {
    return this.#pending.length > 0 || this.#lines.length > 0;
  }

  #nonsense(detail: string, bytes: Buffer): ParsedReply {
    this.#broken = true;
    this.#lines = [];
    return { kind: 'nonsense', detail, text: bytes.subarray(0, MAX_NONSENSE_BYTES).toString('utf8') };
  }

  #line(bytes: Buffer): ParsedReply | null {
    this.#replyBytes += bytes.length;
    if (bytes.length > MAX_REPLY_LINE_BYTES) return this.#nonsense(`reply line is longer than ${MAX_REPLY_LINE_BYTES} octets`, bytes);
    if (this.#replyBytes > MAX_REPLY_BYTES) return this.#nonsense(`reply is longer than ${MAX_REPLY_BYTES} octets`, bytes);
    const match = CODE_LINE.exec(bytes.toString('utf8'));
    const code = match?.[1];
    if (!match || code === undefined) return this.#nonsense('not a reply', bytes);
    if (this.#code !== null && this.#code !== code) return this.#nonsense('reply code changes between lines', bytes);
    this.#code = code;
    this.#lines.push(match[3] ?? '');
    if (match[2] === '-') return null;
    const reply = finishReply(Number(code), this.#lines);
    this.#lines = [];
    this.#code = null;
    this.#replyBytes = 0;
    return { kind: 'reply', reply };
  }
}

/** The enhanced code that a line begins with; null when it has none. */
export const enhancedIn = (line: string): string | null => ENHANCED.exec(line)?.[1] ?? null;

/**
 * Takes the enhanced code off the lines that repeat it. RFC 2034 section 4 wants it in every line; some servers put it into the last one
 * alone, where it counts if it is of the reply's own class.
 */
function finishReply(code: number, raw: readonly string[]): SmtpReply {
  const later = raw.map(enhancedIn).find((found) => found?.startsWith(String(code).slice(0, 1)));
  const enhanced = enhancedIn(raw[0] ?? '') ?? later ?? null;
  if (enhanced === null) return { code, enhanced, lines: [...raw] };
  return { code, enhanced, lines: raw.map((line) => (enhancedIn(line) === enhanced ? line.replace(ENHANCED, '') : line)) };
}
