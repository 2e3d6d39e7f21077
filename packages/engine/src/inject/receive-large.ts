// A message that is too large to be held, on its way from the wire into the spool: cut into parts of one size, each handed over before more
// is read, so that a session holds a part and the client goes at the pace of the disk. Past a bound or after a refusal the rest is read and
// thrown away, so that the client hears the reply instead of a broken connection.
import type { Readable } from 'node:stream';
import type { ContentFacts, ContentRef } from '../entry.ts';
import { headerLength, LargeBody } from '../message/index.ts';
import { passedOutsideHeap } from '../outside-heap.ts';
import { SpoolError, type Clock, type ContentDraft } from '../ports.ts';
import { longestReceiveMs } from './collect-content.ts';
import { refusals, storageRefusal, tooLarge, unacceptable, type Refusal } from './refusal.ts';

/** Octets of a part; at most two are held of a message. */
const contentPartBytes = 128 * 1024;

/** Cuts what comes into parts of one size. */
class PartWriter {
  readonly #draft: ContentDraft;
  #part = new Uint8Array(contentPartBytes);
  #used = 0;

  constructor(draft: ContentDraft) {
    this.#draft = draft;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const piece = bytes.subarray(from, from + contentPartBytes - this.#used);
      this.#part.set(piece, this.#used);
      this.#used += piece.length;
      from += piece.length;
      if (this.#used < contentPartBytes) continue;
      const full = this.#part;
      // The spool keeps its memory.
      this.#part = new Uint8Array(contentPartBytes);
      this.#used = 0;
      // What came in pieces is let go of.
      passedOutsideHeap(contentPartBytes);
      await this.#draft.append(full);
    }
  }

  async end(): Promise<void> {
    if (this.#used > 0) await this.#draft.append(this.#part.slice(0, this.#used));
  }
}

export type LargeMessage = {
  /** The header as it came. */
  came: Buffer;
  /** What is stored in its place, and its facts. */
  header: { bytes: Uint8Array; facts: ContentFacts };
  body: Readable;
};

/** Takes the header off a paused stream that holds its beginning; null when that is not all of it. A copy: what else came is let go of. */
export function takeHeader(stream: Readable): Buffer | null {
  const front = stream.read() as Buffer | null;
  if (front === null) return null;
  const length = headerLength(front);
  stream.unshift(front.subarray(Math.max(length, 0)));
  return length < 0 ? null : Buffer.from(front.subarray(0, length));
}

export type Received = { kind: 'stored'; ref: ContentRef; facts: ContentFacts } | { kind: 'refused'; refusal: Refusal };

/** Reads to the end. What it refuses is gone from the spool; what it stored is the caller's to inject or to discard. */
export async function receiveLarge(message: LargeMessage, draft: ContentDraft, limitBytes: number, clock: Clock): Promise<Received> {
  try {
    const received = await store(message, draft, limitBytes, clock);
    if (received.kind === 'stored') return received;
    draft.discard();
    message.body.resume();
    return received;
  } catch (error) {
    draft.discard();
    message.body.resume();
    if (error instanceof SpoolError) return { kind: 'refused', refusal: storageRefusal(error) };
    // The client went away, and nobody hears the reply.
    if (message.body.destroyed) return { kind: 'refused', refusal: refusals.internal };
    throw error;
  }
}

async function store(message: LargeMessage, draft: ContentDraft, limitBytes: number, clock: Clock): Promise<Received> {
  const { came, header } = message;
  const startedMs = clock.monotonicMs();
  const body = new LargeBody(came);
  const parts = new PartWriter(draft);
  const refuse = (refusal: Refusal): Received => ({ kind: 'refused', refusal });
  let size = came.length;
  await parts.write(header.bytes);
  for await (const chunk of message.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) return refuse(tooLarge(limitBytes));
    const problem = body.take(chunk);
    if (problem) return refuse(unacceptable(problem.code, problem.message));
    await parts.write(chunk);
    if (clock.monotonicMs() - startedMs > longestReceiveMs) message.body.destroy();
  }
  const whole = body.end(header.facts);
  if (!whole.ok) return refuse(unacceptable(whole.problem.code, whole.problem.message));
  await parts.write(whole.tail);
  await parts.end();
  return { kind: 'stored', ref: await draft.finish(whole.facts), facts: whole.facts };
}
