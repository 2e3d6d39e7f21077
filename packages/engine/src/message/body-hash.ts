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
    const length = chunk.length;
    let index = 0;
    while (index < length) {
      const octet = chunk[index] ?? 0;
      if (octet <= SPACE || this.#carriage) {
        this.#octet(octet);
        index += 1;
        continue;
      }
      // The run up to the next octet that could matter is copied as it stands; it is most of every body.
      this.#flushPending();
      const limit = Math.min(length, index + scratch.length - HEADROOM - this.#used);
      let used = this.#used;
      for (let next = octet; next > SPACE && index < limit; next = chunk[index] ?? 0) {
        scratch[used] = next;
        used += 1;
        index += 1;
      }
      this.#used = used;
      if (used >= scratch.length - HEADROOM) this.#drain();
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
