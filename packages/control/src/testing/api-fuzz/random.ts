// Seeded chance: the same seed makes the same inputs, so that what was found can be found again.

export interface Chance {
  /** 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number;
  pick<T>(among: readonly T[]): T;
  is(probability: number): boolean;
  uuid(): string;
}

/** mulberry32. */
export function seeded(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const hex = (length: number): string => Array.from({ length }, () => whole(0, 15).toString(16)).join('');
  return {
    next,
    whole,
    pick: (among) => {
      const one = among[whole(0, among.length - 1)];
      if (one === undefined && among.length === 0) throw new Error('nothing to pick from');
      return one as (typeof among)[number];
    },
    is: (probability) => next() < probability,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}
