// `sluice limits`: what is limited, how much of it is used now on each node, and changes.
import type { SluiceClient } from '@sluice/client';
import { limitDimensions, limitKinds, type LimitDimension } from '@sluice/contract';
import type { Command } from 'commander';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';
import { oneNamed, scopeFrom } from './scope-options.ts';

type Limit = Awaited<ReturnType<SluiceClient['limits']['list']['query']>>[number];
type Sized = Pick<Limit, 'kind' | 'count' | 'perSeconds' | 'burst'> & { zone?: string | undefined };
const usage = (line: string): CommandFailure => new CommandFailure(line, exitCodes.usage);

/** `20`, `50/1s burst=10`, `2000 a day (UTC)` */
export function sizeText({ kind, count, perSeconds, burst, zone = 'UTC' }: Sized): string {
  if (kind === 'connections') return String(count);
  if (kind === 'daily_cap' || kind === 'hourly_cap') return `${count} ${kind === 'daily_cap' ? 'a day' : 'an hour'} (${zone})`;
  return `${count}/${perSeconds}s${burst === null ? '' : ` burst=${burst}`}`;
}

function matchText({ where, by }: Pick<Limit, 'where' | 'by'>): string {
  const matches = Object.entries(where).map(([dimension, value]) => `${dimension}=${value}`);
  return `${matches.length === 0 ? 'all mail' : matches.join(' ')}${by.length > 0 ? ` by ${by.join(',')}` : ''}`;
}

async function listLimits({ json }: { json?: boolean }): Promise<void> {
  const limits = await connect().client.limits.list.query();
  if (json) return printJson(limits);
  if (limits.length === 0) print('no limits: mail leaves as fast as receivers take it');
  for (const limit of limits)
    print(printable(`${limit.name}${limit.enabled ? '' : ' (disabled)'}: ${limit.kind}=${sizeText(limit)}  ${matchText(limit)}`));
}

async function limitsInUse({ json }: { json?: boolean }): Promise<void> {
  const { client } = connect();
  const answer = await client.limits.use.query();
  if (json) return printJson(answer);
  const names = new Map((await client.limits.list.query()).map(({ id, name }) => [id, name]));
  for (const { node, limits, total } of answer.nodes) {
    print(printable(`${node}: ${total === 0 ? 'no limit is in use' : `${total} in use`}`));
    for (const limit of limits) {
      const name = names.get(limit.id) ?? limit.setBySelf ?? limit.id;
      const own = limit.setBySelf === null ? '' : '  (set by Sluice)';
      print(printable(`  ${name}: ${limit.kind}=${sizeText(limit)}  ${matchText(limit)}${own}`));
      for (const { values, used, of, waiting, clearsAt } of limit.fullest) {
        const what = values.length === 0 ? 'all' : values.map((value) => value || '-').join(' ');
        const next = clearsAt === null ? '' : `  next at ${new Date(clearsAt).toISOString()}`;
        print(printable(`    ${what}: ${Math.round(used)} of ${Math.round(of)}${waiting > 0 ? `, ${waiting} in line` : ''}${next}`));
      }
      if (limit.counters > limit.fullest.length) print(`    ${limit.counters - limit.fullest.length} more are not shown`);
    }
  }
  if (answer.silent.length > 0) print(printable(`did not answer: ${answer.silent.join(', ')}`));
}

type SetOptions = {
  reason: string;
  kind?: string;
  count?: string;
  per?: string;
  burst?: string;
  zone?: string;
  where?: string[];
  by?: string[];
  enable?: boolean;
  disable?: boolean;
};

function wholeOf(option: string, text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw usage(`--${option} ${printable(text)}: a whole number is wanted`);
  return Number(text);
}

const burstOf = (text: string): number | null => (text === 'own' ? null : wholeOf('burst', text));

/** Makes the limit, or changes the size of an existing one. What it counts stays what it was made for. */
async function setLimit(name: string, options: SetOptions): Promise<void> {
  const { client } = connect();
  const known = (await client.limits.list.query()).find((limit) => limit.id === name || limit.name === name);
  if (options.enable && options.disable) throw usage('--enable or --disable, not both');
  if (!known) return makeLimit(client, name, options);
  if (options.kind !== undefined || options.where || options.by)
    throw usage('what a limit counts does not change: delete it and make another');
  const { revision } = await client.limits.update.mutate({
    id: known.id,
    count: options.count === undefined ? known.count : wholeOf('count', options.count),
    perSeconds: options.per === undefined ? known.perSeconds : wholeOf('per', options.per),
    burst: options.burst === undefined ? known.burst : burstOf(options.burst),
    ...(options.zone !== undefined && { zone: options.zone }),
    enabled: options.enable ? true : options.disable ? false : known.enabled,
    reason: options.reason,
  });
  print(`saved as revision ${revision}`);
}

async function makeLimit(client: SluiceClient, name: string, options: SetOptions): Promise<void> {
  const kind = limitKinds.find((one) => one === options.kind);
  if (!kind) throw usage(`--kind: one of ${limitKinds.join(', ')}`);
  if (options.count === undefined) throw usage('--count is wanted for a new limit');
  const { revision } = await client.limits.create.mutate({
    ...{ name, kind, reason: options.reason, enabled: !options.disable },
    where: await whereOf(client, options.where ?? []),
    by: (options.by ?? []).flatMap((list) => list.split(',')).map(dimensionOf),
    count: wholeOf('count', options.count),
    ...(options.per !== undefined && { perSeconds: wholeOf('per', options.per) }),
    ...(options.burst !== undefined && { burst: burstOf(options.burst) }),
    ...(options.zone !== undefined && { zone: options.zone }),
  });
  print(`made with revision ${revision}`);
}

function dimensionOf(text: string): LimitDimension {
  const dimension = limitDimensions.find((one) => one === text);
  if (!dimension) throw usage(`${printable(text)}: one of ${limitDimensions.join(', ')}`);
  return dimension;
}

/** `provider=gmail source=bulk-1`: sources, pools, tenants and streams by name or id. */
async function whereOf(client: SluiceClient, pairs: readonly string[]): Promise<Partial<Record<LimitDimension, string>>> {
  const named: Partial<Record<LimitDimension, string>> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw usage(`--where ${printable(pair)}: write it as dimension=value`);
    named[dimensionOf(pair.slice(0, at))] = pair.slice(at + 1);
  }
  return (await scopeFrom(client, named)) ?? {};
}

async function deleteLimit(name: string, { reason }: { reason: string }): Promise<void> {
  const { client } = connect();
  const id = oneNamed('limit', await client.limits.list.query(), name);
  const { revision } = await client.limits.delete.mutate({ id, reason });
  print(`deleted with revision ${revision}`);
}

export function addLimitCommands(sluice: Command): void {
  const group = sluice.command('limits').description('how much may be sent in a time, or be open at once');
  group.command('list').description('all limits').option('--json', 'print JSON').action(listLimits);
  group
    .command('use')
    .description('how much of each limit is used now, and what waits for it')
    .option('--json', 'print JSON')
    .action(limitsInUse);
  group
    .command('set')
    .description('make a limit, or change the size of one')
    .argument('<limit>', 'name, or id of one that exists')
    .option('--kind <kind>', 'message_rate, byte_rate, hourly_cap, daily_cap, connections or connection_rate')
    .option('--count <number>', 'recipients, bytes or connections')
    .option('--per <seconds>', 'of a rate')
    .option('--burst <number>', 'of a rate: what may pass at once on top; "own" is a small part of the rate')
    .option('--zone <name>', 'of a cap: whose hours and days, such as Europe/Berlin')
    .option('--where <match...>', 'dimension=value, such as provider=gmail tenant=acme; all of them must match')
    .option('--by <dimension...>', 'count apart for each, such as source,provider')
    .option('--enable', 'the limit holds')
    .option('--disable', 'the limit is kept and does not hold')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(setLimit);
  group
    .command('delete')
    .description('take a limit away')
    .argument('<limit>', 'name or id')
    .requiredOption('--reason <text>', 'why, for the audit')
    .action(deleteLimit);
}
