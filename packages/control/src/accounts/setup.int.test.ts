// The way to the first Owner, and that it closes behind them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { okay, password, startTestControl, type TestControl } from '../testing/control.ts';
import { linkLifeMs } from './setup.ts';

let it: TestControl;
beforeEach(async () => {
  it = await startTestControl();
});
afterEach(() => it.close());

const tokenOf = (link: { url: string }): string => new URL(link.url).searchParams.get('token') ?? '';
const complete = (token: string, email = 'first@sluice.example') =>
  it.call('mutation', 'setup.complete', { token, name: 'First', email, password }, null);
const needed = async () => okay<{ needed: boolean }>(await it.call('query', 'setup.status', undefined, null)).needed;

test('a link makes one Owner, who can sign in, and is used up', async () => {
  expect(await needed()).toBe(true);
  const token = tokenOf(await it.control.startUp.issueSetupLink());
  okay(await complete(token));
  expect(await needed()).toBe(false);
  expect((await it.signIn('first@sluice.example')).response.status).toBe(200);
  expect((await complete(token, 'second@sluice.example')).code).toBe('PRECONDITION_FAILED');
  expect(await it.db.user.count()).toBe(1);
});

test('of two requests with one link exactly one makes an Owner', async () => {
  const token = tokenOf(await it.control.startUp.issueSetupLink());
  const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => complete(token, `${name}@sluice.example`)));
  expect(answers.filter((answer) => answer.code === null)).toHaveLength(1);
  expect(await it.db.user.count()).toBe(1);
});

test('a link ends after a day', async () => {
  const token = tokenOf(await it.control.startUp.issueSetupLink());
  it.advance(linkLifeMs + 1);
  expect((await complete(token)).code).toBe('PRECONDITION_FAILED');
  expect(await needed()).toBe(true);
});

test('issuing a link again ends the one before', async () => {
  const first = tokenOf(await it.control.startUp.issueSetupLink());
  const second = okay<{ url: string }>(await it.call('mutation', 'setup.issueLink', undefined, 'local'));
  expect((await complete(first)).code).toBe('PRECONDITION_FAILED');
  okay(await complete(tokenOf(second)));
});

test('only the hash of a token is kept, and no log line has the token', async () => {
  const token = tokenOf(await it.control.startUp.issueSetupLink());
  const kept = await it.db.setupLink.findMany();
  expect(kept).toHaveLength(1);
  expect(JSON.stringify(kept)).not.toContain(token);
  okay(await complete(token));
  expect(it.logged()).not.toContain(token);
  expect(JSON.stringify(await it.db.auditEntry.findMany({ omit: { seq: true } }))).not.toContain(token);
});

test('while an Owner exists no link is issued and unattended set-up does nothing', async () => {
  expect(await it.control.startUp.ensureOwner({ email: 'Env@Sluice.example', password })).not.toBeNull();
  expect(await it.control.startUp.ensureOwner({ email: 'env@sluice.example', password: 'another password' })).toBeNull();
  expect((await it.call('mutation', 'setup.issueLink', undefined, 'local')).code).toBe('PRECONDITION_FAILED');
  expect((await it.signIn('env@sluice.example')).response.status).toBe(200);
  expect(await it.db.user.count()).toBe(1);
});

test('two processes that set up at once make one Owner', async () => {
  const made = await Promise.all(
    ['a', 'b', 'c'].map((name) => it.control.startUp.ensureOwner({ email: `${name}@sluice.example`, password })),
  );
  expect(made.filter((id) => id !== null)).toHaveLength(1);
});
