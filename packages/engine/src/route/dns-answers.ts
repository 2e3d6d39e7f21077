// Answers to one kind of question: asked once for equal questions, kept for their time to live within bounds, bad answers for a short while.
import type { Clock, DnsAnswer } from '../ports.ts';
import { AnswerCache } from './answer-cache.ts';
import type { QuerySlots } from './query-slots.ts';

export const maxCachedHosts = 50_000;
const longestTtlSeconds = 3600;
const negativeTtlSeconds = 300;
const failedTtlSeconds = 10;
const pressureTtlSeconds = 1;

export class DnsAnswers<T> {
  readonly #clock: Clock;
  readonly #slots: QuerySlots;
  readonly #cache = new AnswerCache<DnsAnswer<T>>(maxCachedHosts);
  readonly #running = new Map<string, Promise<DnsAnswer<T>>>();

  constructor(clock: Clock, slots: QuerySlots) {
    this.#clock = clock;
    this.#slots = slots;
  }

  clear(): void {
    this.#cache.clear();
  }

  forget(key: string): void {
    this.#cache.forget(key);
  }

  known(key: string): DnsAnswer<T> | undefined {
    return this.#cache.get(key, this.#clock.nowMs());
  }

  /** Never rejects. */
  of(key: string, ask: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> {
    const known = this.known(key);
    if (known) return Promise.resolve(known);
    const running = this.#running.get(key);
    if (running) return running;
    const question = this.#slots
      .run(ask)
      .catch((error: unknown): DnsAnswer<T> => ({ ok: false, kind: 'failed', detail: String(error).slice(0, 200), ttlSeconds: 0 }))
      .then((answer) => {
        this.#running.delete(key);
        this.#cache.set(key, answer, this.#clock.nowMs() + secondsOf(answer) * 1000);
        return answer;
      });
    this.#running.set(key, question);
    return question;
  }
}

function secondsOf<T>(answer: DnsAnswer<T>): number {
  if (!answer.ok && answer.kind === 'failed') return answer.pressure ? pressureTtlSeconds : failedTtlSeconds;
  return Math.min(Math.max(answer.ttlSeconds, failedTtlSeconds), answer.ok ? longestTtlSeconds : negativeTtlSeconds);
}
