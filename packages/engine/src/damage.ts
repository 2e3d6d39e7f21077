// What of the mail on disk cannot be given back, as a frame tells it: counted since the start, with the moment at which the first of it was
// seen. A count never falls while an engine runs; what a start finds damaged is found again by the next, as long as it lies there.
import type { MetricsFrame } from '@sluice/contract';

export type Damage = MetricsFrame['damage'];

export class DamageWatch {
  #sinceMs: number | null = null;

  look(counts: Omit<Damage, 'since'>, nowMs: number): Damage {
    if (counts.entries + counts.injections + counts.stretches > 0) this.#sinceMs ??= nowMs;
    return { ...counts, since: this.#sinceMs };
  }
}
