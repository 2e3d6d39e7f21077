// Answers with a time to live, bounded in number: the one unused for longest goes first.
import { OldestFirst } from '../oldest-first.ts';

export class AnswerCache<T> {
  readonly #entries = new Map<string, { value: T; untilMs: number }>();
  readonly #oldest = new OldestFirst(this.#entries);
  readonly #bound: number;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.untilMs <= nowMs) {
      this.#entries.delete(key);
      return undefined;
    }
    return entry.value;
  }

  set(key: string, value: T, untilMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs });
    if (this.#entries.size <= this.#bound) return;
    const oldest = this.#oldest.next();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
