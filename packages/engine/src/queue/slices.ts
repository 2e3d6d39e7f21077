// Work over very many queues, lanes or paths, done in slices that give way to the event loop: sessions, submissions and other work have
// their turn in between. What is begun runs its first slice at once, so that small work is over when the call returns. Work that is
// under way together takes turns. Whatever such work looks at may change between two of its steps.
import type { Clock } from '../ports.ts';

/** How long one slice may take before it gives way, unless it is told otherwise; it ends with the step that is under way. */
const defaultSliceMs = 5;
/** What others have between two slices, and however much longer they take. */
const restMs = 1;
/** Steps of one slice, however fast they are. */
export const stepsPerSlice = 500;

/** Every `yield` is a place to give way. */
export type Sliced<T> = Generator<void, T, void>;

type Job = { advance(): boolean };

export class Slices {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'setTimer'>;
  readonly #jobs: Job[] = [];
  #armed = false;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'setTimer'>) {
    this.#clock = clock;
  }

  /** Begins the work; resolves with what it returns. Rejects with what it throws, which is a bug. */
  run<T>(work: Sliced<T>, sliceMs = defaultSliceMs): Promise<T> {
    return new Promise((resolve, reject) => {
      const advance = (): boolean => {
        try {
          const result = this.#slice(work, sliceMs);
          if (result.done !== true) return false;
          resolve(result.value);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        return true;
      };
      if (advance()) return;
      this.#jobs.push({ advance });
      this.#arm();
    });
  }

  #slice<T>(work: Sliced<T>, sliceMs: number): IteratorResult<void, T> {
    const endMs = this.#clock.monotonicMs() + sliceMs;
    let result = work.next();
    for (let steps = 1; result.done !== true && steps < stepsPerSlice && this.#clock.monotonicMs() < endMs; steps++) result = work.next();
    return result;
  }

  #arm(): void {
    if (this.#armed || this.#jobs.length === 0) return;
    this.#armed = true;
    this.#clock.setTimer(restMs, () => {
      this.#armed = false;
      const job = this.#jobs.shift();
      if (job && !job.advance()) this.#jobs.push(job);
      this.#arm();
    });
  }
}

/** The same work with something done after each of its steps, before others have their turn. */
export function* stepwise<T>(work: Sliced<T>, afterStep: () => void): Sliced<T> {
  for (;;) {
    const step = work.next();
    afterStep();
    if (step.done === true) return step.value;
    yield;
  }
}

/** At most as many of `items` as there are now: those that come while the work goes on stand behind them. */
export function* thoseNow<T>(items: Iterable<T>, size: number): Generator<T, void, void> {
  let left = size;
  if (left === 0) return;
  for (const item of items) {
    yield item;
    if (--left <= 0) return;
  }
}
