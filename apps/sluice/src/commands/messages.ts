// `sluice messages trace`: everything that happened to mail for one address, oldest first.
import type { Command } from 'commander';
import { explainMessage } from './queues.ts';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';

async function trace(options: { to: string; json?: boolean }): Promise<void> {
  const { client } = connect();
  const { recipient, events } = await client.messages.trace.query({ recipient: options.to });
  if (options.json) {
    printJson({ recipient, events: events.map((event) => ({ time: event.at, ...event })) });
    return;
  }
  if (events.length === 0) print(`no events for ${printable(recipient)}`);
  for (const event of events) {
    const reply =
      event.remoteReply === null
        ? event.detail
        : [event.remoteReply.code, event.remoteReply.enhanced, event.remoteReply.text].filter(Boolean).join(' ');
    const parts = [event.at, event.type.padEnd(13), event.source ?? '-', event.mxHost ?? '-', reply ?? ''];
    print(printable(parts.join('  ').trimEnd()));
  }
}

type SearchOptions = { to?: string; limit: string; json?: true };

async function search(options: SearchOptions): Promise<void> {
  const limit = /^\d{1,3}$/.test(options.limit) ? Number(options.limit) : 0;
  if (limit < 1 || limit > 200) throw new CommandFailure('--limit is 1 to 200', exitCodes.usage);
  const recipient = options.to === undefined ? {} : { recipient: options.to };
  const { items } = await connect().client.messages.search.query({ ...recipient, limit });
  if (options.json) return printJson(items);
  for (const { entryId, state, recipient: to, sender, lastEventAt, attempts } of items)
    printRow(entryId, state, to, `from ${sender ?? '-'}`, `${attempts} attempts`, lastEventAt);
  if (items.length === 0) print('no mail found');
}

async function timeline(entryId: string, options: { json?: true }): Promise<void> {
  const { events } = await connect().client.messages.timeline.query({ entryId });
  if (options.json) return printJson(events);
  for (const { at, type, source, mxHost, remoteReply, detail } of events)
    print(printable([at, type.padEnd(13), source ?? '-', mxHost ?? '-', remoteReply?.text ?? detail ?? ''].join('  ').trimEnd()));
}

const asJson = ['--json', 'print JSON'] as const;

export function addMessageCommands(sluice: Command): void {
  const messages = sluice.command('messages').description('mail and what happened to it');
  messages
    .command('trace')
    .description('all events of one recipient')
    .requiredOption('--to <address>', 'recipient')
    .option(...asJson)
    .action(trace);
  messages
    .command('search')
    .description('mail by recipient, newest first')
    .option('--to <recipient>', 'an address, or @domain for all of a domain; the newest mail without')
    .option('--limit <number>', 'how many, at most 200', '50')
    .option(...asJson)
    .action(search);
  messages
    .command('timeline')
    .description('all events of one message')
    .argument('<entry>', 'entry id, as the search shows it')
    .option(...asJson)
    .action(timeline);
  messages
    .command('explain')
    .description('what holds one message now')
    .argument('<entry>', 'entry id, as the trace shows it')
    .option(...asJson)
    .action(explainMessage);
}
