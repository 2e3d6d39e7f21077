// A submission that is not held whole: its header is prepared as that of any other, its body checked, hashed and counted as it passes. What
// is to be stored is the prepared header and then the body as it comes; the facts are known at its end.
import { isAscii } from 'node:buffer';
import type { ContentFacts } from '../entry.ts';
import { RelaxedBodyHash } from './body-hash.ts';
import { LineCheck, type LineProblem } from './line-check.ts';

const LF = 10;
const CRLF = Buffer.from('\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');

/** Octets of the header with its empty line, at the start of a message; -1 when it does not end in `front`. */
export function headerLength(front: Buffer): number {
  if (front.subarray(0, CRLF.length).equals(CRLF)) return CRLF.length;
  const end = front.indexOf(HEADER_END);
  return end < 0 ? -1 : end + HEADER_END.length;
}

export class LargeBody {
  readonly #hash = new RelaxedBodyHash();
  readonly #lines: LineCheck;
  #eightBit = false;
  #bytes = 0;
  #last = LF;

  /** `header`: as it came; lines are counted from its first. */
  constructor(header: Uint8Array) {
    this.#lines = new LineCheck(header.reduce((count, octet) => (octet === LF ? count + 1 : count), 1));
  }

  take(bytes: Uint8Array): LineProblem | null {
    if (bytes.length === 0) return null;
    const problem = this.#lines.take(bytes);
    if (problem) return problem;
    this.#hash.update(bytes);
    this.#eightBit ||= !isAscii(bytes);
    this.#bytes += bytes.length;
    this.#last = bytes.at(-1) ?? LF;
    return null;
  }

  /** What is still missing of the last line, and the facts of the whole; `header`: those of the prepared header alone. Call once. */
  end(header: ContentFacts): { ok: true; tail: Uint8Array; facts: ContentFacts } | { ok: false; problem: LineProblem } {
    const problem = this.#lines.end();
    if (problem) return { ok: false, problem };
    const tail = this.#last === LF ? new Uint8Array(0) : CRLF;
    const sizeBytes = header.headerBytes + this.#bytes + tail.length;
    return { ok: true, tail, facts: { ...header, sizeBytes, bodyHash: this.#hash.digest(), eightBit: this.#eightBit } };
  }
}
