// API keys over the same handler as the front door, on real Postgres: who may make one, what it opens, and when it stops.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeKeyText } from './key-text.ts';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';

type Made = { id: string; prefix: string; secret: string };
type View = { id: string; name: string; mine: boolean; state: string; stale: boolean; lastUsedAt: string | null };

let it: TestControl;
const as: Record<string, { cookie: string }> = {};
const ids: Record<string, string> = {};
let tenantA = '';
let tenantB = '';
let n = 0;

async function person(name: string, role: string, more: object = {}): Promise<void> {
  const account = { name, email: `${name}@sluice.example`, password, role, ...more };
  ids[name] = okay<{ id: string }>(await it.call('mutation', 'users.create', account, 'local')).id;
  as[name] = { cookie: (await it.signIn(account.email)).cookie };
}

beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.seedFirstStart();
  const tenant = async (slug: string) =>
    okay<{ id: string }>(await it.call('mutation', 'tenants.create', { name: slug, slug, reason: 'test' }, 'local')).id;
  [tenantA, tenantB] = [await tenant('a'), await tenant('b')];
  await person('owner', 'owner');
  await person('admin', 'admin');
  await person('engineer', 'engineer');
  await person('other', 'engineer');
  await person('operator', 'operator');
  await person('bound', 'engineer', { tenantId: tenantA });
});
afterAll(() => it.close());
beforeEach(async () => {
  await it.db.apiKey.deleteMany();
  // Everyone has just shown who they are, however far the clock was moved.
  await it.db.session.updateMany({ data: { confirmedAt: it.now() } });
});

const of = (name: string): As => as[name] ?? null;
const input = (more: object = {}) => ({ name: `key-${(n += 1)}`, scopes: ['sources:read'], reason: 'test', ...more });
const make = async (who: As, more: object = {}): Promise<Made> => okay<Made>(await it.call('mutation', 'keys.create', input(more), who));
const codeOf = async (path: string, key: string, peer?: string, question?: unknown) =>
  (await it.call('query', path, question, { key, ...(peer !== undefined && { peer: { address: peer, loopback: false } }) })).code;
const opens = async (key: string, peer?: string) => (await codeOf('sources.list', key, peer)) === null;

test('a key opens what its scopes name and nothing else, and its secret is shown once and kept nowhere', async () => {
  const { secret, prefix, id } = await make(of('engineer'));
  expect(secret.startsWith(`${prefix}_`)).toBe(true);
  expect(await codeOf('sources.list', secret)).toBeNull();
  expect(await codeOf('pools.list', secret)).toBe('FORBIDDEN');
  const source = { name: 's', publicAddress: '127.0.9.1', bindAddress: '127.0.9.1', family: 4, ehloName: 'a.example', reason: 'test' };
  expect((await it.call('mutation', 'sources.create', source, { key: secret })).code).toBe('FORBIDDEN');
  const kept = JSON.stringify([
    await it.db.apiKey.findMany(),
    await it.db.auditEntry.findMany({ omit: { seq: true } }),
    okay(await it.call('query', 'keys.list', {}, of('engineer'))),
  ]);
  expect(kept).toContain(id);
  expect(kept).not.toContain(secret);
  expect(it.logged()).not.toContain(secret);
});

test('who a key is: itself, with its maker’s role', async () => {
  const { secret, id } = await make(of('engineer'), { name: 'deploy', tenantId: tenantA });
  const me = okay<{ actor: object }>(await it.call('query', 'session.me', undefined, { key: secret }));
  expect(me.actor).toMatchObject({ kind: 'key', id, name: 'deploy', email: null, role: 'engineer', tenantId: tenantA });
});

test('what a key does is in the audit under its own name', async () => {
  const { secret, prefix } = await make(of('engineer'), { name: 'deploy', scopes: ['tenants:write'] });
  const change = { name: 'Made by a key', slug: 'by-key', reason: 'test' };
  const answer = await it.call('mutation', 'tenants.create', change, { key: secret });
  okay(answer);
  const entry = await it.db.auditEntry.findFirstOrThrow({ where: { requestId: answer.headers.get('x-request-id') ?? '' } });
  expect(entry).toMatchObject({ actorKind: 'key', actor: `key deploy (${prefix})` });
});

test('unknown, wrong, expired, revoked, out of its networks, of a disabled maker, replaced: one and the same answer', async () => {
  const expired = await make(of('engineer'), { expiresAt: new Date(it.now().getTime() + 60_000).toISOString() });
  it.advance(61_000);
  const revoked = await make(of('engineer'));
  okay(await it.call('mutation', 'keys.revoke', { id: revoked.id, reason: 'test' }, of('engineer')));
  const elsewhere = await make(of('engineer'), { networks: ['198.51.100.0/24', '2001:db8::/48'] });
  const replaced = await make(of('engineer'));
  okay(await it.call('mutation', 'keys.rotate', { id: replaced.id, overlapSeconds: 0, reason: 'test' }, of('engineer')));
  await person('leaver', 'engineer');
  const orphan = await make(of('leaver'));
  await it.db.user.update({ where: { id: ids['leaver'] ?? '' }, data: { disabled: true } });
  const good = await make(of('engineer'));
  const texts = [
    ...[expired, revoked, elsewhere, replaced, orphan].map(({ secret }) => secret),
    makeKeyText().text,
    makeKeyText(good.prefix.slice('slk_'.length)).text,
    'slk_nonsense',
  ];
  const seen = await Promise.all(
    texts.map(async (key) => {
      const { status, code, message, data, headers } = await it.call('query', 'sources.list', undefined, { key });
      const told = [...headers].filter(([name]) => name !== 'x-request-id');
      return JSON.stringify({ status, code, message, data, told });
    }),
  );
  expect(new Set(seen).size).toBe(1);
  expect(seen[0]).toContain('"status":401');
  expect(await opens(good.secret)).toBe(true);
  expect(await opens(elsewhere.secret, '198.51.100.9')).toBe(true);
  expect(await opens(elsewhere.secret, '2001:db8:0:9::1')).toBe(true);
  expect(await opens(elsewhere.secret, '198.51.101.9')).toBe(false);
});

test('a key that opens nothing is not tried with the cookie beside it', async () => {
  const { cookie } = as['owner'] ?? { cookie: '' };
  expect((await it.call('query', 'sources.list', undefined, { key: makeKeyText().text }, { cookie })).code).toBe('UNAUTHORIZED');
});

test('nobody puts more into a key than they may themselves', async () => {
  const asked = async (who: string, more: object) => (await it.call('mutation', 'keys.create', input(more), of(who))).code;
  expect(await asked('engineer', { scopes: ['users:write'] })).toBe('FORBIDDEN');
  expect(await asked('engineer', { scopes: ['sources:read', 'users:read'] })).toBe('FORBIDDEN');
  expect(await asked('admin', { scopes: ['users:write'] })).toBeNull();
  expect(await asked('bound', { scopes: ['sources:write'] })).toBe('FORBIDDEN');
  expect(await asked('engineer', { personalData: true })).toBe('FORBIDDEN');
  expect(await asked('operator', {})).toBe('FORBIDDEN');
  expect(await asked('engineer', { scopes: ['sauces:read'] })).toBe('BAD_REQUEST');
  expect(await asked('engineer', { scopes: ['sources:delete'] })).toBe('BAD_REQUEST');
  expect(await asked('engineer', { scopes: [] })).toBe('BAD_REQUEST');
  expect(await asked('engineer', { networks: ['10.0.0.1/8'] })).toBe('BAD_REQUEST');
  expect(await asked('engineer', { expiresAt: it.now().toISOString() })).toBe('BAD_REQUEST');
  expect(await asked('engineer', { color: 'red' })).toBe('BAD_REQUEST');
});

test('a key never has more than its maker has now: a role taken away is taken from the key', async () => {
  await person('falling', 'admin');
  const { secret } = await make(of('falling'), { scopes: ['*:read', '*:write', '*:act'] });
  expect(await codeOf('users.list', secret)).toBeNull();
  await it.db.user.update({ where: { id: ids['falling'] ?? '' }, data: { role: 'engineer' } });
  expect(await codeOf('users.list', secret)).toBe('FORBIDDEN');
  expect(await codeOf('sources.list', secret)).toBeNull();
  await it.db.user.update({ where: { id: ids['falling'] ?? '' }, data: { tenantId: tenantB } });
  expect(await codeOf('routes.list', secret)).toBe('NOT_FOUND');
  const seen = okay<{ id: string }[]>(await it.call('query', 'tenants.list', undefined, { key: secret }));
  expect(seen.map(({ id }) => id)).toEqual([tenantB]);
});

test('a key for one tenant sees that tenant, and one whose maker belongs to another tenant sees nothing', async () => {
  const { secret } = await make(of('engineer'), { scopes: ['tenants:read', 'streams:read'], tenantId: tenantA });
  const seen = okay<{ id: string }[]>(await it.call('query', 'tenants.list', undefined, { key: secret }));
  expect(seen.map(({ id }) => id)).toEqual([tenantA]);
  await person('moving', 'engineer');
  const moved = await make(of('moving'), { tenantId: tenantA });
  expect(await opens(moved.secret)).toBe(true);
  await it.db.user.update({ where: { id: ids['moving'] ?? '' }, data: { tenantId: tenantB } });
  expect(await codeOf('sources.list', moved.secret)).toBe('UNAUTHORIZED');
});

test('someone of one tenant makes keys for that tenant alone', async () => {
  const { secret } = await make(of('bound'), { scopes: ['tenants:read'] });
  const seen = okay<{ id: string }[]>(await it.call('query', 'tenants.list', undefined, { key: secret }));
  expect(seen.map(({ id }) => id)).toEqual([tenantA]);
  expect((await it.call('mutation', 'keys.create', input({ tenantId: tenantB }), of('bound'))).code).toBe('NOT_FOUND');
});

test('personal data needs the key’s grant and the maker’s, both', async () => {
  const grant = async (key: string) =>
    okay<{ actor: { personalData: boolean } }>(await it.call('query', 'session.me', undefined, { key })).actor;
  await person('seer', 'engineer', { personalData: true });
  const [withIt, without] = [await make(of('seer'), { personalData: true }), await make(of('seer'))];
  expect(await grant(withIt.secret)).toMatchObject({ personalData: true });
  expect(await grant(without.secret)).toMatchObject({ personalData: false });
  await it.db.user.update({ where: { id: ids['seer'] ?? '' }, data: { personalData: false } });
  expect(await grant(withIt.secret)).toMatchObject({ personalData: false });
});

test('a rotation gives a new secret; the old one opens until the overlap is over, and its use is seen', async () => {
  const first = await make(of('engineer'));
  const rotated = await it.call('mutation', 'keys.rotate', { id: first.id, overlapSeconds: 3_600, reason: 'test' }, of('engineer'));
  const second = okay<Made & { previousUntil: string }>(rotated);
  expect(second.secret).not.toBe(first.secret);
  expect(second.previousUntil).toBe(new Date(it.now().getTime() + 3_600_000).toISOString());
  expect([await opens(first.secret), await opens(second.secret)]).toEqual([true, true]);
  const [row] = okay<{ items: { previousUsedAt: string | null }[] }>(await it.call('query', 'keys.list', {}, of('engineer'))).items;
  expect(row?.previousUsedAt).toBe(it.now().toISOString());
  it.advance(3_600_000);
  expect([await opens(first.secret), await opens(second.secret)]).toEqual([false, true]);
});

test('a second rotation ends the first secret at once, and an old secret never outlives the end it was made with', async () => {
  const soon = new Date(it.now().getTime() + 600_000).toISOString();
  const first = await make(of('engineer'), { expiresAt: soon });
  const rotate = async (more: object) =>
    okay<Made & { previousUntil: string | null }>(
      await it.call('mutation', 'keys.rotate', { id: first.id, overlapSeconds: 86_400, reason: 'test', ...more }, of('engineer')),
    );
  const second = await rotate({ expiresAt: null });
  expect(second.previousUntil).toBe(soon);
  const third = await rotate({});
  expect([await opens(first.secret), await opens(second.secret), await opens(third.secret)]).toEqual([false, true, true]);
});

test('of two rotations at once both are made one after the other, and the last secret opens', async () => {
  const { id } = await make(of('engineer'));
  const rotate = () => it.call('mutation', 'keys.rotate', { id, overlapSeconds: 60, reason: 'test' }, of('engineer'));
  const secrets = (await Promise.all([rotate(), rotate(), rotate()])).map((answer) => okay<Made>(answer).secret);
  const open = await Promise.all(secrets.map((secret) => opens(secret)));
  expect(open.filter(Boolean)).toHaveLength(2);
});

test('others’ keys are not there for an Engineer; an Admin sees and ends them but gets no secret of theirs', async () => {
  const { id, secret } = await make(of('engineer'), { name: 'theirs' });
  const list = async (who: string) => okay<{ items: View[] }>(await it.call('query', 'keys.list', {}, of(who))).items;
  expect(await list('other')).toEqual([]);
  expect((await it.call('mutation', 'keys.revoke', { id, reason: 'test' }, of('other'))).code).toBe('NOT_FOUND');
  expect((await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('other'))).code).toBe('NOT_FOUND');
  expect(await list('admin')).toMatchObject([{ id, name: 'theirs', mine: false, state: 'active' }]);
  expect((await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('admin'))).code).toBe('FORBIDDEN');
  expect((await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('owner'))).code).toBe('FORBIDDEN');
  expect(await opens(secret)).toBe(true);
  okay(await it.call('mutation', 'keys.revoke', { id, reason: 'test' }, of('admin')));
  expect(await opens(secret)).toBe(false);
  expect((await it.call('mutation', 'keys.revoke', { id, reason: 'test' }, of('admin'))).code).toBe('PRECONDITION_FAILED');
});

test('a key of this machine works without any account, and an Owner may renew it', async () => {
  const { id, secret } = await make('local', { scopes: ['*:read', 'tenants:write'] });
  expect(await codeOf('users.list', secret)).toBeNull();
  expect((await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('admin'))).code).toBe('FORBIDDEN');
  okay(await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('owner')));
});

test('a key makes no keys and renews none, not even itself; it may end itself', async () => {
  const { id, secret } = await make('local', { scopes: ['*:read', '*:write', '*:act'] });
  const calls = [
    await it.call('mutation', 'keys.create', input(), { key: secret }),
    await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, { key: secret }),
  ];
  expect(calls.map(({ code }) => code === 'FORBIDDEN' || code === 'PRECONDITION_FAILED')).toEqual([true, true]);
  expect(await it.db.apiKey.count()).toBe(1);
  okay(await it.call('mutation', 'keys.revoke', { id, reason: 'test' }, { key: secret }));
  expect(await opens(secret)).toBe(false);
});

test('use is written down at most once a minute, with the peer’s address, and not for a key that was refused', async () => {
  const { id, secret } = await make(of('engineer'), { networks: ['192.0.2.0/24'] });
  const row = () => it.db.apiKey.findUniqueOrThrow({ where: { id } });
  expect(await opens(secret, '198.51.100.1')).toBe(false);
  expect((await row()).lastUsedAt).toBeNull();
  await opens(secret, '192.0.2.1');
  const first = await row();
  expect([first.lastUsedAt, first.lastUsedAddress]).toEqual([it.now(), '192.0.2.1']);
  it.advance(59_000);
  await opens(secret, '192.0.2.2');
  expect(await row()).toEqual(first);
  it.advance(1_000);
  await opens(secret, '192.0.2.2');
  expect((await row()).lastUsedAddress).toBe('192.0.2.2');
});

test('a key that nobody used for 90 days is marked, and one that ended is not', async () => {
  const { id } = await make(of('engineer'), { name: 'old' });
  const stale = async () => okay<{ items: View[] }>(await it.call('query', 'keys.list', {}, of('engineer'))).items[0]?.stale;
  await it.db.apiKey.update({ where: { id }, data: { createdAt: new Date(it.now().getTime() - 91 * 86_400_000) } });
  expect(await stale()).toBe(true);
  await it.db.apiKey.update({ where: { id }, data: { lastUsedAt: new Date(it.now().getTime() - 89 * 86_400_000) } });
  expect(await stale()).toBe(false);
});

test('the list comes in pages, newest first', async () => {
  const made: string[] = [];
  for (let count = 0; count < 5; count += 1) made.unshift((await make(of('engineer'))).id);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const answer = await it.call('query', 'keys.list', { limit: 2, ...(cursor !== null && { cursor }) }, of('engineer'));
    const page: { items: View[]; nextCursor: string | null } = okay(answer);
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(made);
});

test('what may be put into a key is what its maker may: an Engineer is offered no accounts', async () => {
  type Offer = { resources: { resource: string; verbs: string[] }[]; personalData: boolean };
  const offer = okay<Offer>(await it.call('query', 'keys.grantable', undefined, of('engineer')));
  const words = offer.resources.map(({ resource }) => resource);
  expect(words).toContain('sources');
  expect(words).not.toContain('users');
  expect(words).not.toContain('setup');
  // Nothing that a key could not use: one's own account, and what asks again who one is.
  expect(words).not.toContain('secondFactor');
  const ofAdmin = okay<Offer>(await it.call('query', 'keys.grantable', undefined, of('admin'))).resources;
  expect(ofAdmin.find(({ resource }) => resource === 'users')?.verbs).toEqual(['read']);
});

test('a key is made and renewed only by someone who has just shown who they are', async () => {
  const { id } = await make(of('engineer'));
  it.advance(3_600_000);
  const late = [
    await it.call('mutation', 'keys.create', input(), of('engineer')),
    await it.call('mutation', 'keys.rotate', { id, reason: 'test' }, of('engineer')),
  ];
  expect(late.map(({ code, reason }) => [code, reason])).toEqual([
    ['PRECONDITION_FAILED', 'confirm'],
    ['PRECONDITION_FAILED', 'confirm'],
  ]);
  okay(await it.call('mutation', 'keys.revoke', { id, reason: 'test' }, of('engineer')));
});
