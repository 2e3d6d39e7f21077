// The one place of this process that reads the environment and files named by it. A bad setting ends the process with one line each.
import { readFileSync } from 'node:fs';
import { readSettings, type Settings } from '@sluice/contract/settings';

export function settingsOrExit(): Settings {
  const read = readSettings(process.env, (path) => readFileSync(path, 'utf8'));
  if (read.ok) return read.settings;
  for (const problem of read.problems) process.stderr.write(`sluice: ${problem}\n`);
  process.exit(2);
}
