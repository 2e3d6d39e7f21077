// `sluice tenants`, `streams`, `domains`, `selectors`, `credentials` and `relays`: senders, and what belongs to one.
import { everyPart, type SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { textFrom } from './config-plan.ts';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printable, printJson, printRow } from './outcome.ts';
import { oneNamed, poolNamed, searchFor, streamNamed, tenantNamed } from './scope-options.ts';
import { checkSelectors } from './selector-records.ts';

type Json = { json?: true };
type Because = { reason: string };
const asJson = ['--json', 'print JSON'] as const;
const because = ['--reason <text>', 'why, for the audit', 'from the command line'] as const;
const ofTenant = ['--tenant <tenant>', 'name, slug or id'] as const;

const within = async (client: SluiceClient, tenant: string | undefined) =>
  tenant === undefined ? {} : { tenantId: await tenantNamed(client, tenant) };

function show<T>(rows: readonly T[], { json }: Json, line: (row: T) => readonly (string | number)[]): void {
  if (json) return printJson(rows);
  for (const row of rows) printRow(...line(row));
}

const everyTenant = (client: SluiceClient) =>
  everyPart(
    (part) => client.tenants.list.query(part),
    ({ slug }) => slug,
  );

const listTenants = async (options: Json): Promise<void> =>
  show(await everyTenant(connect().client), options, ({ id, slug, name }) => [id, slug, name]);

async function createTenant(name: string, { slug, reason }: Because & { slug: string }): Promise<void> {
  const { id, revision } = await connect().client.tenants.create.mutate({ name, slug, reason });
  print(`${id} with revision ${revision}`);
}

async function listStreams(options: Json & { tenant?: string }): Promise<void> {
  const { client } = connect();
  const tenant = await within(client, options.tenant);
  const rows = await everyPart(
    (part) => client.streams.list.query({ ...tenant, ...part }),
    ({ id }) => id,
  );
  show(rows, options, ({ id, name, tenantId, weight, poolIds }) => [id, name, `tenant ${tenantId}`, `weight ${weight}`, poolIds.join(',')]);
}

async function createStream(name: string, options: Because & { tenant: string; pool: string[]; weight?: string }): Promise<void> {
  const { client } = connect();
  const tenantId = await tenantNamed(client, options.tenant);
  const poolIds = await Promise.all(options.pool.map((pool) => poolNamed(client, pool)));
  const weight = options.weight === undefined ? {} : { weight: Number(options.weight) };
  const { id, revision } = await client.streams.create.mutate({ tenantId, name, poolIds, ...weight, reason: options.reason });
  print(`${id} with revision ${revision}`);
}

async function listDomains(options: Json & { tenant?: string }): Promise<void> {
  const { client } = connect();
  const tenant = await within(client, options.tenant);
  const rows = await everyPart(
    (part) => client.domains.list.query({ ...tenant, ...part }),
    ({ domain }) => domain,
  );
  show(rows, options, ({ id, domain, tenantId }) => [id, domain, `tenant ${tenantId}`]);
}

async function createDomain(domain: string, { tenant, reason }: Because & { tenant: string }): Promise<void> {
  const { client } = connect();
  const { id, revision } = await client.domains.create.mutate({ tenantId: await tenantNamed(client, tenant), domain, reason });
  print(`${id} with revision ${revision}`);
}

async function listSelectors(options: Json & { tenant?: string }): Promise<void> {
  const { client } = connect();
  const tenant = await within(client, options.tenant);
  const rows = await everyPart(
    (part) => client.selectors.list.query({ ...tenant, ...part }),
    ({ id }) => id,
  );
  show(rows, options, ({ id, dnsName, state, dnsValue }) => [id, dnsName, state, dnsValue]);
}

async function createSelector(domain: string, selector: string, options: Because & { activate?: true }): Promise<void> {
  const { client } = connect();
  const domains = await everyPart(
    (part) => client.domains.list.query({ search: searchFor(domain), ...part }),
    (one) => one.domain,
  );
  const found = domains.find((one) => one.domain === domain || one.id === domain);
  if (!found) throw new CommandFailure(`no tenant has the sending domain ${printable(domain)}`, exitCodes.notFound);
  const made = await client.selectors.create.mutate({
    domainId: found.id,
    selector,
    activate: options.activate ?? false,
    reason: options.reason,
  });
  print(`${made.id} with revision ${made.revision}; put this into DNS:`);
  print(printable(`${made.dnsName} TXT ${made.dnsValue}`));
}

async function giveKey(domain: string, selector: string, file: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const found = (await client.selectors.list.query({ search: domain })).find((one) => one.domain === domain && one.selector === selector);
  if (!found) throw new CommandFailure(`${printable(domain)} has no selector ${printable(selector)}`, exitCodes.notFound);
  const { revision } = await client.selectors.giveKey.mutate({ id: found.id, privateKey: textFrom(file), reason });
  print(printable(`${found.dnsName} has its key with revision ${revision}`));
}

async function listCredentials(options: Json & { tenant?: string }): Promise<void> {
  const { client } = connect();
  const tenant = await within(client, options.tenant);
  const rows = await everyPart(
    (part) => client.credentials.list.query({ ...tenant, ...part }),
    ({ username }) => username,
  );
  show(rows, options, ({ id, username, enabled, streamId }) => [id, username, enabled ? 'signs in' : 'switched off', `stream ${streamId}`]);
}

async function createCredential(username: string, options: Because & { tenant: string; stream: string }): Promise<void> {
  const { client } = connect();
  const tenantId = await tenantNamed(client, options.tenant);
  const streamId = await streamNamed(client, tenantId, options.stream);
  const made = await client.credentials.create.mutate({ tenantId, streamId, username, reason: options.reason });
  print(`${made.id} with revision ${made.revision}`);
  print(`user ${printable(made.username)}, password ${made.password} (shown once)`);
}

async function switchCredential(username: string, enabled: boolean, { reason }: Because): Promise<void> {
  const { client } = connect();
  const all = (await client.credentials.list.query({ search: searchFor(username) })).map((one) => ({ id: one.id, name: one.username }));
  const { revision } = await client.credentials.setEnabled.mutate({ id: oneNamed('credential', all, username), enabled, reason });
  print(`${printable(username)} ${enabled ? 'signs in' : 'is switched off'} with revision ${revision}`);
}

async function listRelays(options: Json & { tenant?: string }): Promise<void> {
  const { client } = connect();
  const tenant = await within(client, options.tenant);
  const rows = await everyPart(
    (part) => client.relays.list.query({ ...tenant, ...part }),
    ({ id }) => id,
  );
  show(rows, options, ({ id, cidr, streamId }) => [id, cidr, `stream ${streamId}`]);
}

async function createRelay(cidr: string, options: Because & { tenant: string; stream: string }): Promise<void> {
  const { client } = connect();
  const tenantId = await tenantNamed(client, options.tenant);
  const streamId = await streamNamed(client, tenantId, options.stream);
  const { id, revision } = await client.relays.create.mutate({ tenantId, streamId, cidr, reason: options.reason });
  print(`${id} with revision ${revision}`);
}

async function deleteRelay(cidr: string, { reason }: Because): Promise<void> {
  const { client } = connect();
  const all = (await client.relays.list.query({ search: searchFor(cidr) })).map((one) => ({ id: one.id, name: one.cidr }));
  const { revision } = await client.relays.delete.mutate({ id: oneNamed('relay', all, cidr), reason });
  print(`deleted with revision ${revision}`);
}

export function addTenantCommands(sluice: Command): void {
  const tenants = sluice.command('tenants').description('senders on whose behalf mail is sent');
  tenants
    .command('list')
    .description('all tenants')
    .option(...asJson)
    .action(listTenants);
  const tenant = tenants.command('create').description('make a tenant').argument('<name>', 'its name');
  tenant
    .requiredOption('--slug <slug>', 'short name in lower case')
    .option(...because)
    .action(createTenant);
  const streams = sluice.command('streams').description("classes of a tenant's mail, with their pools");
  streams
    .command('list')
    .description('all streams')
    .option(...ofTenant)
    .option(...asJson)
    .action(listStreams);
  const stream = streams
    .command('create')
    .description('make a stream')
    .argument('<name>', 'its name')
    .requiredOption(...ofTenant);
  stream
    .requiredOption('--pool <pool...>', 'names or ids; the first is used unless mail names another')
    .option('--weight <number>', 'share of a queue, 1 to 100');
  stream.option(...because).action(createStream);
  const domains = sluice.command('domains').description('sending domains');
  domains
    .command('list')
    .description('all sending domains')
    .option(...ofTenant)
    .option(...asJson)
    .action(listDomains);
  const domain = domains.command('create').description('give a tenant a sending domain').argument('<domain>', 'such as brand.example');
  domain
    .requiredOption(...ofTenant)
    .option(...because)
    .action(createDomain);
}

export function addSenderCommands(sluice: Command): void {
  const selectors = sluice.command('selectors').description('DKIM selectors, and what DNS has to say for them');
  selectors
    .command('list')
    .description('all selectors')
    .option(...ofTenant)
    .option(...asJson)
    .action(listSelectors);
  selectors
    .command('check')
    .description('ask DNS, through a node, whether it has the record of each selector that is in use')
    .option(...ofTenant)
    .option('--domain <domain>', 'only those of this sending domain')
    .option(...asJson)
    .action(checkSelectors);
  const selector = selectors
    .command('create')
    .description('make a key pair')
    .argument('<domain>', 'a sending domain')
    .argument('<selector>', 'such as s1');
  selector
    .option('--activate', 'sign with it at once')
    .option(...because)
    .action(createSelector);
  const key = selectors
    .command('give-key')
    .description('give a selector whose key is missing its private key again')
    .argument('<domain>', 'a sending domain')
    .argument('<selector>', 'such as s1')
    .argument('<file>', 'PEM, not encrypted; - for standard input');
  key.option(...because).action(giveKey);
  const credentials = sluice.command('credentials').description('SMTP credentials');
  credentials
    .command('list')
    .description('all credentials')
    .option(...ofTenant)
    .option(...asJson)
    .action(listCredentials);
  const credential = credentials
    .command('create')
    .description('make a credential; its password is shown once')
    .argument('<username>', 'SMTP user');
  credential
    .requiredOption(...ofTenant)
    .requiredOption('--stream <stream>', 'name or id')
    .option(...because)
    .action(createCredential);
  for (const [word, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    const one = credentials
      .command(word)
      .description(enabled ? 'let it sign in' : 'let it sign in no longer')
      .argument('<username>', 'SMTP user or id');
    one.option(...because).action((username: string, options: Because) => switchCredential(username, enabled, options));
  }
  const relays = sluice.command('relays').description('networks that may hand in mail without a credential');
  relays
    .command('list')
    .description('all relay networks')
    .option(...ofTenant)
    .option(...asJson)
    .action(listRelays);
  const relay = relays.command('create').description('let a network hand in mail').argument('<network>', 'such as 10.1.0.0/16');
  relay
    .requiredOption(...ofTenant)
    .requiredOption('--stream <stream>', 'name or id')
    .option(...because)
    .action(createRelay);
  relays
    .command('delete')
    .description('no longer')
    .argument('<network>', 'network or id')
    .option(...because)
    .action(deleteRelay);
}
