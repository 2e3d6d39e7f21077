// `sluice queues list` and `explain`, `sluice messages explain`: what waits, and why.
import type { Command } from 'commander';
import type { Hold } from '@sluice/contract';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { scopeFrom, streamNamed, tenantNamed, type ScopeOptions, withScope } from './scope-options.ts';

const shown = 50;
const instant = (ms: number | null): string => (ms === null ? '-' : new Date(ms).toISOString());

async function listQueues(options: ScopeOptions & { sort: string; limit: string; json?: true }): Promise<void> {
  const { client } = connect();
  const { sort } = options;
  if (sort !== 'size' && sort !== 'oldest') throw new CommandFailure('--sort is size or oldest', exitCodes.usage);
  const limit = Math.min(Math.max(Number.parseInt(options.limit, 10) || shown, 1), 200);
  const answer = await client.queues.list.query({ scope: await scopeFrom(client, options), sort, limit });
  if (options.json) return printJson(answer);
  for (const queue of answer.queues) {
    const name = [queue.tenantName ?? queue.tenantId, queue.streamName ?? queue.streamId, queue.campaign ?? '-', queue.domain];
    printRow(queue.count, queue.state, name.join(' / '), `since ${instant(queue.oldestAt)}`, queue.heldBy ?? 'flows');
  }
  print(`${answer.queues.length} of ${answer.total} queues, ${answer.entries} entries`);
  tellSilent(answer.silent);
}

async function explainQueue(domain: string, options: { tenant: string; stream: string; campaign?: string; json?: true }): Promise<void> {
  const { client } = connect();
  const tenantId = await tenantNamed(client, options.tenant);
  const streamId = await streamNamed(client, tenantId, options.stream);
  const answer = await client.queues.explain.query({ queue: { tenantId, streamId, campaign: options.campaign ?? null, domain } });
  if (options.json) return printJson(answer);
  for (const { node, row, holds } of answer.nodes) {
    print(printable(row === null ? `${node}: nothing is queued` : `${node}: ${row.count} entries, ${row.state}`));
    printHolds(holds, row !== null);
  }
  tellSilent(answer.silent);
}

export async function explainMessage(entryId: string, options: { json?: true }): Promise<void> {
  const { client } = connect();
  const answer = await client.messages.explain.query({ entryId });
  if (options.json) return printJson(answer);
  print(printable(`${answer.queued ? 'queued' : 'over'}: last event ${answer.last.type} at ${answer.last.at}`));
  if (answer.last.remoteReply) print(printable(`  ${answer.last.remoteReply.code} ${answer.last.remoteReply.text}`));
  printHolds(answer.holds, answer.queued);
  if (!answer.answered) print('its node did not answer: only what its events say is told');
}

function printHolds(holds: readonly Hold[], queued: boolean): void {
  if (holds.length === 0 && queued) print('  nothing holds it');
  for (const hold of holds)
    print(printable(`  ${hold.kind}: ${hold.detail}${hold.clearsAt === null ? '' : `; clears ${instant(hold.clearsAt)}`}`));
}

function tellSilent(silent: readonly string[]): void {
  if (silent.length > 0) print(printable(`did not answer: ${silent.join(', ')}`));
}

const asJson = ['--json', 'print JSON'] as const;

export function addQueueCommands(sluice: Command): void {
  const queues = sluice.command('queues').description('what waits, and why');
  withScope(queues.command('list').description('the largest or the oldest queues'))
    .option('--sort <order>', 'size or oldest', 'size')
    .option('--limit <number>', 'how many, at most 200', '50')
    .option(...asJson)
    .action(listQueues);
  queues
    .command('explain')
    .description('all that holds one queue, in order, and when it clears')
    .argument('<domain>', 'recipient domain')
    .requiredOption('--tenant <tenant>', 'name or id')
    .requiredOption('--stream <stream>', 'name or id')
    .option('--campaign <campaign>', 'campaign')
    .option(...asJson)
    .action(explainQueue);
}
