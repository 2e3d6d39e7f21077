// Work that can be done in steps, each of them short: whoever must not be held up gives others a turn between two of them.

/** Every `yield` is a place to give way. */
export type Steps<T> = Generator<void, T, void>;

/** All of it in one go. */
export function atOnce<T>(work: Steps<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Counts what was done; true whenever it is time for a place to give way. */
export function everyFew(few = 64): () => boolean {
  let done = 0;
  return () => ++done % few === 0;
}
