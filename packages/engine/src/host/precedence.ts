// Who goes first among the threads of an engine: its own, then the listener's, then those that compute signatures, write, ship and compile.
// What the last do can wait, and everything else waits for the first. On two busy cores it stood in line for 30 to 90 ms at a time, and the
// listener was interrupted for every reply that it gave (ADR 0032).
import { getPriority, setPriority } from 'node:os';

/** Nicenesses. Threads that are not named have that of the process, which is 0 unless it was started with another. */
const places = { engine: -5, listener: -3, signing: 0 } as const;
const ours: ReadonlySet<number> = new Set(Object.values(places));

/**
 * Gives the calling thread (the process, where threads have none of their own) its niceness, unless whoever started the process gave it
 * one. Threads started later inherit it, so the engine's takes its place after them, and those that may be replaced take theirs at their
 * start. Returns the niceness that holds: what it was where it may not be raised (CAP_SYS_NICE on Linux).
 */
export function takePlace(thread: keyof typeof places): number {
  const given = getPriority();
  if (!ours.has(given)) return given;
  try {
    setPriority(places[thread]);
    return places[thread];
  } catch {
    return given;
  }
}
