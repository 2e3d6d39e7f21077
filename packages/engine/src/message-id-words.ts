// Message ids as four 32-bit words, and back. Ours are UUIDs in canonical form, which as text would take five times the memory; any other
// text is no such id and is kept as it is.

const hyphens = new Set([8, 13, 18, 23]);
const canonicalLength = 36;

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

/** Writes the words of a canonical lower-case UUID at `at`; false, with `words` in any state, when the text is none. RFC 9562 section 4. */
export function putIdWords(text: string, words: Uint32Array, at: number): boolean {
  if (text.length !== canonicalLength) return false;
  let digits = 0;
  let word = 0;
  for (let index = 0; index < canonicalLength; index += 1) {
    const code = text.charCodeAt(index);
    if (hyphens.has(index)) {
      if (code !== 45) return false;
      continue;
    }
    const digit = hexDigit(code);
    if (digit < 0) return false;
    word = (word << 4) | digit;
    digits += 1;
    if (digits % 8 === 0) words[at + digits / 8 - 1] = word;
  }
  return true;
}

const hex = (word: number): string => word.toString(16).padStart(8, '0');

export function idOfWords(words: Uint32Array, at: number): string {
  const [a = 0, b = 0, c = 0, d = 0] = words.subarray(at, at + 4);
  const [second, third] = [hex(b), hex(c)];
  return `${hex(a)}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex(d)}`;
}

/** A well-mixed number from the words at `at`: ids of one moment differ in few bits. */
export function hashOfWords(words: Uint32Array, at: number): number {
  let mixed = 0;
  for (let index = 0; index < 4; index += 1) {
    mixed = Math.imul(mixed ^ (words[at + index] ?? 0), 0x85ebca6b);
    mixed ^= mixed >>> 15;
  }
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
