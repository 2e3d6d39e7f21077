// How an installation ends and comes back: asked, interrupted, and with each of its processes killed in turn. After each end nothing is
// left in the system, and the next start on the same data folder has everything: the tenant, and a message accepted just before the end.
// Then starts that must be refused, each with one line that names the reason. One data folder serves the file.
import { createServer } from 'node:net';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDataDir, startInstallation, until, type Installation } from '@sluice/bench/installation';
import { linesOf, run, settingsOf } from './commands.ts';
import { makeTenant, mailer, type TestTenant } from './tenant.ts';
import { leftAfter, portsOf, processesOf, runFile } from './traces.ts';

const goneLimitMs = 15_000;
const secondStartLimitMs = 20_000;
const deliveryLimitMs = 20_000;

let at: Installation;
let red: TestTenant;
const figures: string[] = [];

beforeAll(async () => {
  at = await startInstallation();
  red = await makeTenant(at, { slug: 'red', sourceAddresses: ['127.0.31.1'] });
  await until(async () => (await at.client.nodes.list.query()).every((node) => node.state === 'running'), 20_000);
}, 300_000);
afterAll(async () => {
  process.stdout.write(`${figures.join('\n')}\n`);
  await at?.dispose();
  for (const { pid } of at ? processesOf(at.dataDir) : []) process.kill(pid, 'SIGKILL');
}, 60_000);

const settings = () => settingsOf(at.dataDir, at.ports);
const again = (options: { npm?: boolean } = {}) => startInstallation({ dataDir: at.dataDir, ports: at.ports, owner: at.owner, ...options });

function kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): void {
  const found = runFile(at.dataDir).processes[name];
  if (found === undefined) throw new Error(`the run file names no process ${name}`);
  process.kill(found.pid, signal);
}

/** Resolves with the recipient of a message that was answered with 250. */
async function accepted(): Promise<string> {
  const recipient = `kept.${randomBytes(4).toString('hex')}@gmail.com`;
  const transport = mailer(at, red);
  await transport.sendMail({ from: `news@${red.domain}`, to: recipient, subject: 'kept', text: 'kept' });
  transport.close();
  return recipient;
}

async function delivered(recipient: string): Promise<void> {
  await until(async () => {
    const { events } = await at.client.messages.trace.query({ recipient });
    return events.some(({ type }) => type === 'accepted') && events.some(({ type }) => type === 'delivered');
  }, deliveryLimitMs);
}

/** Ends the run, looks for what it left, starts it again and looks for what it must have kept. */
async function endAndComeBack(name: string, end: () => void): Promise<{ code: number | null; output: string }> {
  const recipient = await accepted();
  const ports = portsOf(at.dataDir);
  const { process: ended, output } = at;
  const endedAt = performance.now();
  end();
  expect(await leftAfter(at.dataDir, ports, goneLimitMs)).toEqual([]);
  const goneMs = performance.now() - endedAt;
  await until(() => ended.exitCode !== null || ended.signalCode !== null, 1_000);
  at = await again();
  figures.push(`${name}: gone after ${(goneMs / 1000).toFixed(1)} s, next start ready after ${(at.startedInMs / 1000).toFixed(1)} s`);
  expect(at.startedInMs).toBeLessThan(secondStartLimitMs);
  expect((await at.client.tenants.list.query()).map(({ id }) => id)).toContain(red.tenantId);
  await delivered(recipient);
  return { code: ended.exitCode, output: output() };
}

describe('an end that was asked for leaves nothing, has exit code 0 and loses nothing', () => {
  it('SIGTERM', async () => {
    const { code, output } = await endAndComeBack('SIGTERM', () => void at.process.kill('SIGTERM'));
    expect(code).toBe(0);
    expect(output).toContain('Sluice has stopped.');
  });

  it('Ctrl-C, which reaches both the one that was started and the supervisor', async () => {
    const { code } = await endAndComeBack('SIGINT', () => {
      kill('supervisor', 'SIGINT');
      at.process.kill('SIGINT');
    });
    expect(code).toBe(0);
  });
});

describe('a kill -9 leaves nothing after 15 s, and the next start has everything', () => {
  it.each([
    ['mta', 'mta ended unexpectedly (signal SIGKILL)'],
    ['console', 'console ended unexpectedly (signal SIGKILL)'],
    ['sandbox', 'sandbox ended unexpectedly (signal SIGKILL)'],
    ['guardian', 'guardian ended unexpectedly (signal SIGKILL)'],
    ['postgres', 'guardian: Postgres ended unexpectedly'],
  ])('of %s, which the supervisor names', async (name, line) => {
    const { code, output } = await endAndComeBack(`kill -9 of ${name}`, () => kill(name));
    expect(code).toBe(1);
    expect(output).toContain(line);
  });

  it('of the supervisor', async () => {
    await endAndComeBack('kill -9 of supervisor', () => kill('supervisor'));
  });

  it('of the one that was started', async () => {
    await endAndComeBack('kill -9 of run.mjs', () => void at.process.kill('SIGKILL'));
  });

  it('of npm, under which it was started', async () => {
    await at.stop();
    at = await again({ npm: true });
    await endAndComeBack('kill -9 of npm', () => void at.process.kill('SIGKILL'));
  });
});

describe('while it runs', () => {
  it('status names every process with its pid, and all are alive', async () => {
    const { code, stdout } = await run(['sluice', 'status', '--json'], settings());
    expect(code).toBe(0);
    const { processes } = JSON.parse(stdout) as { processes: Record<string, { pid: number; alive: boolean }> };
    expect(Object.keys(processes).sort()).toEqual(['console', 'guardian', 'mta', 'postgres', 'sandbox', 'supervisor']);
    expect(Object.values(processes).every(({ alive }) => alive)).toBe(true);
    // What the tests above look for is what they would find.
    expect(processesOf(at.dataDir).map(({ pid }) => pid)).toEqual(expect.arrayContaining(Object.values(processes).map(({ pid }) => pid)));
    const ports = portsOf(at.dataDir);
    expect(ports).toHaveLength(6);
    expect(await leftAfter(at.dataDir, ports, 0)).toEqual(expect.arrayContaining(ports.map((port) => `port ${port}`)));
  });

  it('a second start on its data folder says which process holds it, and the first goes on', async () => {
    const { code, stderr } = await run(['start'], settings());
    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([
      expect.stringContaining(`process ${runFile(at.dataDir).processes['supervisor']?.pid} already runs on ${at.dataDir}`),
    ]);
    await delivered(await accepted());
  });
});

describe('a bad setting is one line that names it, and nothing is started', () => {
  let folder: string;
  beforeAll(() => void (folder = newDataDir()));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const bad: [name: string, env: Record<string, string>, line: RegExp][] = [
    ['an unknown one', { SLUICE_SMTP_PROT: '2525' }, /^SLUICE_SMTP_PROT is not a setting; did you mean SLUICE_SMTP_PORT\?/],
    ['a port that is none', { SLUICE_SMTP_PORT: '65536' }, /^SLUICE_SMTP_PORT /],
    ['an egress that does not exist', { SLUICE_EGRESS: 'intranet' }, /^SLUICE_EGRESS .*sandbox.*internet/],
    ['a key that is too short', { SLUICE_KEY: 'c2hvcnQ=' }, /^SLUICE_KEY (?!.*c2hvcnQ)/],
    ['a file that cannot be read', { SLUICE_KEY_FILE: '/nonexistent' }, /^SLUICE_KEY_FILE names a file that cannot be read/],
    ['an owner without a password', { SLUICE_OWNER_EMAIL: 'a@example.net' }, /^SLUICE_OWNER_EMAIL.*SLUICE_OWNER_PASSWORD is missing/],
  ];
  it.each(bad)('%s', async (_name, env, line) => {
    const { code, stdout, stderr } = await run(['start'], { SLUICE_DATA_DIR: folder, ...env });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(linesOf(stderr)).toEqual([expect.stringMatching(line)]);
    expect(processesOf(folder)).toEqual([]);
  });
});

describe('once it has stopped', () => {
  beforeAll(() => at.stop().then(() => undefined));

  it('status says that nothing runs, with exit code 3', async () => {
    const { code, stdout, stderr } = await run(['sluice', 'status', '--json'], settings());
    expect(code).toBe(3);
    expect(stdout).toBe('');
    const error = { message: `nothing is running on ${at.dataDir}; npm start starts it`, code: null, reason: null, requestId: null };
    expect(linesOf(stderr).map((line) => JSON.parse(line) as unknown)).toEqual([{ error, exitCode: 3 }]);
  });

  it('taken ports are named with their settings, all at once, before anything starts', async () => {
    const { console: consolePort, smtp, engineHttp } = at.ports;
    const holders = await Promise.all([consolePort, smtp, engineHttp].map(hold));
    const { code, stderr } = await run(['start'], settings());
    await Promise.all(holders.map((release) => release()));
    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(new RegExp(`^port ${consolePort} .*is taken: .*SLUICE_CONSOLE_PORT`)),
      expect.stringMatching(new RegExp(`^port ${smtp} .*is taken: .*SLUICE_SMTP_PORT`)),
      expect.stringMatching(new RegExp(`^port ${engineHttp} .*is taken: .*SLUICE_ENGINE_HTTP_PORT`)),
    ]);
  });

  it('the taken port of Postgres is named with its setting', async () => {
    const release = await hold(at.ports.postgres);
    const { code, stderr } = await run(['start'], settings());
    await release();
    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(new RegExp(`^port ${at.ports.postgres} .*is taken: .*SLUICE_POSTGRES_PORT`))]);
    expect(await leftAfter(at.dataDir, [], goneLimitMs)).toEqual([]);
  });

  it('another key-encryption key stops the start with one line, and the right one starts it', async () => {
    const key = randomBytes(32).toString('base64');
    const { code, stdout, stderr } = await run(['start'], { ...settings(), SLUICE_KEY: key });
    expect(code).toBe(1);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(/^SLUICE_KEY .*is not the key that this database was set up with/)]);
    expect(stdout).not.toContain('Starting engine');
    expect(stdout + stderr).not.toContain(key);
    expect(await leftAfter(at.dataDir, [], goneLimitMs)).toEqual([]);
    at = await again();
    await delivered(await accepted());
  });
});

/** Listens on a port of loopback until released. */
async function hold(port: number): Promise<() => Promise<void>> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return () => new Promise<void>((resolve) => server.close(() => resolve()));
}
