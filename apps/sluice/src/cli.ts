// Entry of `npm run -s sluice -- COMMAND`: the command line of an installation on this machine. Each command is a file of commands/; here
// is only the grammar, and the exit code: 0 done, 1 failed, 2 wrong usage or settings, 3 nothing is running.
import { Command, CommanderError } from 'commander';
import { migrate, provision } from './commands/database.ts';
import { issueCommand, listCommands, withdrawCommand } from './commands/commands.ts';
import { addConfigCommands } from './commands/config.ts';
import { addAutomationCommands } from './commands/automations.ts';
import { listDecisions } from './commands/decisions.ts';
import { CommandFailure, exitCodes, printable } from './commands/outcome.ts';
import { cloneProvider, deleteProvider, listProviders, resetProvider, setProvider, showProvider } from './commands/providers.ts';
import { explainMessage, explainQueue, listQueues } from './commands/queues.ts';
import { withScope } from './commands/scope-options.ts';
import { deleteRule, effective, listRules, setRule } from './commands/delivery-settings.ts';
import { deleteRoute, listRoutes, setRoute } from './commands/routes.ts';
import { send } from './commands/send.ts';
import { settings } from './commands/settings.ts';
import { addSpoolCommands } from './commands/spool.ts';
import { addLimitCommands } from './commands/limits.ts';
import { simulation } from './commands/simulate/simulate.ts';
import { egressSources } from './commands/source-commands.ts';
import { status } from './commands/status.ts';
import { traceSessions } from './commands/trace-sessions.ts';
import { tlsReports } from './commands/tls-reports.ts';
import { trace } from './commands/trace.ts';
import { resetPassword, setupLink } from './commands/users.ts';
import { addWarmUpCommands } from './commands/warm-ups.ts';
import { commandArguments } from './env.ts';

const asJson = ['--json', 'print JSON'] as const;

function program(): Command {
  const sluice = new Command('sluice')
    .description('The command line of the Sluice installation on this machine')
    .exitOverride()
    .showHelpAfterError();
  sluice
    .command('status')
    .description('what runs, where, and how it is')
    .option(...asJson)
    .action(status);
  sluice
    .command('settings')
    .description('every setting with the value in force')
    .option(...asJson)
    .action(settings);
  sluice
    .command('send')
    .description('hand in mail through SMTP submission')
    .requiredOption('--to <address>', 'recipient')
    .requiredOption('--from <address>', 'sender, at a sending domain of a tenant')
    .option('--count <number>', 'how many messages', '1')
    .option('--subject <text>', 'subject')
    .option('--stream <name>', "stream to use, if not the tenant's first (without --user)")
    .option('--user <name>', 'SMTP user (or SMTP_USER); without one this machine makes itself a credential')
    .option('--password <password>', 'SMTP password (or SMTP_PASSWORD)')
    .option(...asJson)
    .action(send);
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
  withScope(sluice.command('trace').description('show the SMTP sessions of what the scope names as they happen; ends by itself'))
    .option('--minutes <number>', 'for how long, at most 60', '10')
    .option('--sessions <number>', 'how many on each node, at most 100', '20')
    .option('--lines <number>', 'how many on each node, at most 10000', '2000')
    .option('--reason <text>', 'why, for the audit', 'traced from the command line')
    .option('--json', 'print one JSON object a line')
    .action(traceSessions);
  addAutomationCommands(sluice);
  sluice
    .command('decisions')
    .description('what the engines decided by themselves, newest first')
    .option('--kind <kind>', 'automation, warm_up or source_health')
    .option('--alerts', 'only those that an operator should look at')
    .option('--limit <number>', 'how many, at most 200', '50')
    .option(...asJson)
    .action(listDecisions);
  sluice
    .command('tlsrpt')
    .description('TLS with recipient domains as counted, and the reports that were sent (RFC 8460)')
    .option('--failing', 'only domains with failures')
    .option(...asJson)
    .action(tlsReports);
  addWarmUpCommands(sluice);
  addConfigCommands(sluice);
  const users = sluice.command('users').description('operator accounts');
  users
    .command('reset-password')
    .description('give an account a new password and end its sessions')
    .requiredOption('--email <address>', 'the account')
    .option('--local', 'use the token of this machine')
    .option('--password-stdin', 'read the new password from standard input instead of making one')
    .action(resetPassword);
  users.command('setup-link').description('a new one-time link for making the first account').action(setupLink);
  egressSources(sluice);
  deliverySettings(sluice);
  addLimitCommands(sluice);
  staticRoutes(sluice);
  mailboxProviders(sluice);
  addSpoolCommands(sluice);
  simulation(sluice);
  const db = sluice.command('db').description('the database, as its owner');
  db.command('migrate').description('bring the schema up to date').action(migrate);
  db.command('provision').description('make the run-time roles what they should be').action(provision);
  return sluice;
}

function deliverySettings(sluice: Command): void {
  const rules = sluice.command('delivery-settings').description('what queues and sessions are told: one value wins, by rule');
  rules
    .command('list')
    .description('all rules')
    .option(...asJson)
    .action(listRules);
  rules
    .command('set')
    .description('make a rule, or change what is named of it')
    .argument('<rule>', 'name or id')
    .argument('[values...]', 'setting=value, such as pipelining=no retry="5m, 15m, 1h"')
    .option('--where <match...>', 'dimension=value, such as provider=gmail tenant=acme; all of them must match')
    .option('--unset <setting...>', 'values that the rule gives no longer')
    .option('--enable', 'the rule holds')
    .option('--disable', 'the rule is kept and does not hold')
    .option('--password-stdin', 'read the AUTH password from standard input')
    .option('--client-certificate <file>', 'PEM with certificate, chain and key')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(setRule);
  rules
    .command('delete')
    .description('take a rule away')
    .argument('<rule>', 'name or id')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(deleteRule);
  rules
    .command('effective')
    .description('the value of every setting for a piece of mail with the rule it comes from, its static route and its limits')
    .option('--where <match...>', 'dimension=value, such as domain=example.com source=bulk-1')
    .option(...asJson)
    .action(effective);
}

function staticRoutes(sluice: Command): void {
  const routes = sluice.command('routes').description('mail that goes to named hosts instead of the MX of its domain');
  routes
    .command('list')
    .description('all routes')
    .option(...asJson)
    .action(listRoutes);
  routes
    .command('set')
    .description('make a route, or put another in its place')
    .argument('<domain>', 'a domain, .suffix for every domain below it, or * for all mail')
    .argument('<hosts...>', 'host:port or host:port/preference')
    .option('--lmtp', 'speak LMTP')
    .option('--tls <mode>', 'TLS mode, if not that of the delivery settings')
    .option('--user <name>', 'AUTH user name')
    .option('--password-stdin', 'read the AUTH password from standard input')
    .option('--treat-as-secure', 'the host names count as secure when TLS is judged')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(setRoute);
  routes
    .command('delete')
    .description('take a route away')
    .argument('<domain>', 'the route, as listed')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(deleteRoute);
}

function mailboxProviders(sluice: Command): void {
  const providers = sluice.command('providers').description('mailbox providers, and the rules by which their refusals are read');
  const because = ['--reason <text>', 'why, for the audit'] as const;
  providers
    .command('list')
    .description('all providers')
    .option(...asJson)
    .action(listProviders);
  providers
    .command('show')
    .description('one provider with its reply rules')
    .argument('<provider>', 'key or id, as listed')
    .option('--rules', 'print the rules alone, as set --rules takes them')
    .option(...asJson)
    .action(showProvider);
  providers
    .command('clone')
    .description('make a provider with the reply rules of another')
    .argument('<model>', 'key or id of the other')
    .argument('<key>', 'key of the new one')
    .argument('<suffixes...>', 'MX suffixes of the new one')
    .option('--name <name>', 'name, if not the key')
    .requiredOption(...because)
    .action(cloneProvider);
  providers
    .command('set')
    .description('change what is named of a provider')
    .argument('<provider>', 'key or id, as listed')
    .option('--name <name>', 'name')
    .option('--mx <suffixes...>', 'MX suffixes')
    .option('--rules <file>', 'reply rules as JSON; - for standard input')
    .requiredOption(...because)
    .action(setProvider);
  for (const [name, description, action] of [
    ['reset', 'put a provider back to its preset', resetProvider],
    ['delete', 'take away a provider that comes from no preset', deleteProvider],
  ] as const) {
    const one = providers.command(name).description(description).argument('<provider>', 'key or id, as listed');
    one.requiredOption(...because).action(action);
  }
}

/** Line and exit code of what a command threw. */
function failureOf(error: unknown): { line: string | null; code: number } {
  if (error instanceof CommandFailure) return { line: error.message, code: error.exitCode };
  if (error instanceof CommanderError) return { line: null, code: error.exitCode === 0 ? exitCodes.done : exitCodes.usage };
  return { line: printable(error instanceof Error ? error.message : String(error)), code: exitCodes.failed };
}

process.stdout.on('error', () => undefined);
try {
  await program().parseAsync(commandArguments, { from: 'user' });
} catch (error) {
  const { line, code } = failureOf(error);
  if (line !== null && line !== '') process.stderr.write(`${line}\n`);
  process.exitCode = code;
}
