// Secrets, the keys they are sealed for, and the nodes that may open them: from a node that nobody knows to one that was removed, with real
// nodes' ends over Postgres; and every change of a key killed half way.
import { randomBytes } from 'node:crypto';
import type { SealedSecret } from '@sluice/contract';
import { createClient } from '@sluice/db';
import { kekIdOf, makeKeyPair, nodeKeyIdOf, openFleetShare, openSecret, type KeyPair, type Opener } from '@sluice/plane';
import { openEnginePlane, type FleetShare } from '@sluice/plane/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { makeWorld } from '../testing/world.ts';
import { createControl } from '../http.ts';

let it: TestControl;
beforeEach(async () => {
  it = await startTestControl();
  await makeWorld(it);
});
afterEach(() => it.close());

const reason = 'key test';
const call = (path: string, input: object) => it.call('mutation', path, { ...input, reason }, 'local');

/** A node's end: what it holds, and what it can open of what the feed has. */
class Node {
  readonly pair: KeyPair = makeKeyPair();
  readonly id = nodeKeyIdOf(this.pair.publicKey);
  readonly shares = new Map<string, FleetShare>();
  state = 'unknown';
  readonly #plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-1', log: () => undefined });
  readonly #following = this.#plane.followShares(this.pair, {
    holds: () => this.openers().map(({ id }) => id),
    take: async (shares, state) => {
      this.state = state;
      for (const share of shares) this.shares.set(share.fleetId, share);
    },
  });

  openers(): Opener[] {
    return [...this.shares.values()].flatMap((share) => openFleetShare(this.pair, share) ?? []);
  }

  async end(): Promise<void> {
    await this.#following.stop();
    await this.#plane.close();
  }
}

const nodes: Node[] = [];
async function newNode(): Promise<Node> {
  const node = new Node();
  nodes.push(node);
  await expect.poll(() => node.state, { timeout: 10_000 }).toBe('pending');
  return node;
}
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.end()));
});

async function secrets(): Promise<SealedSecret[]> {
  const rows = await it.db.secret.findMany({ where: { deleted: false } });
  return rows.map(({ id, aad, ciphertext, wraps }) => ({ id, aad, ciphertext, wraps: wraps as Record<string, string> }));
}

/** How many of the secrets somebody opens. */
async function opened(openers: readonly Opener[]): Promise<number> {
  return (await secrets()).filter((secret) => openers.some((opener) => openSecret(secret, opener).ok)).length;
}

async function enrolled(): Promise<Node> {
  const node = await newNode();
  okay(await call('nodes.enroll', { keyId: node.id }));
  await expect.poll(() => node.openers().length, { timeout: 10_000 }).toBeGreaterThan(0);
  return node;
}

type KeyRow = { id: string; state: string; fingerprint: string; ready: boolean };
const keyRows = async () => okay<KeyRow[]>(await it.call('query', 'nodes.keys', undefined, 'local'));
type StatusOf = {
  waiting: number;
  total: number;
  kekId: string;
  oldKeks: { id: string; needed: boolean }[];
  fleetKeys: { id: string; state: string }[];
};
const status = async () => okay<StatusOf>(await it.call('query', 'secrets.status', undefined, 'local'));

test('a node that nobody enrolled opens nothing; enrolled it opens every secret, and the console says that it is ready', async () => {
  const node = await newNode();
  expect(await keyRows()).toMatchObject([{ id: node.id, state: 'pending', ready: false }]);
  expect(await opened(node.openers())).toBe(0);
  okay(await call('nodes.enroll', { keyId: node.id }));
  await expect.poll(() => node.state, { timeout: 10_000 }).toBe('enrolled');
  await expect.poll(async () => opened(node.openers()), { timeout: 10_000 }).toBe((await secrets()).length);
  expect((await secrets()).length).toBeGreaterThan(0);
  await expect.poll(async () => (await keyRows())[0]?.ready, { timeout: 10_000 }).toBe(true);
  expect((await call('nodes.enroll', { keyId: node.id })).code).toBe('CONFLICT');
  expect((await call('nodes.enroll', { keyId: 'node-0000000000000000' })).code).toBe('NOT_FOUND');
});

test('a node that is removed opens nothing that is sealed from then on, and the others go on', async () => {
  const [stays, goes] = [await enrolled(), await enrolled()];
  okay(await call('nodes.remove', { keyId: goes.id }));
  await it.control.rewrap.run();
  await expect.poll(async () => opened(stays.openers()), { timeout: 10_000 }).toBe((await secrets()).length);
  expect(await opened(goes.openers())).toBe(0);
  await expect.poll(() => goes.state, { timeout: 10_000 }).toBe('removed');
  expect((await call('nodes.enroll', { keyId: goes.id })).code).toBe('CONFLICT');
  expect(await status()).toMatchObject({ waiting: 0, fleetKeys: [{ state: 'active' }, { state: 'retired' }] });
  // Nothing is left of the old fleet key by which anybody could be let in again.
  expect(await it.db.fleetKey.findMany({ where: { state: 'retired' }, select: { sealed: true } })).toEqual([{ sealed: {} }]);
});

test('a change of the fleet key that stops half way leaves every secret open to nodes, and goes on where it was', async () => {
  const node = await enrolled();
  const domains = await it.db.sendingDomain.findMany();
  for (let at = 0; at < 60; at += 1) {
    okay(
      await call('routes.create', {
        domain: `d${at}.example`,
        host: 'h.example',
        port: 25,
        tls: 'required',
        authUsername: 'u',
        authPassword: `pw-${at}`,
      }),
    );
  }
  expect(domains.length).toBeGreaterThan(0);
  const all = (await secrets()).length;
  expect(all).toBeGreaterThan(50);
  const { fleetKeyId } = okay<{ fleetKeyId: string }>(await call('secrets.rotateFleetKey', {}));
  expect((await call('secrets.rotateFleetKey', {})).code).toBe('CONFLICT');
  await expect.poll(() => node.shares.has(fleetKeyId), { timeout: 10_000 }).toBe(true);
  // Aborted after its first batch, as a kill between two transactions would.
  const killed = new AbortController();
  const half = it.control.rewrap.run(killed.signal);
  await expect.poll(async () => (await status()).waiting < all, { timeout: 10_000, interval: 1 }).toBe(true);
  killed.abort();
  await half;
  expect(await opened(node.openers())).toBe(all);
  expect(await opened([{ id: kekIdOf(it.kek), key: it.kek }])).toBe(all);
  await it.control.rewrap.run();
  expect(await status()).toMatchObject({ waiting: 0, fleetKeys: [{ id: fleetKeyId, state: 'active' }, { state: 'retired' }] });
  expect(await opened(node.openers().filter(({ id }) => id === fleetKeyId))).toBe(all);
  expect(await it.control.rewrap.run()).toBe(0);
}, 60_000);

test('a new key-encryption key is taken beside the old one, nodes notice nothing, and then the old one opens nothing', async () => {
  const node = await enrolled();
  const all = (await secrets()).length;
  const fresh = randomBytes(32);
  const restarted = (kek: Buffer, oldKeks: Buffer[]) =>
    createControl({
      ...{
        consoleDatabaseUrl: it.consoleUrl,
        kek,
        oldKeks,
        sessionSecret: 'x'.repeat(40),
        localToken: null,
        publicUrl: 'http://127.0.0.1:1',
      },
      ...{
        egress: 'sandbox' as const,
        demo: false,
        version: '0',
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      },
    });
  const stranger = await restarted(fresh, [randomBytes(32)]);
  expect(await it.control.startUp.keyFits()).toBe(true);
  expect(await stranger.startUp.keyFits()).toBe(false);
  await stranger.close();
  const next = await restarted(fresh, [it.kek]);
  expect(await next.startUp.keyFits()).toBe(true);
  // Before anything is sealed anew both open; a node that comes now gets its share all the same.
  expect(await opened([{ id: kekIdOf(it.kek), key: it.kek }])).toBe(all);
  expect(await next.startUp.sealAnew()).toBeGreaterThanOrEqual(all);
  expect(await opened([{ id: kekIdOf(it.kek), key: it.kek }])).toBe(0);
  expect(await opened([{ id: kekIdOf(fresh), key: fresh }])).toBe(all);
  expect(await opened(node.openers())).toBe(all);
  await next.close();
  const alone = await restarted(fresh, []);
  expect(await alone.startUp.keyFits()).toBe(true);
  expect(await alone.startUp.sealAnew()).toBe(0);
  await alone.startUp.enrolOwnNode({ node: 'node-2', publicKey: makeKeyPair().publicKey });
  await alone.close();
  // The old key alone is refused from then on.
  expect(await it.control.startUp.keyFits()).toBe(false);
  const action = { action: 'secrets.rotateKek', after: { kekId: kekIdOf(fresh) } };
  expect(await it.db.auditEntry.findFirst({ where: { action: action.action } })).toMatchObject(action);
});

test('a secret that was sealed before there was a fleet key is sealed for nodes at the next start', async () => {
  const node = await enrolled();
  const [secret] = await secrets();
  const kekId = kekIdOf(it.kek);
  await it.db.secret.update({ where: { id: secret?.id ?? '' }, data: { wraps: { [kekId]: secret?.wraps[kekId] ?? '' } } });
  expect(await opened(node.openers())).toBe((await secrets()).length - 1);
  expect(await it.control.startUp.sealAnew()).toBe(1);
  expect(await opened(node.openers())).toBe((await secrets()).length);
});

test('a node can neither choose its state nor take the place of another', async () => {
  const node = await enrolled();
  const engine = createClient(it.engineUrl);
  const report = (id: string, key: string) =>
    engine.$queryRawUnsafe(`select sluice_node_key_report('evil', $1::text, $2::text, '{}'::text[])`, id, key);
  await expect(report(node.id, makeKeyPair().publicKey)).rejects.toThrow('another key has this id');
  await expect(report('node-1', makeKeyPair().publicKey)).rejects.toThrow('not the key of a node');
  await expect(engine.$queryRawUnsafe(`update node_key set state = 'enrolled'`)).rejects.toThrow('permission denied');
  await expect(engine.$queryRawUnsafe(`select sealed from fleet_key`)).rejects.toThrow('permission denied');
  await expect(engine.$queryRawUnsafe(`insert into fleet_share values ('a', 'b', 'c', 'd')`)).rejects.toThrow('permission denied');
  await engine.$disconnect();
  expect(await keyRows()).toMatchObject([{ state: 'enrolled' }]);
});

test('no secret is in a log line, an answer, an audit entry or an export', async () => {
  const hush = ['route-hush-1', 'rule-hush-2', 'proxy-hush-3'];
  const [source] = await it.db.egressSource.findMany();
  const answers = [
    await call('routes.create', {
      domain: 'a.example',
      host: 'h.example',
      port: 25,
      tls: 'required',
      authUsername: 'u',
      authPassword: hush[0],
    }),
    await call('settings.create', { name: 'r', where: {}, values: {}, authPassword: hush[1] }),
    await call('sources.setProxy', {
      id: source?.id,
      proxy: { kind: 'socks5', host: '127.0.0.1', port: 1, username: 'u', password: hush[2] },
    }),
    // Refused, with the secret in it: a name that is taken, and a field that does not exist.
    await call('routes.create', {
      domain: 'a.example',
      host: 'h.example',
      port: 25,
      tls: 'required',
      authUsername: 'u',
      authPassword: hush[0],
    }),
    await call('settings.create', { name: 's', where: {}, values: {}, authPasswordd: hush[1] }),
  ];
  expect(answers.map(({ code }) => code !== null)).toEqual([false, false, false, true, true]);
  const node = await enrolled();
  okay(await call('secrets.rotateFleetKey', {}));
  await it.control.rewrap.run();
  const plains = (await secrets()).flatMap((secret) => {
    const plain = openSecret(secret, { id: kekIdOf(it.kek), key: it.kek });
    return plain.ok ? [Buffer.from(plain.plain).toString()] : [];
  });
  expect(plains).toEqual(expect.arrayContaining(hush));
  const bodies = plains.map((plain) => (plain.startsWith('-----BEGIN') ? (plain.split('\n')[1] ?? plain) : plain));
  const credential = okay<{ password: string }>(
    await call('credentials.create', {
      ...(await it.db.stream.findFirstOrThrow({ select: { tenantId: true } })),
      streamId: (await it.db.stream.findFirstOrThrow()).id,
      username: 'hushed',
    }),
  );
  const verifiers = (await it.db.credential.findMany()).map(({ verifier }) => (verifier as { storedKey: string }).storedKey);
  const wanted = [...bodies, credential.password, ...verifiers, node.pair.privateKey, it.kek.toString('base64'), it.kek.toString('hex')];
  expect(wanted.length).toBeGreaterThan(8);
  const audit = await it.db.auditEntry.findMany();
  const exported: string[] = [];
  for (const format of ['ndjson', 'csv'])
    exported.push(okay<{ text: string }>(await it.call('query', 'audit.export', { format }, 'local')).text);
  const entities = await it.db.configEntity.findMany({ where: { kind: { not: 'credential' } } });
  const told = (value: unknown) => JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field));
  const places = {
    log: it.logged(),
    answers: told(answers),
    audit: told(audit),
    exported: exported.join('\n'),
    entities: told(entities),
    status: told(await status()),
  };
  for (const [place, text] of Object.entries(places))
    for (const secret of wanted) expect([place, text.includes(secret) ? secret.slice(0, 6) : 'nothing']).toEqual([place, 'nothing']);
}, 60_000);
