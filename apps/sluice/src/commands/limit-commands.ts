// `sluice limits ...`: the words and options; what each does stands beside it.
import type { Command } from 'commander';
import { deleteLimit, limitsInUse, listLimits, setLimit } from './limits.ts';

const asJson = ['--json', 'print JSON'] as const;

export function limits(sluice: Command): void {
  const group = sluice.command('limits').description('how much may be sent in a time, or be open at once');
  group
    .command('list')
    .description('all limits')
    .option(...asJson)
    .action(listLimits);
  group
    .command('use')
    .description('how much of each limit is used now, and what waits for it')
    .option(...asJson)
    .action(limitsInUse);
  group
    .command('set')
    .description('make a limit, or change the size of one')
    .argument('<limit>', 'name, or id of one that exists')
    .option('--kind <kind>', 'message_rate, byte_rate, hourly_cap, daily_cap, connections or connection_rate')
    .option('--count <number>', 'recipients, bytes or connections')
    .option('--per <seconds>', 'of a rate')
    .option('--burst <number>', 'of a rate: what may pass at once on top; "own" is a small part of the rate')
    .option('--zone <name>', 'of a cap: whose hours and days, such as Europe/Berlin')
    .option('--where <match...>', 'dimension=value, such as provider=gmail tenant=acme; all of them must match')
    .option('--by <dimension...>', 'count apart for each, such as source,provider')
    .option('--enable', 'the limit holds')
    .option('--disable', 'the limit is kept and does not hold')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(setLimit);
  group
    .command('delete')
    .description('take a limit away')
    .argument('<limit>', 'name or id')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(deleteLimit);
}
