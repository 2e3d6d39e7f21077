// `sluice login`, `logout` and `whoami`. A login is an address and either an API key or the session of somebody who signs in; it is kept
// in a file that only this user reads. Keys and passwords come from standard input or the environment, since others can read arguments.
import { text } from 'node:stream/consumers';
import { createSluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { configFolder } from '../env.ts';
import { chosenTarget, connect, originOf, ownSettings } from './connection.ts';
import { loginFile, readLogin, removeLogin, writeLogin, type Login } from './login-file.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';

const requestLimitMs = 15_000;
const firstLine = (given: string): string => given.split(/\r?\n/, 1)[0] ?? '';

type Options = { keyStdin?: true; email?: string; passwordStdin?: true; code?: string; json?: true };

async function loginWithKey(url: string, options: Options): Promise<Login> {
  const key = options.keyStdin ? firstLine(await text(process.stdin)) : (chosenTarget().key ?? ownSettings().apiKey);
  if (key === null || key === undefined || key === '')
    throw new CommandFailure('give a key (--key-stdin, SLUICE_API_KEY or --key), or --email with --password-stdin', exitCodes.usage);
  return { url, token: key };
}

/** Signs in as a browser does; the cookies of the answer are the session. */
async function post(url: string, path: string, body: object, cookie: string | null): Promise<{ cookie: string; answer: unknown }> {
  const response = await fetch(`${url}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url, ...(cookie !== null && { cookie }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(requestLimitMs),
  });
  const answer: unknown = await response.json().catch(() => null);
  const said = typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : `HTTP ${response.status}`;
  if (response.status === 429) throw new CommandFailure(printable(said), exitCodes.tryLater);
  if (!response.ok) throw new CommandFailure(printable(said), exitCodes.notAllowed);
  const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
  return { cookie: cookies.join('; '), answer };
}

async function loginWithPassword(url: string, email: string, options: Options): Promise<Login> {
  if (!options.passwordStdin) throw new CommandFailure('--email wants --password-stdin', exitCodes.usage);
  const { cookie, answer } = await post(url, 'sign-in/email', { email, password: firstLine(await text(process.stdin)) }, null);
  const asksForCode = typeof answer === 'object' && answer !== null && 'secondFactor' in answer;
  if (!asksForCode) return { url, cookie };
  if (options.code === undefined)
    throw new CommandFailure('this account has a second factor: give the code of the app as --code', exitCodes.notAllowed);
  return { url, cookie: (await post(url, 'sign-in/second-factor', { code: options.code }, cookie)).cookie };
}

async function login(options: Options): Promise<void> {
  const address = chosenTarget().url ?? ownSettings().url;
  if (address === undefined || address === null) throw new CommandFailure('which installation? give --url or SLUICE_URL', exitCodes.usage);
  const url = originOf(address);
  const kept = options.email === undefined ? await loginWithKey(url, options) : await loginWithPassword(url, options.email, options);
  const { actor } = await createSluiceClient({ ...kept, retries: 0 }).session.me.query();
  writeLogin(configFolder, kept);
  const signedIn = { url, name: actor.name, role: actor.role, keptIn: loginFile(configFolder) };
  if (options.json) printJson(signedIn);
  else print(printable(`signed in to ${url} as ${actor.name} (${actor.role}); kept in ${signedIn.keptIn}`));
}

async function logout(options: { json?: true }): Promise<void> {
  const kept = readLogin(configFolder);
  removeLogin(configFolder);
  if (kept !== null && 'cookie' in kept)
    await post(kept.url, 'sign-out', {}, kept.cookie).catch(() => print('the session could not be ended there; it ends by itself'));
  if (options.json) printJson({ url: kept?.url ?? null });
  else print(kept === null ? 'nobody was signed in' : `signed out of ${kept.url}`);
}

async function whoAmI(options: { json?: true }): Promise<void> {
  const { client, url } = connect();
  const me = await client.session.me.query();
  if (options.json) return printJson({ url, ...me });
  const { name, role, tenantId } = me.actor;
  print(printable(`${name}, ${role}${tenantId === null ? '' : ` of tenant ${tenantId}`}, at ${url} (version ${me.version}, ${me.egress})`));
}

export function addSessionCommands(sluice: Command): void {
  sluice
    .command('login')
    .description('keep an address and a key, or a session, for the commands that follow')
    .option('--key-stdin', 'read the API key from standard input')
    .option('--email <address>', 'sign in as a person instead')
    .option('--password-stdin', 'read the password from standard input')
    .option('--code <code>', 'of the second factor')
    .option('--json', 'print JSON')
    .action(login);
  sluice.command('logout').description('forget the login; commands go to this machine again').option('--json', 'print JSON').action(logout);
  sluice.command('whoami').description('who asks, where, and as what').option('--json', 'print JSON').action(whoAmI);
}
