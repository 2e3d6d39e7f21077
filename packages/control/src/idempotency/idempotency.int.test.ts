// Changes with an Idempotency-Key, over the same handler as the front door, on real Postgres.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, publicUrl, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { keptForMs, sweepIdempotentCalls } from './once.ts';

let it: TestControl;
let session: As;
let n = 0;
beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.seedFirstStart();
  await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password });
  session = { cookie: (await it.signIn('owner@sluice.example')).cookie };
});
afterAll(() => it.close());

const fresh = (): string => `key-${(n += 1)}`;
const tenant = (slug = `tenant-${(n += 1)}`) => ({ name: slug, slug, reason: 'test' });
const create = (input: object, key: string, as: As = session) =>
  it.call('mutation', 'tenants.create', input, as, { 'idempotency-key': key });
const replayed = (answer: { headers: Headers }) => answer.headers.get('idempotency-replayed');
const made = (slug: string) => it.db.tenant.count({ where: { slug } });
const head = async () => (await it.db.configHead.findFirstOrThrow()).number;

test('the same call again changes nothing and gets the same answer, marked as one', async () => {
  const [key, input] = [fresh(), tenant()];
  const first = await create(input, key);
  const [before, entries] = [await head(), await it.db.auditEntry.count()];
  const second = await create(input, key);
  expect(second.data).toEqual(okay(first));
  expect([replayed(first), replayed(second)]).toEqual([null, 'true']);
  expect([await head(), await it.db.auditEntry.count(), await made(input.slug)]).toEqual([before, entries, 1]);
});

test('another body under the same key is a conflict with its own reason, and changes nothing', async () => {
  const [key, input] = [fresh(), tenant()];
  okay(await create(input, key));
  const other = tenant();
  const answer = await create(other, key);
  expect([answer.code, answer.reason]).toEqual(['CONFLICT', 'idempotency_key_reused']);
  expect(await made(other.slug)).toBe(0);
});

test('of many calls at one instant one is made, and all get its answer', async () => {
  const [key, input] = [fresh(), tenant()];
  const answers = await Promise.all(Array.from({ length: 12 }, () => create(input, key)));
  expect(new Set(answers.map((answer) => JSON.stringify(okay(answer)))).size).toBe(1);
  expect(answers.filter((answer) => replayed(answer) === null)).toHaveLength(1);
  expect(await made(input.slug)).toBe(1);
});

test('a refused call is not kept: made possible, it is made under the same key', async () => {
  const [key, taken] = [fresh(), tenant()];
  okay(await create(taken, fresh()));
  expect((await create(taken, key)).code).toBe('CONFLICT');
  expect(await it.db.idempotentCall.count({ where: { key } })).toBe(0);
  await it.db.tenant.delete({ where: { slug: taken.slug } });
  expect(replayed(await create(taken, key))).toBeNull();
});

test('a change that is undone takes its key with it: a crash before the commit leaves neither', async () => {
  const [key, input] = [fresh(), tenant()];
  // The commit itself fails: a deferred constraint speaks last, as a server that dies does.
  await it.db.$executeRawUnsafe(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$`);
  await it.db.$executeRawUnsafe(
    `create constraint trigger refuse after insert on tenant deferrable initially deferred for each row execute function refuse()`,
  );
  expect((await create(input, key)).code).toBe('INTERNAL_SERVER_ERROR');
  await it.db.$executeRawUnsafe('drop function refuse cascade');
  expect([await made(input.slug), await it.db.idempotentCall.count({ where: { key } })]).toEqual([0, 0]);
  const again = await create(input, key);
  expect([again.code, replayed(again), await made(input.slug)]).toEqual([null, null, 1]);
});

test('a key stands for one actor and one procedure', async () => {
  const key = fresh();
  okay(await create(tenant(), key));
  const other = await create(tenant(), key, 'local');
  expect([other.code, replayed(other)]).toEqual([null, null]);
  const pool = { name: fresh(), members: [], reason: 'test' };
  const answer = await it.call('mutation', 'pools.create', pool, session, { 'idempotency-key': key });
  expect([answer.code, replayed(answer)]).toEqual([null, null]);
});

test('an answer with a secret is replayed whole to the one who asked, and is nowhere in the clear', async () => {
  const [key, input] = [fresh(), { name: 'deploy', scopes: ['sources:read'], reason: 'test' }];
  const ask = () => it.call('mutation', 'keys.create', input, 'local', { 'idempotency-key': key });
  const first = okay<{ secret: string }>(await ask());
  expect(okay<{ secret: string }>(await ask()).secret).toBe(first.secret);
  expect(await it.db.apiKey.count({ where: { name: 'deploy' } })).toBe(1);
  const kept = await it.db.idempotentCall.findFirstOrThrow({ where: { key } });
  expect(Buffer.from(kept.answer ?? []).toString('latin1')).not.toContain(first.secret.slice(0, 14));
  expect(JSON.stringify(await it.db.auditEntry.findMany({ omit: { seq: true } }))).not.toContain(first.secret);
});

test('who may not make the change any more gets no answer of before', async () => {
  const [key, input] = [fresh(), { name: 'two', scopes: ['tenants:write'], reason: 'test' }];
  const { id, secret } = okay<{ id: string; secret: string }>(await it.call('mutation', 'keys.create', input, 'local'));
  const change = tenant();
  okay(await create(change, key, { key: secret }));
  expect(replayed(await create(change, key, { key: secret }))).toBe('true');
  await it.db.apiKey.update({ where: { id }, data: { scopes: ['tenants:read'] } });
  expect((await create(change, key, { key: secret })).code).toBe('FORBIDDEN');
});

test('an answer that cannot be opened any more is not shown, and the change is not made twice', async () => {
  const [key, input] = [fresh(), tenant()];
  okay(await create(input, key));
  await it.db.idempotentCall.updateMany({ where: { key }, data: { answer: randomBytes(60) } });
  const answer = await create(input, key);
  expect([answer.code, answer.reason]).toEqual(['CONFLICT', 'idempotency_answer_not_kept']);
  expect(await made(input.slug)).toBe(1);
});

test('after a day the key is free again, swept or not, and sweeping takes away what is over', async () => {
  const [key, input] = [fresh(), tenant()];
  okay(await create(input, key));
  it.advance(keptForMs - 1_000);
  session = { cookie: (await it.signIn('owner@sluice.example')).cookie };
  expect(replayed(await create(input, key))).toBe('true');
  it.advance(1_000);
  const other = tenant();
  expect(replayed(await create(other, key))).toBeNull();
  expect(await made(other.slug)).toBe(1);
  await sweepIdempotentCalls(it.db, it.now());
  expect(await it.db.idempotentCall.findMany({ where: { expiresAt: { lte: it.now() } } })).toEqual([]);
  expect(await it.db.idempotentCall.count({ where: { key } })).toBe(1);
});

test.each(['', 'a b', 'x'.repeat(256), 'ä'])('%j is refused as a key', async (key) => {
  const answer = await it.request('/api/trpc/tenants.create', {
    method: 'POST',
    headers: {
      ...(session !== null && session !== 'local' && 'cookie' in session && { cookie: session.cookie }),
      origin: publicUrl,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(tenant()),
  });
  // A header of nothing but blanks is none.
  expect(answer.status).toBe(key === '' ? 200 : 400);
});

test('a batch cannot carry a key for several calls', async () => {
  const headers = new Headers({ origin: publicUrl, 'content-type': 'application/json', 'idempotency-key': fresh() });
  if (session !== null && session !== 'local' && 'cookie' in session) headers.set('cookie', session.cookie);
  const body = JSON.stringify({ 0: tenant(), 1: tenant() });
  const before = await it.db.tenant.count();
  for (const comma of [',', '%2C']) {
    const answer = await it.request(`/api/trpc/tenants.create${comma}tenants.create?batch=1`, { method: 'POST', headers, body });
    expect(answer.status).toBe(400);
  }
  expect(await it.db.tenant.count()).toBe(before);
});

test('a question with the header is answered as ever, anew each time', async () => {
  const ask = () => it.call('query', 'tenants.list', undefined, session, { 'idempotency-key': 'same' });
  const before = okay<unknown[]>(await ask()).length;
  okay(await it.call('mutation', 'tenants.create', tenant(), session));
  expect(okay<unknown[]>(await ask())).toHaveLength(before + 1);
});
