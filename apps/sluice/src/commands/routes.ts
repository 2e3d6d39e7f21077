// `sluice routes`: static routes, from the exact domain to the smart host for everything.
import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { tlsModes } from '@sluice/contract';
import { connect } from './connection.ts';
import { CommandFailure, exitCodes, print, printJson, printable } from './outcome.ts';

type Target = { host: string; port: number; preference: number };

/** `mx.example:25`, `[2001:db8::1]:24/10`: host, port, and after a slash the preference. */
function targetOf(text: string): Target {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:/[\]\s]+))(?::(\d{1,5}))?(?:\/(\d{1,5}))?$/.exec(text.toLowerCase());
  if (!match) throw new CommandFailure(`${printable(text)}: write a host as name:port or name:port/preference`, exitCodes.usage);
  return { host: match[1] ?? match[2] ?? '', port: Number(match[3] ?? 25), preference: Number(match[4] ?? 0) };
}

async function listRoutes({ json }: { json?: boolean }): Promise<void> {
  const routes = await connect().client.routes.list.query();
  if (json) return printJson(routes);
  if (routes.length === 0) print('no static routes: mail goes to the MX of each domain');
  for (const { domain, alternatives, protocol, tls, authUsername, treatAsSecure, ...first } of routes) {
    const hosts = [first, ...alternatives].map(({ host, port, preference }) => `${host}:${port}/${preference}`).join(' ');
    const login = authUsername === null ? '' : ` as ${authUsername}`;
    print(printable(`${domain} -> ${hosts} ${protocol}${tls === null ? '' : ` tls=${tls}`}${login}${treatAsSecure ? ' secure' : ''}`));
  }
}

type SetOptions = { reason: string; lmtp?: boolean; tls?: string; user?: string; passwordStdin?: boolean; treatAsSecure?: boolean };

/** Makes the route, or puts another in its place; a stored password stays unless the user goes or a new one comes. */
async function setRoute(domain: string, hosts: string[], options: SetOptions): Promise<void> {
  const [first, ...alternatives] = hosts.map(targetOf);
  if (!first) throw new CommandFailure('name at least one host', exitCodes.usage);
  const tls = tlsModes.find((mode) => mode === options.tls) ?? null;
  if (options.tls !== undefined && tls === null) throw new CommandFailure(`--tls is one of ${tlsModes.join(', ')}`, exitCodes.usage);
  const { client } = connect();
  const old = (await client.routes.list.query()).find((route) => route.domain === domain.toLowerCase());
  const route = {
    ...{ domain: domain.toLowerCase(), ...first, alternatives, tls, reason: options.reason },
    protocol: options.lmtp ? ('lmtp' as const) : ('smtp' as const),
    authUsername: options.user ?? null,
    treatAsSecure: options.treatAsSecure ?? false,
    ...(options.user === undefined && { authPassword: null }),
    ...(options.passwordStdin && { authPassword: readFileSync(0, 'utf8').replace(/\r?\n$/, '') }),
  };
  const { revision } = old ? await client.routes.update.mutate({ id: old.id, ...route }) : await client.routes.create.mutate(route);
  print(`the route of ${printable(domain)} is ${old ? 'changed' : 'made'} with revision ${revision}`);
}

async function deleteRoute(domain: string, { reason }: { reason: string }): Promise<void> {
  const { client } = connect();
  const route = (await client.routes.list.query()).find((one) => one.domain === domain.toLowerCase() || one.id === domain);
  if (!route) throw new CommandFailure(`${printable(domain)} has no route`);
  const { revision } = await client.routes.delete.mutate({ id: route.id, reason });
  print(`the route of ${printable(route.domain)} is deleted with revision ${revision}`);
}

const asJson = ['--json', 'print JSON'] as const;

export function addRouteCommands(sluice: Command): void {
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
