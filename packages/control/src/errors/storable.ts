// Text that Postgres cannot keep: NUL, and half of a surrogate pair. JSON can carry both; no field of the API has a use for either.

/** The way to the first such text, `reason` or `members.0.name`; null where there is none. Not recursive: an input may be very deep. */
export function unstorable(input: unknown): string | null {
  const waiting: [way: string, value: unknown][] = [['', input]];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const [way, value] = one;
    if (typeof value === 'string' && !keepable(value)) return way;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const next = way === '' ? key : `${way}.${key}`;
      if (!keepable(key)) return way;
      waiting.push([way.length > 200 ? way : next, inner]);
    }
  }
  return null;
}

const keepable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
