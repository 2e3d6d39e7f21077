// The command line as a shell script uses it, on a running installation and over the API with a key; then how its commands end, which is
// what scripts decide by.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePorts, startInstallation, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = fileURLToPath(new URL('command-line.sh', import.meta.url));
const scriptLimitMs = 240_000;

let at: Installation;
let home: string;
beforeAll(async () => {
  at = await startInstallation();
  home = mkdtempSync(join(tmpdir(), 'sluice-home-'));
}, 300_000);
afterAll(async () => {
  await at?.dispose();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const environment = () => ({ ...settingsOf(at.dataDir, at.ports), XDG_CONFIG_HOME: home });
const sluice = async (...args: string[]) => run(['sluice', ...args], environment());

it(
  'sets up a tenant, sends a message, explains a held queue and resumes it, by a shell script with an API key',
  async () => {
    const env = { ...process.env, ...environment(), SLUICE: `${process.execPath} run.mjs sluice`, CONSOLE_URL: at.consoleUrl };
    const { status, stdout, stderr } = spawnSync('/bin/sh', [script], { cwd: root, env, encoding: 'utf8', timeout: scriptLimitMs });
    expect([status, stderr, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, expect.any(String), 'done']);
    const tenant = (await at.client.tenants.list.query()).find(({ slug }) => slug === 'script');
    expect(tenant?.name).toBe('Script Brand');
    const { items } = await at.client.audit.list.query({ limit: 200 });
    const made = items.find(({ action, tenantId }) => tenantId === tenant?.id && action.startsWith('stream'));
    expect(made).toMatchObject({ actorKind: 'key', reason: 'set up by a script' });
    expect(at.received().map(({ recipients }) => recipients[0]?.address)).toEqual(
      expect.arrayContaining(['ada@gmail.com', 'bob@yahoo.com']),
    );
  },
  scriptLimitMs + 30_000,
);

it('keeps a login for its owner alone, and a key that does not open keeps nothing', async () => {
  const { secret } = await at.client.keys.create.mutate({
    ...{ name: 'kept', scopes: ['nodes:read'], tenantId: null, networks: [], expiresAt: null, personalData: false, reason: 'login test' },
  });
  const kept = join(home, 'sluice', 'login.json');
  const refused = await run(['sluice', '--url', at.consoleUrl, '--key', `${secret}x`, 'login'], environment());
  expect([refused.code, () => statSync(kept)]).toEqual([4, expect.any(Function)]);
  expect(() => statSync(kept)).toThrow();
  const taken = await run(['sluice', '--url', at.consoleUrl, 'login'], { ...environment(), SLUICE_API_KEY: secret });
  expect([taken.code, taken.stdout.includes(secret), statSync(kept).mode & 0o777]).toEqual([0, false, 0o600]);
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toEqual({ url: at.consoleUrl, token: secret });
  // The key may look at nodes and do nothing else.
  expect((await sluice('nodes', 'list')).code).toBe(0);
  expect((await sluice('tenants', 'list')).code).toBe(4);
  expect((await sluice('logout')).code).toBe(0);
});

it.each([
  ['something that is not there', ['api', 'messages.timeline', '--input', '{"entryId":"nothing"}'], 5],
  ['a name that is not there', ['queues', 'explain', 'gmail.com', '--tenant', 'nobody', '--stream', 'none'], 5],
  ['a procedure that is not there', ['api', 'tenants.paint'], 5],
  ['an input that does not read', ['api', 'tenants.create', '--input', '{"name":1}'], 2],
  ['an input that is no JSON', ['api', 'tenants.create', '--input', '{'], 2],
  ['an unknown word', ['tenants', 'paint'], 2],
  ['an unknown option', ['tenants', 'list', '--colour'], 2],
  ['a key that opens nothing', ['--url', 'URL', '--key', 'slk_nothing_at_all', 'tenants', 'list'], 4],
  ['nobody there', ['--url', 'NOBODY', '--key', 'slk_nothing_at_all', 'tenants', 'list'], 3],
] as const)('ends with the exit code of %s', async (_what, args, code) => {
  const [free = 0] = await freePorts(1);
  const addresses: Record<string, string> = { URL: at.consoleUrl, NOBODY: `http://127.0.0.1:${free}` };
  const ended = await sluice(...args.map((word) => addresses[word] ?? word));
  expect([ended.code, ended.stderr !== '', ended.stdout]).toEqual([code, true, '']);
});

it('says a refusal as JSON where JSON was asked for, and what was changed as the API answers it', async () => {
  const twice = ['tenants', 'create', 'Twice', '--slug', 'twice', '--json'] as const;
  const made = await sluice(...twice);
  expect([made.code, JSON.parse(made.stdout)]).toEqual([0, { id: expect.any(String), revision: expect.any(Number) }]);
  const refused = await sluice(...twice);
  expect(refused.code).toBe(6);
  expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'CONFLICT', requestId: expect.any(String) }, exitCode: 6 });
});

it('finds a pool in use without a source that may send, and says what to do', async () => {
  expect((await sluice('sources', 'disable', 'script-1', '--reason', 'doctor test')).code).toBe(0);
  expect((await sluice('sources', 'disable', 'script-2', '--reason', 'doctor test')).code).toBe(0);
  const { code, stdout } = await sluice('doctor', '--json');
  const { healthy, findings } = JSON.parse(stdout) as { healthy: boolean; findings: { check: string; state: string; next: string }[] };
  expect([code, healthy]).toEqual([1, false]);
  expect(findings.find(({ check }) => check === 'pool script-pool')).toMatchObject({
    state: 'bad',
    next: expect.stringContaining('sources enable'),
  });
  expect((await sluice('sources', 'enable', 'script-1', '--reason', 'doctor test')).code).toBe(0);
  expect((await sluice('doctor')).code).toBe(0);
});
