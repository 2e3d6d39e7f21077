// The grant for personal data, over every output there is: whoever has none never reads a whole address, whatever is asked, and finds mail
// by a whole address all the same. What repeats an address is here too: replies, trace lines, sentences of automation.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures } from './access-table.ts';
import { okay, password, startTestControl, type As, type TestControl } from './testing/control.ts';
import { questions } from './testing/questions.ts';
import { makeWorld, type World } from './testing/world.ts';

let it: TestControl;
let world: World;
let address = '';
const as: Record<string, As> = {};
const ids: Record<string, string> = {};

beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  address = world.mine.recipient;
  const { tenantId } = world.mine;
  for (const [name, role, more] of [
    ['without', 'analyst', {}],
    ['with', 'analyst', { personalData: true }],
    ['client', 'client', { tenantId }],
    ['engineer', 'engineer', {}],
    ['admin', 'admin', {}],
  ] as const) {
    const account = { name, email: `${name}@sluice.example`, password, role, ...more };
    ids[name] = okay<{ id: string }>(await it.call('mutation', 'users.create', account, 'local')).id;
    as[name] = { cookie: (await it.signIn(account.email)).cookie };
  }
  // A reply that names the recipient in three ways, and a bounce address that carries it.
  const accepted = await it.db.deliveryEvent.findFirstOrThrow({ where: { entryId: world.mine.entryId, type: 'delivered' } });
  const reply = { code: 450, enhanced: '4.2.2', text: `<${address}> someone is full; SOMEONE, write less`, command: 'rcpt' };
  const later = new Date(it.now().getTime() + 100);
  await it.db.deliveryEvent.create({
    data: {
      ...accepted,
      ...{
        id: `${accepted.id}-deferred`,
        seq: undefined,
        type: 'deferred',
        at: later,
        sender: `b+${address.replace('@', '=')}@mine.example`,
      },
      body: { ...Object(accepted.body), reply, detail: `gave up on ${address}`, nextAttemptAt: later.getTime() + 60_000 },
    },
  });
});
afterAll(() => it.close());

const read = async (path: string, input: unknown, name: string) => okay<object>(await it.call('query', path, input, as[name] ?? null));

describe('without the grant', () => {
  const queries = procedures().filter(({ type }) => type === 'query');

  test.each(queries)('$path shows no whole address', async ({ path }) => {
    for (const name of ['without', 'client', 'engineer']) {
      const answer = await it.call('query', path, await questions[path]?.(world, world.mine, as[name] ?? null), as[name] ?? null);
      if (answer.code !== null) expect([path, answer.code]).toEqual([path, expect.stringMatching(/FORBIDDEN|NOT_FOUND/)]);
      // A recipient that was asked for is said again.
      const { recipient: _asked, ...rest } = Object(answer.data) as Record<string, unknown>;
      expect([name, JSON.stringify(Array.isArray(answer.data) ? answer.data : rest).toLowerCase()]).not.toContain('someone@');
    }
  });

  test('mail is found by a whole address, and its rows and replies name nobody', async () => {
    const found = await read('messages.search', { recipient: address }, 'without');
    expect(found).toMatchObject({ items: [{ recipient: 's***@mine-customer.example', lastReply: { text: expect.any(String) } }] });
    const { events } = (await read('messages.timeline', { entryId: world.mine.entryId }, 'without')) as { events: object[] };
    expect(events.at(-1)).toMatchObject({
      recipient: 's***@mine-customer.example',
      sender: 'b***@mine.example',
      detail: 'gave up on s***@mine-customer.example',
      remoteReply: { code: 450, text: '<s***@mine-customer.example> *** is full; ***, write less' },
    });
  });

  test('lines of a trace name nobody, in whichever page they come', async () => {
    const id = crypto.randomUUID();
    const { tenantId } = world.mine;
    const bounds = { sessions: 1, lines: 9, startedAt: it.now(), expiresAt: new Date(it.now().getTime() + 60_000) };
    await it.db.protocolTrace.create({ data: { id, tenantId, scope: { tenant: tenantId }, reason: 'a test', startedBy: 'x', ...bounds } });
    const texts = [`RCPT TO:<${address}> NOTIFY=NEVER`, '550 5.1.1 no someone here'];
    const rest = { node: 'node-1', traceId: id, tenantId, session: 1, at: it.now(), sinceMs: 1 };
    await it.db.protocolTraceLine.createMany({
      data: texts.map((text, at) => ({ ...rest, seq: at + 1, kind: at === 0 ? 'sent' : 'received', text })),
    });
    const lines = async (name: string, after: object) =>
      ((await read('traces.lines', { id, after }, name)) as { lines: { text: string }[] }).lines.map(({ text }) => text);
    expect(await lines('without', {})).toEqual(['RCPT TO:<s***@mine-customer.example> NOTIFY=NEVER', '550 5.1.1 no *** here']);
    expect(await lines('without', { 'node-1': 1 })).toEqual(['550 5.1.1 no *** here']);
    expect(await lines('with', {})).toEqual(texts);
  });
});

describe('the grant', () => {
  const sees = async (name: string) => JSON.stringify(await read('messages.search', { recipient: address }, name)).includes(`"${address}"`);

  test('Owners and Admins see whole addresses without it, others with it', async () => {
    expect(okay<object>(await it.call('query', 'messages.search', { recipient: address }, 'local'))).toMatchObject({
      items: [{ recipient: address }],
    });
    expect([await sees('admin'), await sees('with'), await sees('without'), await sees('client')]).toEqual([true, true, false, false]);
  });

  test('given and taken it holds from the next request on, and is written down', async () => {
    for (const personalData of [true, false]) {
      const change = { id: ids['engineer'], personalData, reason: 'looks after complaints' };
      okay(await it.call('mutation', 'users.setGrants', change, as['admin'] ?? null));
      expect(await sees('engineer')).toBe(personalData);
    }
    const trail = await it.db.auditEntry.findMany({ where: { action: 'users.setGrants' }, orderBy: { seq: 'asc' } });
    expect(trail.map(({ target, before, after }) => [target, before, after])).toEqual([
      [`user:${ids['engineer']}`, { personalData: false }, { personalData: true }],
      [`user:${ids['engineer']}`, { personalData: true }, { personalData: false }],
    ]);
  });
});
