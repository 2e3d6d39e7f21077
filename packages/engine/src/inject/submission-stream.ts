// smtp-server's parser, but for its way through the octets of a message: the library looks at each of them for a dot that begins a line.
// Such dots are few, and the runtime finds the next line that begins with one many times faster. What lies before it goes on as it is;
// from there on, stuffing and the end of the message are the library's affair as ever. RFC 5321 section 4.5.2
import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

/** What the library holds back of every chunk: the end of a message may lie across the border of two. */
const heldBack = 4;
const lineWithDot = Buffer.from('\n.');
const dot = 0x2e;
const lineFeed = 0x0a;

export class SubmissionStream extends SMTPStream {
  /** Several commands came together: their answers are made within the call. */
  onflight: (answer: () => void) => void = (answer) => answer();

  override _write(chunk: Buffer, encoding: BufferEncoding, next: (error?: Error | null) => void): void {
    const several = !this._dataMode && chunk.indexOf(lineFeed) < chunk.length - 1;
    if (several) this.onflight(() => super._write(chunk, encoding, next));
    else super._write(chunk, encoding, next);
  }

  override _feedDataStream(chunk: Buffer, done: (error?: Error | null) => void): void {
    const whole = this._lastBytes && this._lastBytes.length > 0 ? Buffer.concat([this._lastBytes, chunk]) : chunk;
    this._lastBytes = false;
    const at = whole.indexOf(lineWithDot);
    // Before the line break stands a CR, which belongs to the end of a message.
    const plain = (at === -1 ? whole.length : at - 1) - heldBack;
    if (plain <= 0 || (this._atDataStart && whole[0] === dot)) return super._feedDataStream(whole, done);
    const rest = whole.subarray(plain);
    const goOn = (): void => {
      if (at !== -1) return super._feedDataStream(rest, done);
      this._lastBytes = rest;
      done();
    };
    this._countDataBytes(plain);
    const stream = this._dataStream;
    if (!stream?.writable || stream.write(whole.subarray(0, plain)) || stream.destroyed) return goOn();
    const resume = (): void => {
      stream.off('drain', resume).off('close', resume);
      goOn();
    };
    stream.on('drain', resume).on('close', resume);
  }
}
