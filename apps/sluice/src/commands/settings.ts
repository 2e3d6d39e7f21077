// `sluice settings`: every setting with the value in force. Secrets are never shown, only that they are set.
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { readSettings, settingsCatalogue, type Environment } from '@sluice/contract/settings';
import { environment } from '../env.ts';
import { CommandFailure, exitCodes, print, printJson } from './outcome.ts';

type Row = {
  name: string;
  value: string | null;
  source: 'environment' | 'default' | 'unset';
  default: string | null;
  secret: boolean;
  description: string;
};

export function settingRows(env: Environment): Row[] {
  return settingsCatalogue
    .filter((entry) => !entry.internal)
    .map(({ name, secret, description, default: fallback }) => {
      const set = Boolean(env[name]) || (secret && Boolean(env[`${name}_FILE`]));
      const source = set ? 'environment' : fallback === null ? 'unset' : 'default';
      const value = set ? (secret ? '(set, not shown)' : (env[name] ?? null)) : fallback;
      return { name, value, source, default: fallback, secret, description };
    });
}

function settings(options: { json?: boolean }): void {
  const rows = settingRows(environment);
  const read = readSettings(environment, (path) => readFileSync(path, 'utf8'));
  if (options.json) printJson({ settings: rows, problems: read.ok ? [] : read.problems });
  else {
    const width = Math.max(...rows.map((row) => row.name.length));
    for (const row of rows)
      print(
        `${row.name.padEnd(width)}  ${row.value ?? '(unset)'}${row.source === 'default' ? ' (default)' : ''}\n  ${row.description}${row.secret ? `; also as ${row.name}_FILE` : ''}`,
      );
  }
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'), exitCodes.usage);
}

const asJson = ['--json', 'print JSON'] as const;

export function addSettingsCommand(sluice: Command): void {
  sluice
    .command('settings')
    .description('every setting with the value in force')
    .option(...asJson)
    .action(settings);
}
