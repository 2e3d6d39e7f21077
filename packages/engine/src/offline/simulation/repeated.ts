// The same traffic several times, whole days apart: a warm-up takes weeks, and a recorded week is rare.
import type { Arrival } from './arrival.ts';

const dayMs = 86_400_000;

/** `make` gives the traffic anew at each call, in order of time. */
export function repeated(make: () => Iterable<Arrival>, times: number): Iterable<Arrival> {
  return times === 1 ? make() : daysApart(make, times);
}

function* daysApart(make: () => Iterable<Arrival>, times: number): Generator<Arrival> {
  let firstMs: number | null = null;
  let lastMs = 0;
  let shiftMs = 0;
  for (let time = 0; time < times; time++) {
    for (const arrival of make()) {
      const atMs = arrival.atMs + shiftMs;
      firstMs ??= atMs;
      lastMs = atMs;
      if (time === 0) yield arrival;
      else
        yield {
          ...arrival,
          atMs,
          message: arrival.message === null ? null : `${arrival.message} ${time}`,
          notBeforeMs: later(arrival, shiftMs),
        };
    }
    if (firstMs === null) return;
    // The next begins at the same time of a later day, after all of this.
    shiftMs += Math.max(1, Math.ceil((lastMs - (firstMs + shiftMs) + 1) / dayMs)) * dayMs;
  }
}

const later = ({ notBeforeMs }: Arrival, byMs: number): number | null => (notBeforeMs === null ? null : notBeforeMs + byMs);
