// `sluice sources ...`: the words and options; what each does stands beside it.
import type { Command } from 'commander';
import { addBulkCommand } from './sources-bulk.ts';
import { checkSource, sourceHealth, useAnyway } from './source-health.ts';
import { addSourceBasics } from './pools.ts';
import { setProxy } from './source-proxy.ts';
import { resume, suspend } from './sources.ts';

const why = ['--reason <text>', 'why, for the audit'] as const;
const which = ['<source>', 'name or id'] as const;

export function egressSources(sluice: Command): void {
  const sources = sluice.command('sources').description('egress sources');
  addBulkCommand(sources);
  addSourceBasics(sources);
  sources
    .command('health')
    .description('which sources nodes send through, which are out of their pools and why, and what DNS says of their names')
    .option('--all', 'those that are in order too')
    .option('--json', 'print JSON')
    .action(sourceHealth);
  sources
    .command('check')
    .description('ask DNS for the names of a source now and, where it is out, try whether it can send again; without mail')
    .argument(...which)
    .requiredOption(...why)
    .action(checkSource);
  sources
    .command('use-anyway')
    .description('send through a source even while it is out, for a time')
    .argument(...which)
    .option('--minutes <number>', 'for how long', '60')
    .requiredOption(...why)
    .action(useAnyway);
  sources
    .command('proxy')
    .description('the proxy that a source goes out through')
    .argument(...which)
    .option('--haproxy <address:port>', 'PROXY protocol version 2; the source address is the one bound by the proxy')
    .option('--socks5 <address:port>', 'SOCKS5')
    .option('--none', 'the source connects by itself')
    .option('--user <name>', 'user name at the SOCKS5 proxy')
    .option('--password-stdin', 'read its password from standard input')
    .requiredOption(...why)
    .action(setProxy);
  sources
    .command('suspend')
    .description('stop sending from a source for a time; its mail is kept')
    .argument(...which)
    .option('--minutes <number>', 'for how long', '60')
    .requiredOption(...why)
    .action(suspend);
  sources
    .command('resume')
    .description('end a suspension')
    .argument(...which)
    .requiredOption(...why)
    .action(resume);
}
