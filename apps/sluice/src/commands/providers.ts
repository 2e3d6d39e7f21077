// `sluice providers`: mailbox providers, the rules by which their refusals are read, and what is done with either.
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

export async function listProviders({ json }: { json?: boolean }): Promise<void> {
  const providers = await connect().client.providers.list.query();
  if (json) return printJson(providers);
  for (const { key, name, mxSuffixes, rules, preset, edited } of providers) {
    const origin = preset === null ? 'own' : `preset ${preset.version}${edited ? ', edited' : ''}`;
    print(printable(`${key}  ${name}  ${rules} rules  (${origin})  ${mxSuffixes.join(' ')}`));
  }
}

/** The rules as text that `set --rules` takes back, with --json the whole provider. */
export async function showProvider(key: string, { json, rules }: { json?: boolean; rules?: boolean }): Promise<void> {
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

export async function cloneProvider(
  model: string,
  key: string,
  suffixes: string[],
  { name, reason }: Because & { name?: string },
): Promise<void> {
  const { client } = connect();
  const { id: cloneOf } = await named(client, model);
  const fields = { key: key.toLowerCase(), name: name ?? key, mxSuffixes: suffixes.map((suffix) => suffix.toLowerCase()), cloneOf, reason };
  const { revision } = await client.providers.create.mutate(fields);
  print(`the provider ${printable(key)} is made with revision ${revision}`);
}

type SetOptions = Because & { name?: string; mx?: string[]; rules?: string };

/** Changes what is named and leaves the rest. */
export async function setProvider(key: string, { name, mx, rules, reason }: SetOptions): Promise<void> {
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

export async function resetProvider(key: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await named(client, key);
  const { revision } = await client.providers.resetToPreset.mutate({ id, reason });
  print(`the provider ${printable(key)} is as its preset has it, with revision ${revision}`);
}

export async function deleteProvider(key: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const { id } = await named(client, key);
  const { revision } = await client.providers.delete.mutate({ id, reason });
  print(`the provider ${printable(key)} is deleted with revision ${revision}`);
}
