// `sluice decisions`: what the engines decided by themselves, and why.
import type { Command } from 'commander';
import { decisionKinds } from '@sluice/contract';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printJson, printRow } from './outcome.ts';

type Options = { kind?: string; alerts?: true; limit: string; json?: true };

async function listDecisions(options: Options): Promise<void> {
  const kind = decisionKinds.find((one) => one === options.kind);
  if (options.kind !== undefined && !kind) throw new CommandFailure(`--kind is one of ${decisionKinds.join(', ')}`, exitCodes.usage);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw new CommandFailure('--limit is 1 to 200', exitCodes.usage);
  const { client } = connect();
  const { items } = await client.decisions.list.query({ kind, alerts: options.alerts ?? false, limit });
  if (options.json) return printJson(items);
  for (const { at, node, alert, sentence } of items) printRow(at, node, ...(alert ? ['alert'] : []), sentence);
  if (items.length === 0) print('nothing was decided yet');
}

const asJson = ['--json', 'print JSON'] as const;

export function addDecisionCommands(sluice: Command): void {
  sluice
    .command('decisions')
    .description('what the engines decided by themselves, newest first')
    .option('--kind <kind>', 'automation, warm_up or source_health')
    .option('--alerts', 'only those that an operator should look at')
    .option('--limit <number>', 'how many, at most 200', '50')
    .option(...asJson)
    .action(listDecisions);
}
