// What buffers hold outside the heap counts for V8 against full collections alone: one begins with every 32 MB or so, though all that passed
// died young. A young collection lets go of the same for a tenth of the time, so one is asked for before. Measured: ADR 0010.

/** Octets that pass through a thread from one collection to the next. */
const everyBytes = 16 * 1024 * 1024;
/** Smaller ones are outweighed by the objects around them, whose own collections come in time. */
const countedFromBytes = 16 * 1024;

/** Of this thread. */
let passedBytes = 0;

/** A buffer of so many octets was made or came here. Does nothing in a process without `--expose-gc`. */
export function passedOutsideHeap(bytes: number): void {
  if (bytes < countedFromBytes) return;
  passedBytes += bytes;
  if (passedBytes < everyBytes) return;
  passedBytes = 0;
  globalThis.gc?.({ type: 'minor', execution: 'sync' });
}
