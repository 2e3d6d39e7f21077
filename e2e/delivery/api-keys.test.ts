// API keys by the command line of a running installation: made without any account, used over HTTP, renewed with an overlap, ended.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSluiceClient } from '@sluice/client';
import { startInstallation, type Installation } from '@sluice/bench/installation';
import { run, settingsOf } from './commands.ts';

const reason = ['--reason', 'test'];
let at: Installation;
let key = '';

beforeAll(async () => {
  at = await startInstallation();
});
afterAll(() => at?.dispose(), 60_000);

const keys = (...args: string[]) => run(['sluice', 'keys', ...args], settingsOf(at.dataDir, at.ports));
const withKey = (token: string) => createSluiceClient({ url: at.consoleUrl, token, retries: 0 });
const isOut = (token: string) => expect(withKey(token).sources.list.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });

it('makes a key for headless set-up and prints it once, alone on standard output', async () => {
  const made = await keys('create', 'ci', '--local', '--scope', 'sources:read,tenants:write', '--from', '127.0.0.0/8', '--expires', '30d');
  expect(made.code).toBe(0);
  key = made.stdout.trim();
  expect(key).toMatch(/^slk_[a-z0-9]{10}_[\w-]{43}$/);
  expect(made.stderr).toContain('only time');
  expect(await withKey(key).sources.list.query()).not.toHaveLength(0);
  await expect(withKey(key).pools.list.query()).rejects.toMatchObject({ data: { code: 'FORBIDDEN', reason: 'role' } });
  const listed = (await keys('list', '--all')).stdout;
  expect(listed).toContain('ci');
  expect(listed).not.toContain(key);
});

it('the command line itself works with the key, and says by its exit code what it may not', async () => {
  const env = { ...settingsOf(at.dataDir, at.ports), SLUICE_URL: at.consoleUrl, SLUICE_API_KEY: key };
  expect((await run(['sluice', 'sources', 'list', '--json'], env)).code).toBe(0);
  expect((await run(['sluice', 'routes', 'list'], env)).code).toBe(4);
});

it('a change is made once under its key, however often it is asked for, over a restart of nothing but the connection', async () => {
  const body = JSON.stringify({ name: 'Once', slug: 'once', reason: 'test' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'once-and-for-all' };
  const ask = async (text = body) => {
    const answer = await fetch(`${at.consoleUrl}/api/trpc/tenants.create`, { method: 'POST', headers, body: text });
    return { status: answer.status, replayed: answer.headers.get('idempotency-replayed'), text: await answer.text() };
  };
  const first = await ask();
  const second = await ask();
  expect([first.status, first.replayed, second.status, second.replayed]).toEqual([200, null, 200, 'true']);
  expect(second.text).toBe(first.text);
  const other = await ask(JSON.stringify({ name: 'Twice', slug: 'twice', reason: 'test' }));
  expect(other.status).toBe(409);
  expect(JSON.parse(other.text)).toMatchObject({ error: { data: { code: 'CONFLICT', reason: 'idempotency_key_reused' } } });
});

it('renews it with an overlap, and ends it for good', async () => {
  const rotated = await keys('rotate', 'ci', '--overlap', '1h', ...reason);
  const next = rotated.stdout.trim();
  expect(rotated.stderr).toContain('works until');
  for (const token of [key, next]) expect(await withKey(token).sources.list.query()).not.toHaveLength(0);
  const again = (await keys('rotate', next.slice(0, 'slk_0123456789'.length), '--overlap', '0', ...reason)).stdout.trim();
  await isOut(key);
  await isOut(next);
  expect((await keys('revoke', 'ci', ...reason)).code).toBe(0);
  await isOut(again);
  expect((await keys('list')).stdout).toContain('no API keys that work');
  expect((await keys('rotate', 'ci', ...reason)).code).toBe(1);
});

it.each([
  ['a scope that there is not', ['create', 'x', '--local', '--scope', 'sauces:read']],
  ['a time that does not read', ['create', 'x', '--local', '--scope', 'sources:read', '--expires', 'soon']],
  ['no scope', ['create', 'x', '--local']],
])('refuses %s as wrong usage', async (_what, args) => {
  expect((await keys(...args)).code).toBe(2);
});
