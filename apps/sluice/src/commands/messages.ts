// `sluice messages trace`: everything that happened to mail for one address, oldest first.
import type { Command } from 'commander';
import { explainMessage } from './queues.ts';
import { connect } from './connection.ts';
import { print, printable, printJson } from './outcome.ts';

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
    .command('explain')
    .description('what holds one message now')
    .argument('<entry>', 'entry id, as the trace shows it')
    .option(...asJson)
    .action(explainMessage);
}
