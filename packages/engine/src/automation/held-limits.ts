// The limits of all actions on their way to the dispatcher: told once the present turn is over, since many actions may change in it.
import type { LimitRule } from '@sluice/policy';

export class HeldLimits {
  readonly #now: () => LimitRule[];
  #take: (rules: readonly LimitRule[]) => Promise<void> = () => Promise.resolve();
  #due = false;

  /** `now`: the limits of what goes on. */
  constructor(now: () => LimitRule[]) {
    this.#now = now;
  }

  connect(take: (rules: readonly LimitRule[]) => Promise<void>): void {
    this.#take = take;
  }

  /** Something changed. */
  moved(): void {
    if (this.#due) return;
    this.#due = true;
    void Promise.resolve().then(() => (this.#due ? this.tell() : undefined));
  }

  /** Resolves when they hold. */
  async tell(): Promise<void> {
    this.#due = false;
    await this.#take(this.#now());
  }
}
