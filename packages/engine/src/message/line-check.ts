// What RFC 5321 sections 2.3.8 and 4.1.1.4 ask of the octets of a message, for one that is not held whole: the same verdicts as on a whole
// message, wherever it is cut.
import { MAX_LINE_BYTES, type ContentProblem } from './inspect.ts';

const CR = 13;
const LF = 10;
const NUL = 0;

export type LineProblem = { code: ContentProblem; message: string };

/** Feed all octets in any pieces, then call `end` once; nothing more after a problem. */
export class LineCheck {
  #line: number;
  /** Octets of the line under way, without the CR that may end it. */
  #octets = 0;
  /** The last octet was a CR. */
  #carriage = false;

  /** `line`: number of the first line that comes. */
  constructor(line: number) {
    this.#line = line;
  }

  take(bytes: Uint8Array): LineProblem | null {
    if (bytes.length === 0) return null;
    if (bytes.includes(NUL)) return { code: 'nul', message: 'message holds a NUL octet' };
    let lineStart = 0;
    if (this.#carriage) {
      if (bytes[0] !== LF) return this.#bareCr();
      this.#carriage = false;
      this.#nextLine();
      lineStart = 1;
    }
    let carriage = bytes.indexOf(CR, lineStart);
    while (lineStart < bytes.length) {
      const lineFeed = bytes.indexOf(LF, lineStart);
      if (lineFeed < 0) return this.#unfinished(bytes.length, lineStart, carriage);
      if (carriage >= 0 && carriage < lineFeed - 1) return this.#bareCr();
      if (carriage < 0 || carriage > lineFeed) return { code: 'bare_lf', message: `line ${this.#line} ends in LF without CR` };
      this.#octets += carriage - lineStart;
      if (this.#octets > MAX_LINE_BYTES) return this.#tooLong();
      this.#nextLine();
      lineStart = lineFeed + 1;
      carriage = bytes.indexOf(CR, lineStart);
    }
    return null;
  }

  end(): LineProblem | null {
    return this.#carriage ? this.#bareCr() : null;
  }

  #unfinished(length: number, lineStart: number, carriage: number): LineProblem | null {
    if (carriage >= 0 && carriage < length - 1) return this.#bareCr();
    this.#carriage = carriage >= 0;
    this.#octets += (this.#carriage ? carriage : length) - lineStart;
    return this.#octets > MAX_LINE_BYTES ? this.#tooLong() : null;
  }

  #nextLine(): void {
    this.#octets = 0;
    this.#line += 1;
  }

  #bareCr(): LineProblem {
    return { code: 'bare_cr', message: `line ${this.#line} holds a CR without LF` };
  }

  #tooLong(): LineProblem {
    return { code: 'line_too_long', message: `line ${this.#line} is longer than ${MAX_LINE_BYTES} octets` };
  }
}
