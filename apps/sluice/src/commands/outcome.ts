// How a command ends: 0 only when it did what was asked.
export const exitCodes = { done: 0, failed: 1, usage: 2, notRunning: 3 } as const;

/** Ends the command with one line on standard error. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(line: string, exitCode: number = exitCodes.failed) {
    super(line);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

// Names and replies of others are shown; a terminal must not obey what is in them.
export const printable = (value: string): string => value.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
