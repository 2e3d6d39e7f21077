// Injections on their way from the listener's thread to the engine's. What comes while the engine has not yet taken up the batch before
// lines up and goes along with the next one: the busier the engine, the fewer messages it has to open.
import type { MessagePort } from 'node:worker_threads';
import type { Injection } from '../entry.ts';
import { SpoolError, type Clock } from '../ports.ts';
import { ReleasingMap } from '../releasing.ts';
import type { FromListener, ListenerState, ResultCode } from './listener-messages.ts';

/** One message takes the engine's thread a millisecond or two at the most. */
const maxBatch = 32;
/** How often to look whether the engine has taken up what was sent. */
const lookAgainMs = 1;
/** Contents from this size on move to the other thread without being copied. */
const moveFromBytes = 64 * 1024;

type Waiting = { number: number; injection: Injection };
type Caller = { resolve: () => void; reject: (error: Error) => void };

export class Handover {
  readonly #port: Pick<MessagePort, 'postMessage'>;
  readonly #state: ListenerState;
  readonly #clock: Clock;
  readonly #callers = new ReleasingMap<number, Caller>();
  #waiting: Waiting[] = [];
  #next = 0;
  #sent = 0;
  #looking = false;

  constructor(port: Pick<MessagePort, 'postMessage'>, state: ListenerState, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#state = state;
  }

  /** Bounded by the sessions, each of which waits for its answer. */
  accept(injection: Injection): Promise<void> {
    return new Promise((resolve, reject) => {
      const number = this.#next;
      this.#next += 1;
      this.#callers.set(number, { resolve, reject });
      this.#waiting.push({ number, injection });
      if (this.#looking) return;
      this.#looking = true;
      // After the present turn of the loop, so that what comes with it goes along.
      setImmediate(() => this.#look());
    });
  }

  settle(numbers: readonly number[], codes: readonly ResultCode[]): void {
    numbers.forEach((number, index) => {
      const caller = this.#callers.get(number);
      this.#callers.delete(number);
      const code = codes[index] ?? 'failed';
      if (code === 'accepted') caller?.resolve();
      else caller?.reject(failureOf(code));
    });
  }

  #look(): void {
    if (this.#state.taken === this.#sent) this.#send(this.#waiting.splice(0, maxBatch));
    this.#looking = this.#waiting.length > 0;
    if (this.#looking) this.#clock.setTimer(lookAgainMs, () => this.#look());
  }

  #send(batch: readonly Waiting[]): void {
    const copied = batch.filter(({ injection }) => !isMoved(injection.bytes));
    const together = new Uint8Array(copied.reduce((sum, { injection }) => sum + injection.bytes.length, 0));
    const moved: ArrayBuffer[] = [together.buffer];
    let used = 0;
    const injections = batch.map(({ injection }) => {
      if (isMoved(injection.bytes)) {
        moved.push(injection.bytes.buffer as ArrayBuffer);
        return injection;
      }
      together.set(injection.bytes, used);
      used += injection.bytes.length;
      return { ...injection, bytes: together.subarray(used - injection.bytes.length, used) };
    });
    this.#sent += 1;
    const message: FromListener = { kind: 'injections', numbers: batch.map(({ number }) => number), injections };
    this.#port.postMessage(message, moved);
  }
}

/** Large, and alone in its memory. */
function isMoved(bytes: Uint8Array): boolean {
  return bytes.length >= moveFromBytes && bytes.length === bytes.buffer.byteLength;
}

/** What a code other than `accepted` was on the engine's thread. */
export function failureOf(code: Exclude<ResultCode, 'accepted'>): Error {
  if (code === 'failed') return new Error('the engine could not take the message');
  return new SpoolError({ code, message: 'the spool could not take the message', deliveryMayGoOn: true });
}
