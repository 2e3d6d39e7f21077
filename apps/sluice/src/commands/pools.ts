// `sluice pools`, and making and switching sources: where mail leaves from.
import { everyPart, type SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { connect } from './connection.ts';
import { print, printable, printJson, printRow } from './outcome.ts';
import { everySource, oneNamed, poolNamed, sourceNamed } from './scope-options.ts';

type Json = { json?: true };
type Because = { reason: string };
const asJson = ['--json', 'print JSON'] as const;
const because = ['--reason <text>', 'why, for the audit', 'from the command line'] as const;

/** `bulk-1`, `bulk-1:50` (weight), `bulk-1:0` (takes no new mail). */
async function membersOf(client: SluiceClient, given: readonly string[]) {
  const sources = given.length === 0 ? [] : await everySource(client);
  return given.map((text) => {
    const [, name = text, weight] = /^(.+?)(?::(\d{1,4}))?$/.exec(text) ?? [];
    return { sourceId: oneNamed('source', sources, name), weight: Number(weight ?? 1) };
  });
}

async function listPools({ json }: Json): Promise<void> {
  const { client } = connect();
  const pools = await everyPart(
    (part) => client.pools.list.query(part),
    (pool) => pool.name,
  );
  if (json) return printJson(pools);
  const names = new Map((await everySource(client)).map(({ id, name }) => [id, name]));
  for (const { id, name, members } of pools) {
    const each = members.map(({ sourceId, weight, enabled }) => `${names.get(sourceId) ?? sourceId}:${weight}${enabled ? '' : ' (off)'}`);
    printRow(id, name, each.join(', ') || 'no sources');
  }
}

async function createPool(name: string, options: Because & { source?: string[] }): Promise<void> {
  const { client } = connect();
  const { id, revision } = await client.pools.create.mutate({
    name,
    members: await membersOf(client, options.source ?? []),
    reason: options.reason,
  });
  print(`${id} with revision ${revision}`);
}

async function setMembers(name: string, options: Because & { source?: string[] }): Promise<void> {
  const { client } = connect();
  const id = await poolNamed(client, name);
  const { revision } = await client.pools.setMembers.mutate({
    id,
    members: await membersOf(client, options.source ?? []),
    reason: options.reason,
  });
  print(`${printable(name)} is changed with revision ${revision}`);
}

async function listSources({ json }: Json): Promise<void> {
  const sources = await everySource(connect().client);
  if (json) return printJson(sources);
  for (const { id, name, publicAddress, ehloName, enabled, suspension, lastHour } of sources) {
    const state = enabled ? (suspension === null ? 'on' : `suspended until ${suspension.expiresAt}`) : 'off';
    printRow(id, name, publicAddress, ehloName, state, `${lastHour.delivered} delivered in the last hour`);
  }
}

type NewSource = Because & { bind?: string; ehlo: string; node?: string };

async function createSource(name: string, address: string, options: NewSource): Promise<void> {
  const family = address.includes(':') ? 6 : 4;
  const node = options.node === undefined ? {} : { node: options.node };
  const source = { name, publicAddress: address, bindAddress: options.bind ?? address, family, ehloName: options.ehlo, ...node } as const;
  const { id, revision } = await connect().client.sources.create.mutate({ ...source, reason: options.reason });
  print(`${id} with revision ${revision}`);
}

async function switchSource(name: string, enabled: boolean, { reason }: Because): Promise<void> {
  const { client } = connect();
  const id = await sourceNamed(client, name);
  const { revision } = await client.sources.setEnabled.mutate({ id, enabled, reason });
  print(`${printable(name)} is ${enabled ? 'on' : 'off'} with revision ${revision}`);
}

/** Beside the words about health, proxy and suspension; see source-commands.ts. */
export function addSourceBasics(sources: Command): void {
  sources
    .command('list')
    .description('all sources')
    .option(...asJson)
    .action(listSources);
  const source = sources
    .command('create')
    .description('make a source')
    .argument('<name>', 'its name')
    .argument('<address>', 'public address');
  source.requiredOption('--ehlo <name>', 'host name it says in EHLO').option('--bind <address>', 'address it is bound to, if another');
  source
    .option('--node <node>', 'the node that has the address, if not all')
    .option(...because)
    .action(createSource);
  for (const [word, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    const one = sources
      .command(word)
      .description(enabled ? 'let it send again' : 'let it send no more until enabled')
      .argument('<source>', 'name or id');
    one.option(...because).action((name: string, options: Because) => switchSource(name, enabled, options));
  }
}

export function addPoolCommands(sluice: Command): void {
  const pools = sluice.command('pools').description('weighted sets of sources');
  pools
    .command('list')
    .description('all pools with their members')
    .option(...asJson)
    .action(listPools);
  const members = ['--source <source...>', 'name or id, with a weight as name:weight'] as const;
  pools
    .command('create')
    .description('make a pool')
    .argument('<name>', 'its name')
    .option(...members)
    .option(...because)
    .action(createPool);
  const set = pools.command('set-members').description('replace the members').argument('<pool>', 'name or id');
  set
    .requiredOption(...members)
    .option(...because)
    .action(setMembers);
}
