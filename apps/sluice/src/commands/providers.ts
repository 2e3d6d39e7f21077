// `sluice providers`: mailbox providers, the rules by which their refusals are read, and what is done with either.
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { strictReplyRules, type ReplyRule } from '@sluice/contract';
import { connect, type Connection } from './connection.ts';
import { CommandFailure, exitCodes, print, printJson, printable } from './outcome.ts';

type Client = Connection['client'];
type Because = { reason: string };

async function named(client: Client, keyOrId: string) {
  const found = (await client.providers.list.query()).find(({ id, key }) => key === keyOrId.toLowerCase() || id === keyOrId);
  if (!found) throw new CommandFailure(`there is no provider ${printable(keyOrId)}`);
  return client.providers.get.query({ id: found.id });
}

async function listProviders({ json }: { json?: boolean }): Promise<void> {
  const providers = await connect().client.providers.list.query();
  if (json) return printJson(providers);
  for (const { key, name, mxSuffixes, rules, preset, edited } of providers) {
    const origin = preset === null ? 'own' : `preset ${preset.version}${edited ? ', edited' : ''}`;
    print(printable(`${key}  ${name}  ${rules} rules  (${origin})  ${mxSuffixes.join(' ')}`));
  }
}

/** The rules as text that `set --rules` takes back, with --json the whole provider. */
async function showProvider(key: string, { json, rules }: { json?: boolean; rules?: boolean }): Promise<void> {
  const provider = await named(connect().client, key);
  if (rules) return printJson(provider.replyRules);
  if (json) return printJson(provider);
  print(printable(`${provider.key}  ${provider.name}  ${provider.mxSuffixes.join(' ')}`));
  for (const rule of provider.replyRules) {
    const { codes, enhanced, pattern } = rule.match;
    const match = [...codes, ...enhanced, ...(pattern === null ? [] : [`/${pattern}/`])].join(' ');
    print(printable(`${rule.key}  ${rule.bounceClass}  blames ${rule.identity}  ${rule.remedy}  ${match}  ${rule.meaning}`));
  }
}

function rulesIn(file: string): ReplyRule[] {
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new CommandFailure(`${printable(file)}: ${error instanceof Error ? error.message : 'cannot be read'}`, exitCodes.usage);
  }
  const read = strictReplyRules.safeParse(written);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new CommandFailure(`${printable(file)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, exitCodes.usage);
}

async function cloneProvider(model: string, key: string, suffixes: string[], { name, reason }: Because & { name?: string }): Promise<void> {
  const { client } = connect();
  const { id: cloneOf } = await named(client, model);
  const fields = { key: key.toLowerCase(), name: name ?? key, mxSuffixes: suffixes.map((suffix) => suffix.toLowerCase()), cloneOf, reason };
  const { revision } = await client.providers.create.mutate(fields);
  print(`the provider ${printable(key)} is made with revision ${revision}`);
}

type SetOptions = Because & { name?: string; mx?: string[]; rules?: string };

/** Changes what is named and leaves the rest. */
async function setProvider(key: string, { name, mx, rules, reason }: SetOptions): Promise<void> {
  const { client } = connect();
  const provider = await named(client, key);
  const { revision } = await client.providers.update.mutate({
    id: provider.id,
    name: name ?? provider.name,
    mxSuffixes: mx?.map((suffix) => suffix.toLowerCase()) ?? provider.mxSuffixes,
    replyRules: rules === undefined ? provider.replyRules : rulesIn(rules),
    reason,
  });
  print(`the provider ${printable(provider.key)} is changed with revision ${revision}`);
}

async function resetProvider(key: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await named(client, key);
  const { revision } = await client.providers.resetToPreset.mutate({ id, reason });
  print(`the provider ${printable(key)} is as its preset has it, with revision ${revision}`);
}

async function deleteProvider(key: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await named(client, key);
  const { revision } = await client.providers.delete.mutate({ id, reason });
  print(`the provider ${printable(key)} is deleted with revision ${revision}`);
}

const asJson = ['--json', 'print JSON'] as const;

export function addProviderCommands(sluice: Command): void {
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
