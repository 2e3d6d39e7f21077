// How a command ends: 0 only when it did what was asked. The table is what `sluice help exit-codes` and docs/cli.md show.
import type { ErrorCode } from '@sluice/contract/api';

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  notAllowed: 4,
  notFound: 5,
  conflict: 6,
  tryLater: 7,
} as const;

export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'what was asked is done',
  failed: 'it could not be done; the line on standard error says why',
  usage: 'a word, option, setting or input is wrong',
  notRunning: 'nothing to talk to: no installation runs there, or there is no spool',
  notAllowed: 'not signed in, or not allowed',
  notFound: 'there is no such thing, or it is not yours to see',
  conflict: 'it does not go with what is there, or something has to be done first',
  tryLater: 'too many calls, or the database is away: the same may succeed later',
};

/** How a refusal of the API ends the command. */
export const exitCodeOf: Readonly<Record<ErrorCode, number>> = {
  BAD_REQUEST: exitCodes.usage,
  UNAUTHORIZED: exitCodes.notAllowed,
  FORBIDDEN: exitCodes.notAllowed,
  NOT_FOUND: exitCodes.notFound,
  METHOD_NOT_SUPPORTED: exitCodes.failed,
  CONFLICT: exitCodes.conflict,
  PRECONDITION_FAILED: exitCodes.conflict,
  PAYLOAD_TOO_LARGE: exitCodes.usage,
  UNSUPPORTED_MEDIA_TYPE: exitCodes.failed,
  TOO_MANY_REQUESTS: exitCodes.tryLater,
  INTERNAL_SERVER_ERROR: exitCodes.failed,
  SERVICE_UNAVAILABLE: exitCodes.tryLater,
};

/** Ends the command with one line on standard error. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(line: string, exitCode: number = exitCodes.failed) {
    super(line);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** With `--json` on a command that has no JSON of its own: its lines, and what the API answered. Null: print as it comes. */
let collected: { lines: string[]; answer: unknown; ofChange: boolean } | null = null;

/** From here on lines are kept, and `printCollected` prints one JSON value in their place. */
export function collectForJson(): void {
  collected = { lines: [], answer: undefined, ofChange: false };
}

/** The answer of the last change is what the command came to; without a change that of the last question. */
export function noteAnswer(change: boolean, answer: unknown): void {
  if (collected === null || (collected.ofChange && !change)) return;
  collected.answer = answer;
  collected.ofChange = change;
}

export function printCollected(): void {
  if (collected === null) return;
  const { lines, answer } = collected;
  collected = null;
  printJson(answer === undefined ? { lines } : answer);
}

export const print = (text: string): void => {
  if (collected === null) process.stdout.write(`${text}\n`);
  else collected.lines.push(text);
};
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

// Names and replies of others are shown; a terminal must not obey what is in them.
export const printable = (value: string): string => value.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
/** A line of columns parted by tabs, for people and for `cut`: what a cell holds parts no columns. */
export const printRow = (...cells: readonly (string | number)[]): void => print(cells.map((cell) => printable(String(cell))).join('\t'));
