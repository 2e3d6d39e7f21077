// To whom the demonstration writes: mostly mailboxes that take mail, at the providers the sandbox shows, and a few that do not, by the
// local parts the simulator understands. Pure: the draws come in.

const places: readonly (readonly [domain: string, share: number])[] = [
  ['gmail.com', 38],
  ['yahoo.com', 13],
  ['outlook.com', 15],
  ['contoso.com', 6],
  ['icloud.com', 6],
  ['gmx.net', 4],
  ['orange.fr', 3],
  ['comcast.net', 3],
  ['corp.example', 6],
  ['greylisting.example', 1],
  ['harbourtown.example', 4],
  ['dead.example', 1],
];

const firstNames = [
  'ada',
  'bela',
  'chidi',
  'dana',
  'elif',
  'finn',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kofi',
  'lena',
  'mara',
  'nils',
  'olga',
  'pavel',
];
const lastNames = [
  'adler',
  'brandt',
  'costa',
  'duval',
  'eriksen',
  'fontaine',
  'greco',
  'horvat',
  'ivanov',
  'jensen',
  'keller',
  'lindt',
  'moreau',
];

/** Of a thousand recipients, how many are each; the rest take mail. */
const troubles: readonly (readonly [localPart: string, perThousand: number])[] = [
  ['unknown', 15],
  ['full', 8],
  ['tempfail', 4],
];

/** One address. `draw` gives a number from 0 up to, not including, 1 at each call. */
export function drawRecipient(draw: () => number): string {
  const domain = weighted(places, draw());
  const name = `${pick(firstNames, draw())}.${pick(lastNames, draw())}`;
  let at = draw() * 1000;
  for (const [localPart, perThousand] of troubles) {
    if (at < perThousand) return `${localPart}.${name}@${domain}`;
    at -= perThousand;
  }
  return `${name}@${domain}`;
}

export function pick<T>(list: readonly T[], drawn: number): T {
  const item = list[Math.min(list.length - 1, Math.floor(drawn * list.length))];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

export function weighted<T>(list: readonly (readonly [T, number])[], drawn: number): T {
  let at = drawn * list.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of list) {
    if (at < share) return item;
    at -= share;
  }
  return pick(list, 1)[0];
}
