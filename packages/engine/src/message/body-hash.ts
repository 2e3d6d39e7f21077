// The body hash of DKIM, computed while a message arrives: relaxed canonicalisation as a state machine over octets, so that chunks may
// be cut anywhere and the body is never held twice. RFC 6376 section 3.4.4.
import { createHash } from 'node:crypto';

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;

/** Shared by all: `update` and `digest` are synchronous and leave it empty. */
const scratch = Buffer.allocUnsafe(32 * 1024);
/** Room that one octet may need on its way out: CRLF, space and itself. */
const HEADROOM = 8;
const SHORT_RUN = 512;

/**
 * End of the run from `start` (an octet above space) that relaxed canonicalisation leaves alone: text with single spaces and with line
 * ends that more text follows. Most of every body is one such run.
 */
function endOfPlainRun(chunk: Uint8Array, start: number): number {
  // The last octets cannot be judged without what follows them.
  const limit = chunk.length - 2;
  let index = start;
  while (index < limit) {
    const octet = chunk[index] as number;
    if (octet > SPACE) index += 1;
    else if (octet === SPACE && (chunk[index + 1] as number) > SPACE) index += 2;
    else if (octet === CR && chunk[index + 1] === LF && (chunk[index + 2] as number) > SPACE) index += 3;
    else return index;
  }
  return index === start ? start + 1 : index;
}

/** Feed the body (everything after the header's empty line) in any pieces, then take the digest once. */
export class RelaxedBodyHash {
  readonly #hash = createHash('sha256');
  #used = 0;
  /** White space seen and not yet known to be inside a line. */
  #space = false;
  /** A CR that may begin a line end. */
  #carriage = false;
  /** Line ends not yet known to be followed by anything: empty lines at the end of the body do not count. */
  #lineEnds = 0;
  #hasContent = false;

  update(chunk: Uint8Array): void {
    let index = 0;
    while (index < chunk.length) {
      const octet = chunk[index] ?? 0;
      if (octet <= SPACE || this.#carriage) {
        this.#octet(octet);
        index += 1;
        continue;
      }
      this.#flushPending();
      const end = endOfPlainRun(chunk, index);
      this.#copy(chunk.subarray(index, end));
      index = end;
    }
    this.#drain();
  }

  /** SHA-256 of the canonical body, base64. Call once. */
  digest(): string {
    if (this.#carriage) this.#content(CR);
    // A body that is not empty ends in exactly one CRLF; one without content is empty.
    if (this.#hasContent) {
      this.#put(CR);
      this.#put(LF);
    }
    this.#drain();
    return this.#hash.digest('base64');
  }

  #octet(octet: number): void {
    if (this.#carriage) {
      this.#carriage = false;
      if (octet === LF) return this.#endLine();
      this.#content(CR); // a CR that ends no line is content
    }
    if (octet === CR) this.#carriage = true;
    else if (octet === LF) this.#endLine();
    else if (octet === SPACE || octet === TAB) this.#space = true;
    else this.#content(octet);
  }

  #endLine(): void {
    this.#space = false; // white space at the end of a line is dropped
    this.#lineEnds += 1;
  }

  #content(octet: number): void {
    this.#flushPending();
    this.#put(octet);
  }

  #flushPending(): void {
    this.#hasContent = true;
    for (; this.#lineEnds > 0; this.#lineEnds -= 1) {
      this.#put(CR);
      this.#put(LF);
    }
    if (this.#space) this.#put(SPACE);
    this.#space = false;
  }

  /** A run that is canonical as it stands: hashed where it lies, or copied when it is too short to be worth a call. */
  #copy(run: Uint8Array): void {
    if (run.length > SHORT_RUN) {
      this.#drain();
      this.#hash.update(run);
      return;
    }
    if (this.#used + run.length > scratch.length - HEADROOM) this.#drain();
    scratch.set(run, this.#used);
    this.#used += run.length;
  }

  #put(octet: number): void {
    scratch[this.#used] = octet;
    this.#used += 1;
    if (this.#used >= scratch.length - HEADROOM) this.#drain();
  }

  #drain(): void {
    if (this.#used > 0) this.#hash.update(scratch.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** Digest of a body held in one piece. */
export function relaxedBodyHash(body: Uint8Array): string {
  const hash = new RelaxedBodyHash();
  hash.update(body);
  return hash.digest();
}
