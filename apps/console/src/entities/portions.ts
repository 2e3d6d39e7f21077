// Ids in the portions in which they are asked for: a question stands in the address of a request, which is not to be longer than servers take.

/** 45 characters each in the address. */
const idsAtOnce = 100;

/** Without repetition, and in the same order whoever asks for the same. */
export function portionsOf(ids: readonly string[]): string[][] {
  const all = [...new Set(ids)].toSorted();
  return Array.from({ length: Math.ceil(all.length / idsAtOnce) }, (_, n) => all.slice(n * idsAtOnce, (n + 1) * idsAtOnce));
}
