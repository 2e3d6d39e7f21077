// `sluice commands list`, `issue` and `withdraw`: what nodes are told to do now. A cancel or bounce is given only with the count that it
// would touch, as `--confirm`; without it the count is shown and nothing happens.
import type { Command } from 'commander';
import { isEnding, operatorCommandKinds, type CommandScope } from '@sluice/contract';
import type { SluiceClient } from '@sluice/client';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { poolNamed, someScope, type ScopeOptions, withScope } from './scope-options.ts';
import { waitForNodes } from './wait-for-nodes.ts';

type IssueOptions = ScopeOptions & { reason: string; minutes?: string; to?: string; confirm?: string };

async function listCommands(options: { active?: true; json?: true }): Promise<void> {
  const { client } = connect();
  const commands = await client.commands.list.query({ limit: 50, active: options.active ?? false });
  if (options.json) return printJson(commands);
  for (const { id, kind, touches, active, reason, issuedBy, expiresAt, results } of commands) {
    const state = active ? `in force until ${expiresAt ?? 'it is ended'}` : 'over';
    printRow(id, kind, touches, state, `${issuedBy}: ${reason}`);
    for (const result of results) print(printable(`  ${result.node}: ${result.status}, ${result.matched} entries ${result.message}`));
  }
}

async function issueCommand(kindGiven: string, options: IssueOptions): Promise<void> {
  const kind = operatorCommandKinds.find((known) => known === kindGiven);
  if (!kind) throw new CommandFailure(`a command is one of ${operatorCommandKinds.join(', ')}`, exitCodes.usage);
  const { client } = connect();
  const scope = await someScope(client, options);
  const { matched, exact, nodes } = await client.commands.preview.query({ kind, scope });
  print(`matches ${exact ? '' : 'about '}${matched} entries`);
  for (const node of nodes) if (node.note !== '') print(printable(`  ${node.node}: ${node.note}`));
  const { commandId, expiresAt, startsAt } = await give(client, { kind, scope, matched }, options);
  print(`${commandId}${expiresAt === null ? '' : `, until ${expiresAt}`}`);
  if (startsAt !== null) print(`begins at ${startsAt}; until then \`sluice commands withdraw ${commandId}\` undoes it`);
  await waitForNodes(client, commandId, scope.node ?? null);
}

type Wanted = { kind: (typeof operatorCommandKinds)[number]; scope: CommandScope; matched: number };

async function give(client: SluiceClient, { kind, scope, matched }: Wanted, options: IssueOptions) {
  const { reason } = options;
  if (isEnding(kind)) {
    const confirm = numberOption('--confirm', options.confirm);
    if (confirm !== undefined) return client.commands.purge.mutate({ kind, scope, reason, confirm });
    throw new CommandFailure(`nothing was done: give --confirm ${matched} to ${kind} them; that cannot be undone`, exitCodes.usage);
  }
  const minutes = numberOption('--minutes', options.minutes);
  const poolId = options.to === undefined ? undefined : await poolNamed(client, options.to);
  return client.commands.issue.mutate({
    ...{ kind, scope, reason },
    ...(minutes === undefined ? {} : { minutes }),
    ...(poolId === undefined ? {} : { poolId }),
  });
}

async function withdrawCommand(id: string, options: { reason: string }): Promise<void> {
  const { client } = connect();
  const { commandId } = await client.commands.withdraw.mutate({ id, reason: options.reason });
  print('withdrawn');
  await waitForNodes(client, commandId, null);
}

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new CommandFailure(`${name} is a whole number`, exitCodes.usage);
  return Number(text);
}

const asJson = ['--json', 'print JSON'] as const;

export function addCommandCommands(sluice: Command): void {
  const commands = sluice.command('commands').description('what nodes are told to do now');
  commands
    .command('list')
    .description('commands and what each node answered')
    .option('--active', 'only those in force')
    .option(...asJson)
    .action(listCommands);
  withScope(commands.command('issue').description('suspend, resume, retry, cancel, bounce, move, drain or flush what the scope names'))
    .argument('<kind>', 'suspend, resume, retry, cancel, bounce, move, drain, undrain, flush_dns or flush_connections')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--minutes <number>', 'for how long (suspend, move, drain)')
    .option('--to <pool>', 'where to (move)')
    .option('--confirm <count>', 'how many entries you mean (cancel, bounce)')
    .action(issueCommand);
  commands
    .command('withdraw')
    .description('end a command before its time')
    .argument('<id>', 'as the list shows it')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(withdrawCommand);
}
