// The scope of a command or a list on the command line: `--provider gmail --tenant acme`. Sources, pools, tenants and streams are named by
// name or id.
import type { CommandScope } from '@sluice/contract';
import { everyPart, type SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { CommandFailure, exitCodes, printable } from './outcome.ts';

export type ScopeOptions = { [name in keyof CommandScope]?: string };
const names = ['source', 'pool', 'provider', 'site', 'domain', 'tenant', 'stream', 'campaign', 'node'] as const;
const words: Record<(typeof names)[number], string> = {
  source: 'egress source, by name or id',
  pool: 'IP pool, by name or id',
  provider: 'mailbox provider, by key',
  site: 'site: the name of an MX set',
  domain: 'recipient domain',
  tenant: 'tenant, by name, slug or id',
  stream: 'stream, by name or id',
  campaign: 'campaign',
  node: 'node; for drain and flush',
};

export function withScope(command: Command): Command {
  for (const name of names) command.option(`--${name} <value>`, words[name]);
  return command;
}

type Named = { id: string; name: string };

export function oneNamed(what: string, among: readonly Named[], nameOrId: string): string {
  const found = among.filter((one) => one.id === nameOrId || one.name === nameOrId);
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new CommandFailure(
      `${found.length === 0 ? `no ${what} is` : `several ${what}s are`} named ${printable(nameOrId)}`,
      found.length === 0 ? exitCodes.notFound : exitCodes.conflict,
    );
  return one.id;
}

const idPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What to ask a list for that may be very long: what has this id, or the name in its own. */
export const asking = (nameOrId: string) => (idPattern.test(nameOrId) ? { ids: [nameOrId] } : { search: nameOrId });
/** The same of a list that is not asked for ids: all of it, where an id is given. */
export const searchFor = (nameOrId: string): string | undefined => (idPattern.test(nameOrId) ? undefined : nameOrId);

/** For who names many of them. */
export const everySource = (client: SluiceClient) =>
  everyPart(
    (part) => client.sources.list.query(part),
    ({ name }) => name,
  );

/** By name or id. */
export async function sourceNamed(client: SluiceClient, given: string): Promise<string> {
  return oneNamed('source', await client.sources.list.query(asking(given)), given);
}

/** By name or id. */
export async function poolNamed(client: SluiceClient, given: string): Promise<string> {
  return oneNamed('pool', await client.pools.list.query(asking(given)), given);
}

/** By name or id, of all tenants where none is named. */
export async function streamNamed(client: SluiceClient, tenantId: string | undefined, given: string): Promise<string> {
  return oneNamed('stream', await client.streams.list.query({ tenantId, ...asking(given) }), given);
}

/** By name, slug or id. */
export async function tenantNamed(client: SluiceClient, given: string): Promise<string> {
  const tenants = await client.tenants.list.query(asking(given));
  return oneNamed(
    'tenant',
    tenants.map(({ id, name, slug }) => ({ id, name: slug === given ? slug : name })),
    given,
  );
}

/** Null when nothing is named. */
export async function scopeFrom(client: SluiceClient, options: ScopeOptions): Promise<CommandScope | null> {
  const scope: CommandScope = {};
  for (const name of names) if (options[name] !== undefined) scope[name] = options[name];
  if (scope.source !== undefined) scope.source = await sourceNamed(client, scope.source);
  if (scope.pool !== undefined) scope.pool = await poolNamed(client, scope.pool);
  if (scope.tenant !== undefined) scope.tenant = await tenantNamed(client, scope.tenant);
  if (scope.stream !== undefined) scope.stream = await streamNamed(client, scope.tenant, scope.stream);
  return Object.keys(scope).length === 0 ? null : scope;
}

export async function someScope(client: SluiceClient, options: ScopeOptions): Promise<CommandScope> {
  const scope = await scopeFrom(client, options);
  if (scope === null) throw new CommandFailure(`name what it touches: ${names.map((name) => `--${name}`).join(', ')}`, exitCodes.usage);
  return scope;
}
