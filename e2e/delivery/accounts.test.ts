// Accounts by the command line of a running installation: inviting, another role, sessions, closing and opening, and the way back in for
// who has lost the second factor.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSluiceClient } from '@sluice/client';
import { startInstallation, type Installation } from '@sluice/bench/installation';
import { Authenticator } from '../console/testing/authenticator.ts';
import { run, settingsOf } from './commands.ts';
import { signIn } from './sign-in.ts';

const email = 'ada@example.net';
const password = 'a sentence for the command line';
const reason = ['--reason', 'test'];
let at: Installation;

beforeAll(async () => {
  at = await startInstallation();
});
afterAll(() => at?.dispose(), 60_000);

async function users(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['sluice', 'users', ...args], settingsOf(at.dataDir, at.ports));
  expect([stderr, code]).toEqual(['', 0]);
  return stdout;
}

const enter = () => signIn(at.consoleUrl, email, password);
const isOut = (client: { session: { me: { query(): Promise<unknown> } } }) =>
  expect(client.session.me.query()).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });

it('invites: the link makes the account with the role that was meant', async () => {
  const { url } = JSON.parse(await users('invite', email, '--role', 'analyst', '--json', ...reason)) as { url: string };
  expect(await users('invitations')).toContain(`${email}\tanalyst\topen`);
  const anyone = createSluiceClient({ url: at.consoleUrl, cookie: '' });
  await anyone.invitations.accept.mutate({ token: new URL(url).hash.slice(1), name: 'Ada', password });
  expect((await enter()).status).toBe(200);
  const listed = JSON.parse(await users('list', '--json')) as { email: string; role: string; secondFactorDueAt: string | null }[];
  expect(listed.find((one) => one.email === email)).toMatchObject({ role: 'analyst', secondFactorDueAt: null });
});

it('gives another role, which ends the sessions', async () => {
  const { client } = await enter();
  expect(await users('set-role', email, 'engineer', ...reason)).toContain('is engineer');
  await isOut(client);
  expect((await (await enter()).client.session.me.query()).secondFactor.dueAt).not.toBeNull();
});

it('lets an account see personal data, or no longer, and changes when a second factor is due', async () => {
  const grant = async () =>
    (JSON.parse(await users('list', '--json')) as { email: string; personalData: boolean }[]).find((one) => one.email === email);
  expect(await users('personal-data', email, 'whole', ...reason)).toContain('whole');
  expect(await grant()).toMatchObject({ personalData: true });
  await users('personal-data', email, 'masked', ...reason);
  expect(await grant()).toMatchObject({ personalData: false });
  expect(await users('grace')).toContain('14 days');
  expect(await users('grace', '7', ...reason)).toContain(' 7 days');
  expect(await users('grace')).toContain(' 7 days');
});

it('lists the sessions of an account and ends one of them, or all', async () => {
  await users('revoke-session', email, '--all', ...reason);
  const [one, two] = [await enter(), await enter()];
  const listed = JSON.parse(await users('sessions', email, '--json')) as { id: string }[];
  expect(listed).toHaveLength(2);
  await users('revoke-session', email, listed[0]?.id ?? '', ...reason);
  expect(JSON.parse(await users('sessions', email, '--json'))).toHaveLength(1);
  expect(await users('revoke-session', email, '--all', ...reason)).toContain('1 session ended');
  await isOut(one.client);
  await isOut(two.client);
});

it('closes an account and opens it again, but never the last Owner’s', async () => {
  const { client } = await enter();
  await users('disable', email, ...reason);
  await isOut(client);
  expect((await enter()).status).toBe(401);
  await users('enable', email, ...reason);
  expect((await enter()).status).toBe(200);
  const { code, stderr } = await run(['sluice', 'users', 'disable', at.owner.email, ...reason], settingsOf(at.dataDir, at.ports));
  expect(code).not.toBe(0);
  expect(stderr).toContain('last enabled Owner');
});

it('reset-2fa --local lets in whoever has lost app and recovery codes', async () => {
  const { client } = await enter();
  const { key } = await client.secondFactor.begin.mutate();
  await client.secondFactor.enable.mutate({ code: await new Authenticator(key).code() });
  const halfway = await enter();
  expect(halfway.status).toBe(200);
  await isOut(halfway.client);
  const { code, stderr } = await run(['sluice', 'users', 'reset-2fa', '--email', email], settingsOf(at.dataDir, at.ports));
  expect([code, stderr]).toEqual([2, expect.stringContaining('--local')]);
  expect(await users('reset-2fa', '--local', '--email', email)).toContain('The second factor of ada@example.net is gone');
  expect((await (await enter()).client.session.me.query()).secondFactor.enrolledAt).toBeNull();
  const { items } = await at.client.audit.list.query({});
  expect(items.find(({ action }) => action === 'users.resetSecondFactor')).toMatchObject({ actorKind: 'local' });
});
