// The first start of a data folder: killed while the database is made and while it is migrated, then whole; the one-time link by which
// the first Owner comes to be; the way back in with a forgotten password; and what of it all lies on disk for whom.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSluiceClient } from '@sluice/client';
import { freePorts, newDataDir, startInstallation, until, type Installation } from '@sluice/bench/installation';
import { launch, linesOf, run, settingsOf } from './commands.ts';
import { signIn } from './sign-in.ts';
import { leftAfter, processesOf } from './traces.ts';

const goneLimitMs = 15_000;
const stepLimitMs = 60_000;
const email = 'first@example.net';
const password = 'a password of some length';

const dataDir = newDataDir();
const [consolePort = 0, smtp = 0, engineHttp = 0, postgres = 0] = await freePorts(4);
const ports = { console: consolePort, smtp, engineHttp, postgres };
const settings = settingsOf(dataDir, ports);
const folders = [dataDir];
let at: Installation;

const start = (folder = dataDir) =>
  startInstallation({ dataDir: folder, ports, env: { SLUICE_OWNER_EMAIL: '', SLUICE_OWNER_PASSWORD: '' } });

afterAll(async () => {
  await at?.stop();
  for (const folder of folders) {
    for (const { pid } of processesOf(folder)) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

/** Its one node runs the newest configuration. */
const delivers = (whole: Installation): Promise<void> =>
  until(async () => {
    const [node] = await whole.client.nodes.list.query();
    return node?.state === 'running' && node.revision === node.headRevision;
  }, stepLimitMs);
const supervisorPid = (folder: string): number =>
  (JSON.parse(readFileSync(join(folder, 'supervisor.lock'), 'utf8')) as { pid: number }).pid;
const processNamed = (folder: string, name: string): number | undefined =>
  processesOf(folder).find(({ command }) => command.split(' ').some((word) => word.endsWith(name)))?.pid;

describe('a first start that is killed leaves nothing, and the next one comes up whole', () => {
  it.each([
    ['initdb', (folder: string) => processNamed(folder, '/initdb')],
    ['the guardian', (folder: string) => processNamed(folder, '/guardian.ts')],
    ['the supervisor', supervisorPid],
  ])('%s, while initdb makes the database', async (_name, victimIn) => {
    const folder = newDataDir();
    folders.push(folder);
    const killed = launch(['start'], settingsOf(folder, ports));
    await until(() => processNamed(folder, '/initdb') !== undefined, stepLimitMs);
    const victim = victimIn(folder);
    if (victim === undefined) throw new Error('there is no process to kill');
    process.kill(victim, 'SIGKILL');
    expect(await leftAfter(folder, Object.values(ports), goneLimitMs)).toEqual([]);
    const { code, stdout } = await killed.ended;
    expect(code).toBe(1);
    expect(stdout).not.toContain('Preparing the database');
    const whole = await start(folder);
    await delivers(whole);
    expect(await whole.stop()).toBe(0);
  });

  it.each([0, 60, 150])('the supervisor, %i ms into the migration', async (delayMs) => {
    const killed = launch(['start'], settings);
    await killed.said('Preparing the database ...');
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    process.kill(supervisorPid(dataDir), 'SIGKILL');
    expect(await leftAfter(dataDir, Object.values(ports), goneLimitMs)).toEqual([]);
    expect((await killed.ended).stdout).not.toContain('Starting engine');
  });

  it.each(['Setting up ...', 'Starting engine and console ...'])('the supervisor, at "%s"', async (step) => {
    const killed = launch(['start'], settings);
    await killed.said(step);
    process.kill(supervisorPid(dataDir), 'SIGKILL');
    expect(await leftAfter(dataDir, Object.values(ports), goneLimitMs)).toEqual([]);
    expect((await killed.ended).stdout).not.toContain('Sluice is up');
  });
});

describe('a first start that is asked to end leaves nothing and is no failure', () => {
  it.each(['Starting Postgres ...', 'Setting up ...', 'Starting engine and console ...'])('at "%s"', async (step) => {
    const asked = launch(['start'], settings);
    await asked.said(step);
    asked.child.kill('SIGTERM');
    expect(await leftAfter(dataDir, Object.values(ports), goneLimitMs)).toEqual([]);
    const { code, stdout, stderr } = await asked.ended;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('Sluice is up');
  });
});

describe('the first Owner', () => {
  let printed = '';
  const complete = (token: string) =>
    createSluiceClient({ url: at.consoleUrl, cookie: '' }).setup.complete.mutate({ token, name: 'First', email, password });
  const tokenIn = (text: string): string => /\/setup\?token=([\w-]+)/.exec(text)?.[1] ?? '';

  it('is asked for with a link when the settings name none', async () => {
    at = await start();
    await delivers(at);
    printed = tokenIn(at.output());
    expect(printed).toMatch(/^[\w-]{40,}$/);
    const page = await fetch(`${at.consoleUrl}/setup?token=${printed}`, { signal: AbortSignal.timeout(10_000) });
    expect(page.status).toBe(200);
  });

  it('gets another link by setup-link, after which the first is worth nothing', async () => {
    const { code, stdout } = await run(['sluice', 'users', 'setup-link'], settings);
    expect(code).toBe(0);
    expect(tokenIn(stdout)).not.toBe(printed);
    await expect(complete(printed)).rejects.toMatchObject({ data: { code: 'PRECONDITION_FAILED' } });
    await complete(tokenIn(stdout));
    await expect(complete(tokenIn(stdout))).rejects.toMatchObject({ data: { code: 'PRECONDITION_FAILED' } });
    const { status, client } = await signIn(at.consoleUrl, email, password);
    expect(status).toBe(200);
    expect((await client.session.me.query()).actor).toMatchObject({ email, role: 'owner' });
  });

  it('is the only one: no further link is given, and the next start prints none', async () => {
    const { code, stdout, stderr } = await run(['sluice', 'users', 'setup-link'], settings);
    expect(code).toBe(6);
    expect(stdout).toBe('');
    expect(linesOf(stderr)).toEqual([expect.stringContaining('an Owner exists already')]);
    await at.stop();
    at = await start();
    expect(at.output()).not.toContain('/setup');
    expect(at.output()).toContain('with your account');
  });
});

describe('reset-password', () => {
  it('without --local is refused as wrong usage', async () => {
    const { code, stderr } = await run(['sluice', 'users', 'reset-password', '--email', email], settings);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringContaining('--local')]);
  });

  it('of an account that does not exist fails and prints no password', async () => {
    const { code, stdout } = await run(['sluice', 'users', 'reset-password', '--local', '--email', 'nobody@example.net'], settings);
    expect(code).toBe(5);
    expect(stdout).toBe('');
  });

  it('--local ends the sessions of the account; the new password signs in and the old one does not', async () => {
    const { client } = await signIn(at.consoleUrl, email, password);
    expect((await client.session.me.query()).actor.email).toBe(email);
    const { code, stdout } = await run(['sluice', 'users', 'reset-password', '--local', '--email', email], settings);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ sessions? ended/);
    await expect(client.session.me.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    expect((await signIn(at.consoleUrl, email, password)).status).toBe(401);
    const given = /^New password: (.+)$/m.exec(stdout)?.[1] ?? '';
    expect((await signIn(at.consoleUrl, email, given)).status).toBe(200);
    const { items } = await at.client.audit.list.query({});
    expect(items.find(({ action }) => action === 'users.resetPassword')).toMatchObject({ actorKind: 'local' });
  });
});

describe('what lies on disk', () => {
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

  it('secrets are 0600 in a 0700 folder, as is the run file', () => {
    const folder = join(dataDir, 'secrets');
    expect(mode(folder)).toBe('700');
    const names = readdirSync(folder);
    expect(names).toEqual(expect.arrayContaining(['key', 'session-secret', 'local-token', 'database-urls.json']));
    for (const path of [...names.map((name) => join(folder, name)), join(dataDir, 'run.json'), join(dataDir, 'postgres', 'owner-password')])
      expect([path, mode(path)]).toEqual([path, '600']);
  });

  it('no other account can read a file anywhere in the data folder', () => {
    const readable = (folder: string): string[] =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        const bits = statSync(path).mode;
        if (entry.isDirectory()) return (bits & 0o011) === 0 ? [] : readable(path);
        return (bits & 0o077) === 0 ? [] : [path];
      });
    expect(readable(dataDir)).toEqual([]);
  });
});

describe('the local token', () => {
  const token = () => readFileSync(join(dataDir, 'secrets', 'local-token'), 'utf8').trim();
  const listed = (headers: Record<string, string>) =>
    fetch(`${at.consoleUrl}/api/trpc/nodes.list`, { headers, signal: AbortSignal.timeout(10_000) });

  it('opens the API from this machine', async () => {
    expect((await listed({ authorization: `Bearer ${token()}` })).status).toBe(200);
  });

  it.each([
    ['x-forwarded-for', '203.0.113.9'],
    ['x-forwarded-for', '127.0.0.1'],
    ['forwarded', 'for=127.0.0.1'],
    ['via', '1.1 proxy.example'],
  ])('is worth nothing in a request that a proxy passed on: %s: %s', async (name, value) => {
    expect((await listed({ authorization: `Bearer ${token()}`, [name]: value })).status).toBe(401);
  });

  it('is worth nothing when it is not the whole token', async () => {
    expect((await listed({ authorization: `Bearer ${token().slice(0, -1)}` })).status).toBe(401);
  });
});

describe('delivery-settings', () => {
  const settingsCommand = (...args: string[]) => run(['sluice', 'delivery-settings', ...args], settings);

  it('makes a rule, shows whose value holds, changes what is named of it, and deletes it', async () => {
    const reason = ['--reason', 'a test'];
    const values = ['pipelining=no', 'retry=5m, 15m', 'idleTimeoutMs=0'];
    const made = await settingsCommand('set', 'corp', ...values, '--where', 'site=mx.corp.example', ...reason);
    expect([made.code, made.stdout, made.stderr]).toEqual([0, expect.stringContaining('corp is made with revision'), '']);
    const changed = await settingsCommand('set', 'corp', 'pipelining=yes', '--unset', 'idleTimeoutMs', ...reason);
    expect([changed.code, changed.stdout]).toEqual([0, expect.stringContaining('corp is changed')]);
    const effective = await settingsCommand('effective', '--where', 'site=mx.corp.example');
    expect(effective.stdout.split('\n')).toEqual(
      expect.arrayContaining(['pipelining=yes  # corp', 'retry=5m, 15m  # corp', 'idleTimeoutMs=5000  # default']),
    );
    const limited = await settingsCommand('effective', '--where', 'provider=gmail');
    expect(limited.stdout).toMatch(/^limit (?:message_rate|connections|connection_rate)=\d+.*  # \S/m);
    const listed = await settingsCommand('list', '--json');
    // Beside those that the presets of providers came with.
    expect(JSON.parse(listed.stdout)).toContainEqual(expect.objectContaining({ name: 'corp', where: { site: 'mx.corp.example' } }));
    expect((await settingsCommand('delete', 'corp', ...reason)).code).toBe(0);
    expect((await settingsCommand('list')).stdout).not.toContain('corp');
  });

  it('refuses a setting, a value or a match that is none, as wrong usage', async () => {
    const wrong = [
      ['pipelinning=no', []],
      ['pipelining=maybe', []],
      ['pipelining=no', ['--where', 'colour=red']],
    ] as const;
    for (const [value, where] of wrong) {
      const { code, stderr } = await settingsCommand('set', 'r', value, ...where, '--reason', 'a test');
      expect([value, code, linesOf(stderr).length]).toEqual([value, 2, 1]);
    }
  });
});

describe('routes', () => {
  it('makes, replaces, lists and deletes a route, and refuses what is no host', async () => {
    const routes = (...args: string[]) => run(['sluice', 'routes', ...args], settings);
    const reason = ['--reason', 'a test'];
    expect((await routes('set', '.corp.example', 'mx.corp.example:25', '192.0.2.9:2525/10', ...reason)).code).toBe(0);
    expect((await routes('set', '.corp.example', '[2001:db8::1]:24', '--lmtp', '--tls', 'required', ...reason)).stdout).toContain(
      'changed',
    );
    expect((await routes('list')).stdout).toContain('.corp.example -> 2001:db8::1:24/0 lmtp tls=required');
    expect((await routes('set', '*', 'no host', ...reason)).code).toBe(2);
    expect((await routes('delete', '.corp.example', ...reason)).code).toBe(0);
    expect((await routes('list')).stdout).toContain('no static routes');
  });
});

describe('sources proxy', () => {
  it('sends a source through a proxy and by itself again, and refuses what is neither', async () => {
    const [source] = await at.client.sources.list.query();
    const proxy = (...args: string[]) => run(['sluice', 'sources', 'proxy', source?.name ?? '', ...args, '--reason', 'a test'], settings);
    expect((await proxy('--socks5', '127.0.0.1:1080')).stdout).toContain('through 127.0.0.1 port 1080');
    expect((await at.client.sources.list.query())[0]?.proxy).toEqual({ kind: 'socks5', host: '127.0.0.1', port: 1080, username: null });
    expect((await proxy('--none')).stdout).toContain('by itself');
    expect((await proxy('--none', '--haproxy', '127.0.0.1:1')).code).toBe(2);
    expect((await proxy('--socks5', 'proxy.example:1080')).code).toBe(2);
  });
});
