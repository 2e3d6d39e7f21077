// A list of texts as Postgres' binary `text[]`: it is made and read in a fifth of the time that the textual form takes, which has to look for
// quotes in every value. The format is that of `array_recv` (src/backend/utils/adt/arrayfuncs.c).

const textOid = 25;
/** Dimensions, whether there are nulls, type of the elements, length and lower bound: 32 bits each. */
const headBytes = 20;
const lengthBytes = 4;
const absent = -1;
/** Octets of UTF-8 a unit of UTF-16 takes at most. */
const utf8PerUnit = 3;
const firstScratchBytes = 1 << 18;

/** Where a list is put together; what is returned is a copy of its own. */
let scratch = Buffer.allocUnsafeSlow(firstScratchBytes);

function withRoom(used: number, further: number): Buffer {
  if (used + further <= scratch.length) return scratch;
  const larger = Buffer.allocUnsafeSlow(2 * (used + further));
  scratch.copy(larger, 0, 0, used);
  return (scratch = larger);
}

/** A parameter for `$n::text[]`; a pg client sends a Buffer as binary. Lone surrogates become U+FFFD. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let used = headBytes;
  let nulls = 0;
  for (const value of values) {
    const buffer = withRoom(used, lengthBytes + (value === null ? 0 : value.length * utf8PerUnit));
    if (value === null) nulls = 1;
    const length = value === null ? absent : buffer.write(value, used + lengthBytes);
    buffer.writeInt32BE(length, used);
    used += lengthBytes + Math.max(0, length);
  }
  [1, nulls, textOid, values.length, 1].forEach((word, index) => scratch.writeInt32BE(word, index * lengthBytes));
  return Buffer.from(scratch.subarray(0, used));
}
