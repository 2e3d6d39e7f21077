// What an operator assumes of receiving providers, from a file.
import { readFileSync } from 'node:fs';
import { readProfileChanges, type ProfileChanges } from '@sluice/isp-simulator';
import { CommandFailure, exitCodes, printable } from '../outcome.ts';

export function providersIn(path: string | null): ProfileChanges {
  if (path === null) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new CommandFailure(printable(`--providers: ${path} cannot be read: ${String(error)}`), exitCodes.usage);
  }
  const read = readProfileChanges(parsed);
  if (read.ok) return read.changes;
  throw new CommandFailure(['--providers:', ...read.problems.map((line) => `  ${printable(line)}`)].join('\n'), exitCodes.usage);
}
