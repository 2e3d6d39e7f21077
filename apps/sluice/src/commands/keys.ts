// `sluice keys`: keys by which programs use the API. A key that is made here with the token of this machine needs no account.
import type { SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { nowMs } from '../clock.ts';
import { connect, connectHere } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';
import { tenantNamed } from './scope-options.ts';

type Key = Awaited<ReturnType<SluiceClient['keys']['list']['query']>>['items'][number];
const pageSize = 200;
const unitSeconds: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };
const usage = (line: string): CommandFailure => new CommandFailure(line, exitCodes.usage);

async function allKeys(client: SluiceClient): Promise<Key[]> {
  const all: Key[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.keys.list.query({ limit: pageSize, ...(cursor !== undefined && { cursor }) });
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

function lineOf(key: Key): string {
  const marks = [key.state, ...(key.stale ? ['not used'] : []), ...(key.personalData ? ['personal data'] : [])].join(', ');
  const where = key.networks.length === 0 ? '' : `  from ${key.networks.join(' ')}`;
  const used = key.lastUsedAt === null ? 'never used' : `used ${key.lastUsedAt}`;
  const end = key.expiresAt === null ? 'no end' : `ends ${key.expiresAt}`;
  return `${key.prefix}  ${key.name}  (${marks})  ${key.scopes.join(' ')}${where}  by ${key.madeBy}  ${used}  ${end}`;
}

async function listKeys({ json, all }: { json?: boolean; all?: boolean }): Promise<void> {
  const keys = (await allKeys(connect().client)).filter((key) => all || key.state === 'active');
  if (json) return printJson(keys);
  if (keys.length === 0) print(all ? 'no API keys' : 'no API keys that work; --all shows the others too');
  for (const key of keys) print(printable(lineOf(key)));
}

/** `90d`, `12h`, `30m` in seconds. */
function secondsOf(option: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count === undefined) throw usage(`--${option} ${printable(text)}: write it as 90d, 12h or 30m`);
  return Number(count) * (unitSeconds[unit] ?? 0);
}

const endIn = (text: string): string | null =>
  text === 'never' ? null : new Date(nowMs() + secondsOf('expires', text) * 1000).toISOString();

type CreateOptions = {
  scope: string[];
  tenant?: string;
  from?: string[];
  expires: string;
  personalData?: boolean;
  local?: boolean;
  reason: string;
  json?: boolean;
};

async function createKey(name: string, options: CreateOptions): Promise<void> {
  const { client } = options.local ? connectHere() : connect();
  const { tenant } = options;
  const made = await client.keys.create.mutate({
    name,
    scopes: options.scope.flatMap((list) => list.split(',')),
    tenantId: tenant === undefined ? null : await tenantNamed(client, tenant),
    networks: (options.from ?? []).flatMap((list) => list.split(',')),
    expiresAt: endIn(options.expires),
    personalData: options.personalData ?? false,
    reason: options.reason,
  });
  if (options.json) return printJson(made);
  print(made.secret);
  process.stderr.write('This is the only time the key is shown.\n');
}

/** By id, prefix or name; a name that several keys have is refused. */
async function oneKey(client: SluiceClient, named: string): Promise<Key> {
  const keys = await allKeys(client);
  const exact = keys.find((key) => key.id === named || key.prefix === named);
  if (exact) return exact;
  const alive = keys.filter((key) => key.name === named && key.state !== 'revoked');
  const [one] = alive;
  if (one === undefined || alive.length > 1)
    throw new CommandFailure(`${one === undefined ? 'no key is' : 'several keys are'} named ${printable(named)}; keys list shows all`);
  return one;
}

type RotateOptions = { overlap: string; expires?: string; reason: string; json?: boolean };

async function rotateKey(named: string, { overlap, expires, reason, json }: RotateOptions): Promise<void> {
  const { client } = connect();
  const { id } = await oneKey(client, named);
  const overlapSeconds = overlap === '0' ? 0 : secondsOf('overlap', overlap);
  const end = expires === undefined ? {} : { expiresAt: endIn(expires) };
  const made = await client.keys.rotate.mutate({ id, overlapSeconds, ...end, reason });
  if (json) return printJson(made);
  print(made.secret);
  const old = made.previousUntil === null ? 'The old secret is dead.' : `The old secret works until ${made.previousUntil}.`;
  process.stderr.write(`This is the only time the new secret is shown. ${old}\n`);
}

async function revokeKey(named: string, { reason }: { reason: string }): Promise<void> {
  const { client } = connect();
  const { id, name, prefix } = await oneKey(client, named);
  await client.keys.revoke.mutate({ id, reason });
  print(printable(`${name} (${prefix}) is revoked`));
}

export function addKeyCommands(sluice: Command): void {
  const group = sluice.command('keys').description('keys by which programs use the API');
  group
    .command('list')
    .description('keys that work')
    .option('--all', 'also those that ended')
    .option('--json', 'print JSON')
    .action(listKeys);
  group
    .command('create')
    .description('make a key and print it, once')
    .argument('<name>', 'what uses it, such as deploy')
    .requiredOption('--scope <scope...>', 'resource:read, resource:write or resource:act, such as sources:read; * for every resource')
    .option(
      '--local',
      'with the token of this machine, whatever login there is: no account is needed, and the key has an Owner’s rights within its scopes',
    )
    .option('--tenant <tenant>', 'the only tenant it sees, by name or id')
    .option('--from <network...>', 'addresses or CIDR networks it may be used from')
    .option('--expires <time>', '90d, 12h, or never', '90d')
    .option('--personal-data', 'it sees whole addresses of recipients, and what mail says')
    .option('--reason <text>', 'why, for the audit', 'made by the local command line')
    .option('--json', 'print JSON')
    .action(createKey);
  group
    .command('rotate')
    .description('give a key a new secret and print it, once')
    .argument('<key>', 'prefix, name or id')
    .option('--overlap <time>', 'how long the old secret works: 24h, 30m, or 0', '24h')
    .option('--expires <time>', 'a new end: 90d, 12h, or never')
    .requiredOption('--reason <text>', 'why, for the audit')
    .option('--json', 'print JSON')
    .action(rotateKey);
  group
    .command('revoke')
    .description('end a key for good')
    .argument('<key>', 'prefix, name or id')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(revokeKey);
}
