// Selectors against DNS, as a node answers for it, and a private key that is given again.
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { kekIdOf, openSecret } from '@sluice/plane';
import { openEnginePlane } from '@sluice/plane/engine';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { aKeylessSelector } from '../testing/keyless-selector.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
/** What DNS says; a name that is not here has no record. */
const dns = new Map<string, string[] | null>();
const asked: string[][] = [];
beforeAll(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
  const plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-9', log: () => undefined });
  const frame = await it.db.metricsFrame.findFirstOrThrow();
  await it.db.metricsFrame.deleteMany();
  await it.db.node.create({ data: { name: 'node-9' } });
  await it.db.metricsFrame.create({ data: { node: 'node-9', at: it.now(), frame: frame.frame ?? {} } });
  const answering = plane.questions.follow(async (question) => {
    if (question.kind !== 'dkim_records') return { kind: 'refused', message: 'not asked here' };
    asked.push(question.names);
    const textsOf = (name: string): string[] | null => {
      const texts = dns.get(name);
      return texts === undefined ? [] : texts;
    };
    return { kind: 'dkim_records', records: question.names.map((name) => ({ name, texts: textsOf(name) })) };
  });
  it.atEnd(async () => {
    await answering.stop();
    await plane.close();
  });
});
afterAll(() => it.close());

type Checked = { node: string | null; items: { id: string; dnsName: string; state: string; found: string[] | null }[] };
const reason = 'selector test';
async function selector(name: string): Promise<{ id: string; dnsName: string; dnsValue: string }> {
  const input = { domainId: world.mine.domainId, selector: name, reason };
  return okay(await it.call('mutation', 'selectors.create', input, 'local'));
}

test('a record is present, absent, of another key, or not known, asked of one node in one question', async () => {
  const made = await Promise.all(['one', 'two', 'three', 'four'].map(selector));
  const [one, , three, four] = made;
  if (!one || !three || !four) throw new Error('not made');
  dns.set(one.dnsName, [one.dnsValue]);
  dns.set(three.dnsName, [one.dnsValue]);
  dns.set(four.dnsName, null);
  const input = { ids: made.map(({ id }) => id) };
  const { node, items } = okay<Checked>(await it.call('query', 'selectors.check', input, 'local'));
  expect([node, items.map(({ state }) => state)]).toEqual(['node-9', ['present', 'absent', 'mismatch', 'unreachable']]);
  expect(items.map(({ found }) => found)).toEqual([[one.dnsValue], [], [one.dnsValue], null]);
  expect(asked).toEqual([made.map(({ dnsName }) => dnsName)]);
});

test('a selector whose key is missing has it again when the very key is given, sealed and told to nobody', async () => {
  const { id, privateKey } = await aKeylessSelector(world, world.mine);
  const give = (pem: string) => it.call('mutation', 'selectors.giveKey', { id, privateKey: pem, reason }, 'local');
  const row = () => it.db.dkimKey.findUniqueOrThrow({ where: { id } });
  const before = await row();
  const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const pem of [other.export({ type: 'pkcs8', format: 'pem' }).toString(), privateKey.slice(0, 400), 'no key']) {
    const { code, message } = await give(pem);
    expect([code, message?.startsWith('privateKey: ')]).toEqual(['BAD_REQUEST', true]);
  }
  expect(await row()).toEqual(before);
  const { revision } = okay<{ revision: number }>(await give(privateKey));
  const { keyMissing, secretId, state } = await row();
  expect([keyMissing, state]).toEqual([false, 'pending']);
  const secret = await it.db.secret.findUniqueOrThrow({ where: { id: secretId } });
  const opened = openSecret({ ...secret, wraps: secret.wraps as Record<string, string> }, { id: kekIdOf(it.kek), key: it.kek });
  if (!opened.ok) throw new Error(opened.code);
  const publicKey = createPublicKey(createPrivateKey(Buffer.from(opened.plain).toString())).export({ type: 'spki', format: 'der' });
  expect([publicKey.toString('base64'), secret.aad]).toEqual([before.publicKey, `dkim_key:${id}`]);
  expect(await it.db.configEntity.findFirst({ where: { revision, id } })).toMatchObject({ body: { keyMissing: false, secretId } });
  const trail = await it.db.auditEntry.findMany({ where: { action: 'selectors.giveKey' }, omit: { seq: true } });
  expect([trail.length, JSON.stringify(trail).includes('PRIVATE KEY')]).toEqual([1, false]);
  expect((await give(privateKey)).code).toBe('CONFLICT');
});

test('without a running node nothing is known, and that is what is said', async () => {
  await it.db.metricsFrame.updateMany({ data: { at: new Date(it.now().getTime() - 60_000) } });
  const { id } = await selector('five');
  const { node, items } = okay<Checked & { items: { finding: string }[] }>(
    await it.call('query', 'selectors.check', { ids: [id] }, 'local'),
  );
  expect([node, items]).toMatchObject([null, [{ state: 'unreachable', finding: 'no running node could ask DNS' }]]);
});
