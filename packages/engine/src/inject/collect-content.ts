// Takes a message's octets off the wire with three bounds: its own size, the memory all sessions hold together, and time. Past a bound
// the rest is read and thrown away, so that the client hears the reply instead of a broken connection. A message that turns out to be large
// is handed on as it came.
import type { Readable } from 'node:stream';
import type { Clock } from '../ports.ts';
import { refusals, tooLarge, type Refusal } from './refusal.ts';

/** Octets that all sessions together may hold before new ones are told to come later. */
export class ReceiveBudget {
  readonly #limitBytes: number;
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#limitBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

/** Longest time one message may take to arrive; a sender that trickles is cut here. */
export const longestReceiveMs = 30 * 60_000;

/** More than this of one message is not held: it goes to the spool as it comes. */
const largeFromBytes = 512 * 1024;

export type Collected =
  | { kind: 'content'; bytes: Buffer }
  /** The stream is paused, has no listeners and begins anew; of the budget `heldBytes` are still taken. */
  | { kind: 'large'; heldBytes: number; stream: Readable }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'gone' };

/** Reads the stream to its end, or until it is large. `gone`: the client went away, nobody waits for a reply. The caller gives the bytes back. */
export function collectContent(stream: Readable, limitBytes: number, budget: ReceiveBudget, clock: Clock): Promise<Collected> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refusal: Refusal | null = null;
    const startedMs = clock.monotonicMs();
    const refuse = (why: Refusal) => {
      refusal = why;
      budget.give(size);
      size = 0;
      chunks.length = 0;
    };
    const take = (chunk: Buffer): void => {
      if (refusal) return;
      if (size + chunk.length > limitBytes) return refuse(tooLarge(limitBytes));
      if (!budget.take(chunk.length)) return refuse(refusals.busy);
      size += chunk.length;
      chunks.push(chunk);
      if (clock.monotonicMs() - startedMs > longestReceiveMs) stream.destroy();
      if (size > largeFromBytes) {
        stream.pause();
        stream.off('data', take).off('end', end).off('error', gone).off('close', gone);
        // At once: behind this turn the stream may be at its end, which takes nothing back.
        stream.unshift(Buffer.concat(chunks.splice(0), size));
        resolve({ kind: 'large', heldBytes: size, stream });
      }
    };
    const end = (): void =>
      resolve(
        refusal
          ? { kind: 'refused', refusal }
          : { kind: 'content', bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size) },
      );
    const gone = (): void => {
      if (!stream.readableEnded) {
        if (!refusal) budget.give(size);
        refusal = refusals.internal;
      }
      resolve({ kind: 'gone' });
    };
    stream.on('data', take).on('end', end).on('error', gone).on('close', gone);
  });
}
