// `sluice nodes`, `events` and `outcomes`: what runs, and what happened lately.
import type { Command } from 'commander';
import { connect } from './connection.ts';
import { addNodeKeyCommands } from './secrets.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';

type Json = { json?: true };
const asJson = ['--json', 'print JSON'] as const;

export async function listNodes({ json }: Json): Promise<void> {
  const nodes = await connect().client.nodes.list.query();
  if (json) return printJson(nodes);
  for (const { node, state, egress, revision, headRevision, frame, problems } of nodes) {
    const queue = frame === null ? 'unknown' : String(frame.queue.scheduled + frame.queue.ready + frame.queue.inFlight + frame.queue.held);
    printRow(node, state, egress, `revision ${revision ?? 'none'} of ${headRevision}`, `${queue} in queue`);
    for (const { kind, id, field, message } of problems) print(printable(`  refused ${kind} ${id} ${field}: ${message}`));
  }
}

function bounded(option: string, text: string, most: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new CommandFailure(`${option} is 1 to ${most}`, exitCodes.usage);
  return number;
}

async function lastEvents(options: Json & { limit: string }): Promise<void> {
  const events = await connect().client.overview.lastEvents.query({ limit: bounded('--limit', options.limit, 100) });
  if (options.json) return printJson(events);
  for (const { at, type, recipient, source, remoteReply, detail } of events)
    print(printable([at, type.padEnd(13), recipient ?? '-', source ?? '-', remoteReply?.text ?? detail ?? ''].join('  ').trimEnd()));
}

async function outcomes(options: Json & { minutes: string }): Promise<void> {
  const answer = await connect().client.overview.outcomes.query({ minutes: bounded('--minutes', options.minutes, 1440) });
  if (options.json) return printJson(answer);
  for (const { minute, accepted, delivered, deferred, bounced } of answer.series)
    print(`${minute}  accepted ${accepted}  delivered ${delivered}  deferred ${deferred}  bounced ${bounced}`);
}

export function addNodeCommands(sluice: Command): void {
  const nodes = sluice.command('nodes').description('what sends, and how it is');
  nodes
    .command('list')
    .description('all nodes with revision and queue')
    .option(...asJson)
    .action(listNodes);
  addNodeKeyCommands(nodes);
  sluice
    .command('events')
    .description('the newest events')
    .option('--limit <number>', 'how many, at most 100', '20')
    .option(...asJson)
    .action(lastEvents);
  sluice
    .command('outcomes')
    .description('outcomes by the minute')
    .option('--minutes <number>', 'how far back, at most 1440', '60')
    .option(...asJson)
    .action(outcomes);
}
