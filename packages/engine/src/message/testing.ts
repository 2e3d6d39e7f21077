// Varied messages from a seed, for properties that must hold for all of them.

export type Rng = () => number;

/** Small deterministic generator (mulberry32). */
export function seeded(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(rng: Rng, items: readonly T[]): T => items[Math.floor(rng() * items.length)] as T;

const bodyPieces = [
  'word',
  ' ',
  '  ',
  '\t',
  ' \t ',
  '\r\n',
  '\r\n',
  '\r\n\r\n\r\n',
  '.',
  '\r\n.',
  '\r\n..',
  'é',
  '=20',
  'x'.repeat(300),
  'From ',
  '\r\n \t\r\n',
  'end \r\n',
];

/** A body of odd spacing, dots, empty lines and 8-bit text; `loneCarriage` adds CRs that end no line. */
export function randomBody(rng: Rng, loneCarriage = false): string {
  const pieces = loneCarriage ? [...bodyPieces, '\rx', '\r '] : bodyPieces;
  return Array.from({ length: Math.floor(rng() * 40) }, () => pick(rng, pieces)).join('');
}

const folds = [' ', '\r\n ', '\r\n\t', '  ', '\t', ' \r\n   '];

/** A header with one From and a random choice, order, case and folding of other fields. */
export function randomHeader(rng: Rng): string {
  const words = () =>
    Array.from({ length: 1 + Math.floor(rng() * 6) }, () => pick(rng, ['alpha', 'beta;', 'a=b', '"q"', 'x'.repeat(70), 'ü'])).join(
      pick(rng, folds),
    );
  const names = [
    'Subject',
    'to',
    'CC',
    'Date',
    'Message-ID',
    'X-Other',
    'List-Unsubscribe',
    'Reply-To',
    'MIME-Version',
    'Received',
    'subject',
    'Content-Type',
    'References',
  ];
  const fields = names
    .filter(() => rng() < 0.6)
    .map((name) => `${name}${pick(rng, ['', '', ' '])}:${pick(rng, ['', ' ', '  ', '\r\n '])}${words()}${pick(rng, ['', ' ', '\t'])}\r\n`);
  const from = `${pick(rng, ['From', 'FROM', 'from'])}:${pick(rng, folds)}${pick(rng, ['Jo <jo@sender.example>', 'jo@sender.example', '"Jo, X" <jo@sender.example>'])}\r\n`;
  fields.splice(Math.floor(rng() * (fields.length + 1)), 0, from);
  return fields.join('');
}
