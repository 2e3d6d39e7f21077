// An authenticator app (RFC 6238), written apart from the one that checks its codes. Gives every code once: the console takes none twice.
import { createHmac } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const stepMs = 30_000;

function bytesOf(key: string): Buffer {
  let bits = 0n;
  let count = 0;
  for (const sign of key.replaceAll(/\s/g, '')) {
    bits = (bits << 5n) | BigInt(alphabet.indexOf(sign));
    count += 5;
  }
  const whole = Math.floor(count / 8);
  return Buffer.from((bits >> BigInt(count - whole * 8)).toString(16).padStart(whole * 2, '0'), 'hex');
}

function codeAt(key: Buffer, step: number): string {
  const mac = createHmac('sha1', key)
    .update(Buffer.from(step.toString(16).padStart(16, '0'), 'hex'))
    .digest();
  const from = (mac.at(-1) ?? 0) % 16;
  return String((mac.readUIntBE(from, 4) % 2 ** 31) % 1_000_000).padStart(6, '0');
}

export class Authenticator {
  private last = 0;
  private readonly key: Buffer;

  constructor(key: string) {
    this.key = bytesOf(key);
  }

  /**
   * A code that the console takes for half a minute yet, and has not seen: this step's or, as clocks may differ by one, the next. The last
   * step's would do too, until this one ends, which may be before the code is sent. Waits when both are used up.
   */
  async code(): Promise<string> {
    for (;;) {
      const now = Math.floor(Date.now() / stepMs);
      const step = Math.max(now, this.last + 1);
      if (step <= now + 1) {
        this.last = step;
        return codeAt(this.key, step);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
