// `sluice delivery-settings`: the rules of delivery settings and the values that hold. Values are typed as the console shows them:
// `retry="5m, 15m, 1h"`, `pipelining=no`, `maxAgeSeconds=none`.
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import type { SluiceClient } from '@sluice/client';
import { readSetting, settingDimensions, settingKeys, writeSetting, type SettingDimension, type SettingKey } from '@sluice/contract';
import { connect } from './connection.ts';
import { sizeText } from './limits.ts';
import { asking } from './scope-options.ts';
import { CommandFailure, exitCodes, print, printJson, printable } from './outcome.ts';

type Where = { [dimension in SettingDimension]?: string };
type Rule = Awaited<ReturnType<SluiceClient['settings']['list']['query']>>[number];
/** Commander gathers a repeated option into a list. */
type Json = { json?: boolean };
type WhereOption = { where?: string[] };

const usage = (line: string): CommandFailure => new CommandFailure(line, exitCodes.usage);

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`${printable(text)}: write it as name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `provider=gmail source=bulk-1`: sources, tenants and streams by name or id. */
async function whereOf(client: SluiceClient, pairs: readonly string[]): Promise<Where> {
  const where: Where = {};
  for (const [name, value] of pairs.map(pairOf)) {
    const dimension = settingDimensions.find((known) => known === name);
    if (!dimension) throw usage(`--where ${printable(name)}: one of ${settingDimensions.join(', ')}`);
    where[dimension] = await idOf(client, dimension, value);
  }
  return where;
}

async function idOf(client: SluiceClient, dimension: SettingDimension, value: string): Promise<string> {
  if (dimension === 'provider' || dimension === 'site' || dimension === 'domain') return value.toLowerCase();
  const lists = {
    source: () => client.sources.list.query(asking(value)),
    tenant: async () =>
      (await client.tenants.list.query(asking(value))).map(({ id, name, slug }) => ({ id, name: value === slug ? slug : name })),
    stream: () => client.streams.list.query(asking(value)),
  };
  const found = (await lists[dimension]()).filter((one) => one.id === value || one.name === value);
  const [one] = found;
  if (!one || found.length > 1)
    throw new CommandFailure(`${found.length === 0 ? 'no' : 'more than one'} ${dimension} is named ${printable(value)}; use its id`);
  return one.id;
}

async function ruleNamed(client: SluiceClient, nameOrId: string): Promise<Rule | undefined> {
  return (await client.settings.list.query()).find((rule) => rule.id === nameOrId || rule.name === nameOrId);
}

function matchOf(rule: Rule): string {
  const names: { readonly [dimension: string]: string | undefined } = rule.whereNames;
  const parts = Object.entries(rule.where).map(([dimension, value]) => `${dimension} ${names[dimension] ?? value}`);
  return parts.length === 0 ? 'all mail' : parts.join(' and ');
}

async function listRules({ json }: Json): Promise<void> {
  const rules = await connect().client.settings.list.query();
  if (json) return printJson(rules);
  if (rules.length === 0) print('no rules: every queue and session follows the defaults');
  for (const rule of rules) {
    print(printable(`${rule.name}${rule.enabled ? '' : ' (disabled)'}: ${matchOf(rule)}`));
    const values: { readonly [key: string]: unknown } = rule.values;
    for (const key of settingKeys) if (values[key] !== undefined) print(printable(`  ${key}=${writeSetting(key, values[key])}`));
    if (rule.hasAuthPassword) print('  (an AUTH password is stored)');
    if (rule.hasClientCertificate) print('  (a client certificate is stored)');
  }
}

type SetOptions = WhereOption & {
  reason: string;
  unset?: string[];
  enable?: boolean;
  disable?: boolean;
  passwordStdin?: boolean;
  clientCertificate?: string;
};

/** Makes the rule, or changes what is named of an existing one. */
async function setRule(name: string, pairs: string[], options: SetOptions): Promise<void> {
  const given = pairs.map(pairOf).map(([key, text]) => readPair(key, text));
  const { client } = connect();
  const old = await ruleNamed(client, name);
  const values: { [key: string]: unknown } = { ...old?.values, ...Object.fromEntries(given) };
  for (const key of options.unset ?? []) delete values[keyOf(key)];
  const rule = {
    name: old?.name ?? name,
    where: options.where ? await whereOf(client, options.where) : (old?.where ?? {}),
    values,
    enabled: options.disable ? false : options.enable ? true : (old?.enabled ?? true),
    reason: options.reason,
    ...(options.passwordStdin && { authPassword: readFileSync(0, 'utf8').replace(/\r?\n$/, '') }),
    ...(options.clientCertificate && { clientCertificate: readFileSync(options.clientCertificate, 'utf8') }),
  };
  const { revision } = old ? await client.settings.update.mutate({ id: old.id, ...rule }) : await client.settings.create.mutate(rule);
  print(`${printable(rule.name)} is ${old ? 'changed' : 'made'} with revision ${revision}`);
}

function keyOf(text: string): SettingKey {
  const key = settingKeys.find((known) => known === text);
  if (!key) throw usage(`${printable(text)} is not a delivery setting; delivery-settings effective lists them all`);
  return key;
}

function readPair(name: string, text: string): [SettingKey, unknown] {
  const read = readSetting(keyOf(name), text);
  if (!read.ok) throw usage(read.problem);
  return [keyOf(name), read.value];
}

async function deleteRule(name: string, { reason }: { reason: string }): Promise<void> {
  const { client } = connect();
  const rule = await ruleNamed(client, name);
  if (!rule) throw new CommandFailure(`no rule is named ${printable(name)}`);
  const { revision } = await client.settings.delete.mutate({ id: rule.id, reason });
  print(`${printable(rule.name)} is deleted with revision ${revision}`);
}

async function effective(options: WhereOption & Json): Promise<void> {
  const { client } = connect();
  const { source: sourceId, tenant: tenantId, stream: streamId, ...rest } = await whereOf(client, options.where ?? []);
  const found = await client.settings.effective.query({ ...rest, sourceId, tenantId, streamId });
  if (options.json) return printJson(found);
  for (const { dimension, value, name, from } of found.context) print(printable(`# ${dimension} ${name ?? value} (${from})`));
  if (found.route) print(printable(`# static route ${found.route.domain} to ${targetsOf(found.route)}`));
  for (const { key, value, rule } of found.values) {
    const origin = rule === null ? 'default' : `${rule.kind === 'route' ? 'static route ' : ''}${rule.name}`;
    print(printable(`${key}=${writeSetting(key, value)}  # ${origin}`));
  }
  for (const limit of found.limits) print(printable(limitLine(limit)));
}

type Effective = Awaited<ReturnType<SluiceClient['settings']['effective']['query']>>;

function targetsOf(route: NonNullable<Effective['route']>): string {
  return [route, ...route.alternatives].map(({ host, port }) => `${host}:${port}`).join(', ');
}

/** `limit connections=20 by source,provider if node=node-1  # Gmail connections` */
function limitLine({ name, kind, by, where, whereNames, open, ...limit }: Effective['limits'][number]): string {
  const size = sizeText({ kind, ...limit });
  const apart = by.length > 0 ? ` by ${by.join(',')}` : '';
  const left = open.map((dimension) => `${dimension}=${whereNames[dimension] ?? where[dimension]}`);
  return `limit ${kind}=${size}${apart}${left.length > 0 ? ` if ${left.join(' ')}` : ''}  # ${name}`;
}

const asJson = ['--json', 'print JSON'] as const;

export function addDeliverySettingCommands(sluice: Command): void {
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
