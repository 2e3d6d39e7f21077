// `sluice sources bulk`: sources of a network or of a table, after a look if that is wanted.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { connect } from './connection.ts';
import { printPlan } from './config-plan.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';

type Options = {
  network?: string;
  csv?: string;
  name: string;
  ehlo: string;
  node?: string;
  dryRun?: boolean;
  json?: boolean;
  reason: string;
};

function tableFrom(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new CommandFailure(`${printable(file)} cannot be read`, exitCodes.usage);
  }
}

async function bulk({ network, csv, name, ehlo, node, dryRun, json, reason }: Options): Promise<void> {
  if ((network === undefined) === (csv === undefined)) throw new CommandFailure('--network or --csv, one of them', exitCodes.usage);
  const from =
    network === undefined
      ? { kind: 'table' as const, csv: tableFrom(csv ?? '-'), ehlo }
      : { kind: 'network' as const, cidr: network, name, ehlo, node: node ?? null };
  const { plan, revision } = await connect().client.sources.bulk.mutate({ from, dryRun: dryRun ?? false, reason });
  if (json) return printJson({ plan, revision });
  printPlan(plan);
  if (revision !== null) print(`revision ${revision}`);
}

export function addBulkCommand(sources: Command): void {
  sources
    .command('bulk')
    .description('make or change many sources by name, from a network or a table')
    .option('--network <cidr>', 'a source for each address, such as 192.0.2.0/28')
    .option('--csv <file>', 'columns name, address, bind, ehlo, node, enabled; - for standard input')
    .option('--name <template>', '{n} is the number, {address} the address', 'bulk-{n}')
    .option('--ehlo <template>', 'EHLO names, alike', '')
    .option('--node <node>', 'only there')
    .option('--dry-run', 'only say what it would do')
    .option('--json', 'print JSON')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(bulk);
}
