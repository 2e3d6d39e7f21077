// Changing configuration: rows, feed, revision and audit entry say one thing, or nothing happened.
import { entityKinds, parseEntity, type EntityBody, type EntityKind } from '@sluice/contract';
import { canonicalJson, emptyContentRoot, nextContentRoot } from '@sluice/contract/content-root';
import { kekIdOf, openSecret } from '@sluice/plane';
import { createPrivateKey } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { okay, startTestControl, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';
import { rows } from './rows.ts';

let it: TestControl;
let world: World;
beforeEach(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
});
afterEach(() => it.close());

const reason = 'configuration test';
const change = (path: string, input: object) => it.call('mutation', path, { ...input, reason }, 'local');

type Newest = Map<string, { kind: EntityKind; id: string; body: unknown }>;

/** The feed replayed from nothing, checking the root of every revision on the way. */
async function replay(): Promise<Newest> {
  const newest: Newest = new Map();
  let root = emptyContentRoot;
  for (const revision of await it.db.configRevision.findMany({ orderBy: { number: 'asc' }, include: { entities: true } })) {
    for (const { kind, id, body } of revision.entities) {
      const key = `${kind}:${id}`;
      root = nextContentRoot(root, kind, id, newest.get(key)?.body ?? null, body);
      if (body === null) newest.delete(key);
      else newest.set(key, { kind: kind as EntityKind, id, body });
    }
    expect([revision.number, root]).toEqual([revision.number, revision.contentRoot]);
  }
  const head = await it.db.configHead.findFirstOrThrow();
  expect(head.contentRoot).toBe(root);
  return newest;
}

/** Every live entity of the feed as its relational rows say it, and no row besides. */
async function expectRowsEqualFeed(): Promise<void> {
  const newest = await replay();
  for (const { kind, id, body } of newest.values()) {
    expect(parseEntity(kind, id, body).ok).toBe(true);
    const fromRows: EntityBody | null = await rows[kind].read(it.db, id);
    expect([kind, canonicalJson(fromRows)]).toEqual([kind, canonicalJson(body)]);
  }
  const counts: Record<EntityKind, Promise<number>> = {
    provider: it.db.provider.count(),
    source: it.db.egressSource.count(),
    pool: it.db.ipPool.count(),
    tenant: it.db.tenant.count(),
    stream: it.db.stream.count(),
    domain: it.db.sendingDomain.count(),
    dkim_key: it.db.dkimKey.count(),
    credential: it.db.credential.count(),
    relay: it.db.relay.count(),
    route: it.db.route.count(),
    limit: it.db.limitRule.count(),
    setting: it.db.settingRule.count(),
    warm_up: it.db.warmUpPlan.count(),
    automation: it.db.automationRule.count(),
  };
  for (const kind of entityKinds) {
    const inFeed = [...newest.values()].filter((entity) => entity.kind === kind).length;
    expect([kind, await counts[kind]]).toEqual([kind, inFeed]);
  }
}

test('after every kind of change the rows equal the feed, and every root its replay', async () => {
  const { mine, sourceId, poolId, limitId } = world;
  const rule = {
    name: 'corp',
    where: { site: 'mx.corp.example', provider: 'gmail' },
    values: { retry: { kind: 'list', seconds: [60, 300] } },
  };
  const setting = okay<{ id: string }>(await change('settings.create', { ...rule, authPassword: 'first' }));
  const gone = okay<{ id: string }>(await change('settings.create', { ...rule, name: 'gone', authPassword: 'second' }));
  okay(await change('settings.update', { id: setting.id, ...rule, values: { tls: 'required' }, enabled: false }));
  okay(await change('settings.delete', { id: gone.id }));
  const route = okay<{ id: string }>(await change('routes.create', { domain: 'corp.example', host: '127.0.0.1', port: 2526 }));
  const smart = { domain: '*', host: 'smart.example', port: 587, tls: 'required', authUsername: 'relay' };
  const alternatives = [{ host: '192.0.2.9', port: 25, preference: 10 }];
  const second = okay<{ id: string }>(await change('routes.create', { ...smart, alternatives, authPassword: 'hush-hush' }));
  okay(await change('routes.update', { ...smart, id: second.id, port: 25, treatAsSecure: true }));
  const proxy = { kind: 'socks5', host: '127.0.0.1', port: 1080, username: 'u' };
  okay(await change('sources.setProxy', { id: sourceId, proxy: { ...proxy, password: 'hush-hush' } }));
  okay(await change('sources.setProxy', { id: sourceId, proxy: { ...proxy, port: 1081 } }));
  expect(JSON.stringify(await it.call('query', 'sources.list', undefined, 'local'))).not.toMatch(/hush|secretId/);
  okay(await change('sources.setEnabled', { id: sourceId, enabled: false }));
  okay(await change('pools.setMembers', { id: poolId, members: [{ sourceId, weight: 7, enabled: false }] }));
  okay(await change('limits.update', { id: limitId, count: 2, perSeconds: 3, burst: 4, enabled: false }));
  okay(await change('credentials.setEnabled', { id: mine.credentialId, enabled: false }));
  okay(await change('routes.delete', { id: route.id }));
  const provider = { key: 'own', name: 'Own', mxSuffixes: ['mx.own.example'] };
  const gmail = await it.db.provider.findUniqueOrThrow({ where: { key: 'gmail' } });
  const own = okay<{ id: string }>(await change('providers.create', { ...provider, cloneOf: gmail.id }));
  okay(await change('providers.update', { id: own.id, name: 'Own', mxSuffixes: ['mx2.own.example'], replyRules: [] }));
  okay(await change('providers.update', { id: gmail.id, name: 'Google', mxSuffixes: gmail.mxSuffixes, replyRules: [] }));
  okay(await change('providers.resetToPreset', { id: gmail.id }));
  const short = okay<{ id: string }>(await change('providers.create', { ...provider, key: 'short' }));
  okay(await change('providers.delete', { id: short.id }));
  const automation = {
    ...{ name: 'slow', trigger: { kind: 'replies', match: { enhanced: ['4.7.*'] }, count: 2, windowSeconds: 3600 } },
    ...{ where: { source: sourceId }, action: { kind: 'suspend' }, forSeconds: 600 },
  };
  const slow = okay<{ id: string }>(await change('automations.create', automation));
  okay(await change('automations.update', { id: slow.id, ...automation, per: 'identity', mode: 'dry_run', alert: true }));
  const [seeded] = okay<{ id: string }[]>(await it.call('query', 'automations.list', undefined, 'local'));
  okay(await change('automations.setMode', { id: seeded?.id, mode: 'off' }));
  okay(await change('automations.toPreset', { id: (await it.db.automationRule.findFirstOrThrow({ where: { edited: false } })).id }));
  const short2 = okay<{ id: string }>(await change('automations.create', { ...automation, name: 'short' }));
  okay(await change('automations.delete', { id: short2.id }));
  const [relay] = okay<{ id: string }[]>(await it.call('query', 'relays.list', { tenantId: mine.tenantId }, 'local'));
  okay(await change('relays.delete', { id: relay?.id }));
  await expectRowsEqualFeed();
});

test('changes at the same time lose nothing: rows, feed and revisions still agree', async () => {
  const { poolId, sourceId } = world;
  const before = await it.db.configHead.findFirstOrThrow();
  const writers = Array.from({ length: 12 }, (_, n) =>
    n % 2 === 0
      ? change('pools.setMembers', { id: poolId, members: [{ sourceId, weight: n }] })
      : change('tenants.create', { name: `T${n}`, slug: `at-once-${n}` }),
  );
  for (const answer of await Promise.all(writers)) okay(answer);
  const after = await it.db.configHead.findFirstOrThrow();
  expect(after.number - before.number).toBe(12);
  await expectRowsEqualFeed();
});

const counts = async () => ({
  head: await it.db.configHead.findFirstOrThrow(),
  audit: await it.db.auditEntry.count(),
  secrets: await it.db.secret.count(),
  members: await it.db.ipPoolMember.count(),
  tenants: await it.db.tenant.count(),
});

test('a change that is refused leaves no row, no revision and no audit entry', async () => {
  const before = await counts();
  const unknown = '01890000-0000-7000-8000-000000000000';
  const { mine, poolId, sourceId } = world;
  const refused: [path: string, input: object, code: string, says: string][] = [
    ['tenants.create', { name: 'Again', slug: 'mine' }, 'CONFLICT', 'mine'],
    ['streams.create', { tenantId: mine.tenantId, name: 'x', poolIds: [unknown] }, 'NOT_FOUND', `pool ${unknown}`],
    ['streams.create', { tenantId: unknown, name: 'x', poolIds: [poolId] }, 'NOT_FOUND', `tenant ${unknown}`],
    ['streams.create', { tenantId: mine.tenantId, name: 'mine-stream', poolIds: [poolId] }, 'CONFLICT', 'mine-stream'],
    ['pools.setMembers', { id: poolId, members: [{ sourceId: unknown, weight: 1 }] }, 'NOT_FOUND', `source ${unknown}`],
    [
      'pools.setMembers',
      {
        id: poolId,
        members: [
          { sourceId, weight: 1 },
          { sourceId, weight: 2 },
        ],
      },
      'BAD_REQUEST',
      'twice',
    ],
    ['pools.create', { name: 'shared', members: [] }, 'CONFLICT', 'shared'],
    ['domains.create', { tenantId: mine.tenantId, domain: 'zzyzx.example' }, 'CONFLICT', 'zzyzx.example is already in use'],
    ['selectors.create', { domainId: mine.domainId, selector: 's1' }, 'CONFLICT', 's1'],
    ['selectors.create', { domainId: mine.domainId, selector: 's2', activate: true }, 'CONFLICT', 'already signs'],
    ['credentials.create', { tenantId: mine.tenantId, streamId: world.theirs.streamId, username: 'cross' }, 'NOT_FOUND', 'stream'],
    ['credentials.create', { tenantId: mine.tenantId, streamId: mine.streamId, username: 'mine-user' }, 'CONFLICT', 'mine-user'],
    ['relays.create', { tenantId: mine.tenantId, streamId: mine.streamId, cidr: '10.66.0.0/16' }, 'CONFLICT', '10.66.0.0/16'],
    ['relays.create', { tenantId: mine.tenantId, streamId: mine.streamId, cidr: '0.0.0.0/0' }, 'BAD_REQUEST', 'cidr'],
    ['relays.create', { tenantId: mine.tenantId, streamId: mine.streamId, cidr: '10.77.0.1/16' }, 'BAD_REQUEST', 'cidr'],
    ['sources.create', { ...source('shared-source', '127.0.9.9') }, 'CONFLICT', 'shared-source'],
    ['sources.create', { ...source('new', '127.0.30.1') }, 'CONFLICT', '127.0.30.1'],
    ['sources.create', { ...source('new', '192.0.2.1') }, 'BAD_REQUEST', 'loopback'],
    ['sources.create', { ...source('new', '::1') }, 'BAD_REQUEST', 'IPv4'],
    ['limits.create', { name: 'l', where: { provider: 'nope' }, by: [], kind: 'connections', count: 1 }, 'NOT_FOUND', 'provider nope'],
    ['limits.create', { name: 'l', where: {}, by: ['tenant'], kind: 'connection_rate', count: 1 }, 'BAD_REQUEST', 'every tenant shares'],
    ['limits.create', { name: 'l', where: { pool: 'nope' }, by: [], kind: 'message_rate', count: 1 }, 'NOT_FOUND', 'pool nope'],
    ['settings.create', { name: 'r', where: { stream: unknown }, values: { dane: false } }, 'NOT_FOUND', `stream ${unknown}`],
    ['settings.create', { name: 'r', where: { domain: 'Not One' }, values: { dane: false } }, 'BAD_REQUEST', 'where.domain'],
    ['settings.create', { name: 'r', where: { pool: poolId }, values: { reset: false } }, 'BAD_REQUEST', 'where'],
    ['settings.create', { name: 'r', where: {}, values: { pipelinning: true } }, 'BAD_REQUEST', 'pipelinning'],
    ['settings.create', { name: 'r', where: {}, values: { authSecretId: unknown } }, 'BAD_REQUEST', 'authSecretId'],
    ['settings.create', { name: 'r', where: {}, values: {} }, 'BAD_REQUEST', 'no value'],
    ['settings.create', { name: 'shared rule', where: {}, values: { reset: false } }, 'CONFLICT', 'shared rule'],
    ['settings.create', { name: 'r', where: {}, values: {}, clientCertificate: 'x'.repeat(200) }, 'BAD_REQUEST', 'clientCertificate'],
    ['settings.update', { id: unknown, name: 'r', where: {}, values: { reset: false } }, 'NOT_FOUND', unknown],
    ['settings.delete', { id: unknown }, 'NOT_FOUND', unknown],
    ['sources.setProxy', { id: sourceId, proxy: { kind: 'socks5', host: '192.0.2.1', port: 1 } }, 'BAD_REQUEST', 'loopback'],
    ['sources.setProxy', { id: sourceId, proxy: { kind: 'socks5', host: '127.0.0.1', port: 1, username: 'u' } }, 'BAD_REQUEST', 'password'],
    ['routes.create', { domain: '*.example', host: 'mx.example', port: 25 }, 'BAD_REQUEST', 'domain'],
    ['routes.create', { domain: '*', host: 'mx.example', port: 25, authUsername: 'u' }, 'BAD_REQUEST', 'password'],
    ['routes.update', { id: unknown, domain: '*', host: 'mx.example', port: 25 }, 'NOT_FOUND', unknown],
    ['commands.issue', { kind: 'resume', scope: { source: sourceId } }, 'CONFLICT', 'not suspended'],
    ['tenants.create', { name: 'Extra', slug: 'extra', surprise: 1 }, 'BAD_REQUEST', 'surprise'],
  ];
  for (const [path, input, code, says] of refused) {
    const answer = await change(path, input);
    expect([path, answer.code]).toEqual([path, code]);
    expect(answer.message).toContain(says);
  }
  expect(await counts()).toEqual(before);
});

const source = (name: string, address: string) => ({
  name,
  publicAddress: address,
  bindAddress: address,
  family: 4,
  ehloName: 'mta.example',
});

test('a failure after the rows were written takes them back, with revision and audit entry', async () => {
  const before = await counts();
  await it.db.$executeRawUnsafe(
    `create function refuse_audit() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$`,
  );
  await it.db.$executeRawUnsafe('create trigger refuse_audit before insert on audit_entry execute function refuse_audit()');
  const answer = await change('tenants.create', { name: 'Half', slug: 'half' });
  expect(answer.code).toBe('INTERNAL_SERVER_ERROR');
  expect(answer.message).not.toContain('disk full');
  expect(it.logged()).toContain('disk full');
  expect(await counts()).toEqual(before);
});

test('an audit entry says who, what, why, from where and which revision', async () => {
  const answer = await change('sources.setEnabled', { id: world.sourceId, enabled: false });
  const { revision } = okay<{ revision: number }>(answer);
  const entry = await it.db.auditEntry.findFirstOrThrow({ where: { requestId: answer.headers.get('x-request-id') ?? '' } });
  expect(entry).toMatchObject({
    actorKind: 'local',
    actor: 'local',
    action: 'sources.setEnabled',
    target: `source:${world.sourceId}`,
    reason,
    address: '127.0.0.1',
    revision,
  });
});

test('a DKIM private key is sealed, belongs to its key, and is in no answer, row, entry or log line', async () => {
  const input = { domainId: world.mine.domainId, selector: 'sealed' };
  const created = await change('selectors.create', input);
  const { id } = okay<{ id: string }>(created);
  const key = await it.db.dkimKey.findUniqueOrThrow({ where: { id } });
  const { ciphertext, wraps, aad } = await it.db.secret.findUniqueOrThrow({ where: { id: key.secretId } });
  const sealed = { id: key.secretId, aad, ciphertext, wraps: wraps as Record<string, string> };
  const opened = openSecret(sealed, { id: kekIdOf(it.kek), key: it.kek });
  if (!opened.ok) throw new Error(opened.code);
  const pem = Buffer.from(opened.plain).toString();
  expect(createPrivateKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(aad).toBe(`dkim_key:${id}`);

  const secretPart = pem.split('\n')[10] ?? '';
  expect(secretPart).toHaveLength(64);
  const listed = await it.call('query', 'selectors.list', {}, 'local');
  const bodies = await it.db.configEntity.findMany();
  const trail = await it.db.auditEntry.findMany({ omit: { seq: true } });
  for (const text of [created, listed, bodies, trail, it.logged()].map((value) => JSON.stringify(value))) {
    expect(text).not.toContain(secretPart);
    expect(text).not.toContain('PRIVATE KEY');
    expect(text).not.toContain(sealed.ciphertext);
  }
  expect(JSON.stringify(listed.data)).not.toContain(key.secretId);
});

test('an SMTP password is answered once and kept nowhere', async () => {
  const { tenantId, streamId } = world.mine;
  const created = await change('credentials.create', { tenantId, streamId, username: 'once' });
  const { password } = okay<{ password: string }>(created);
  const listed = await it.call('query', 'credentials.list', {}, 'local');
  const everything = [listed.data, await it.db.credential.findMany(), await it.db.configEntity.findMany(), it.logged()];
  everything.push(await it.db.auditEntry.findMany({ omit: { seq: true } }));
  expect(JSON.stringify(everything)).not.toContain(password);
  expect(JSON.stringify(listed.data)).not.toContain('storedKey');
});

test('a suspension is in force until it ends or is resumed, and shows on the source', async () => {
  const { sourceId } = world;
  const suspension = async () => {
    const sources = okay<{ id: string; suspension: { reason: string } | null }[]>(
      await it.call('query', 'sources.list', undefined, 'local'),
    );
    return sources.find(({ id }) => id === sourceId)?.suspension;
  };
  const active = async () =>
    okay<{ active: boolean; kind: string }[]>(await it.call('query', 'commands.list', {}, 'local')).map((one) => one.active);
  expect(await suspension()).toBeNull();
  okay(await change('commands.issue', { kind: 'suspend', scope: { source: sourceId }, minutes: 10 }));
  expect(await suspension()).toMatchObject({ reason, issuedBy: 'local' });
  expect(await active()).toEqual([true]);
  okay(await change('commands.issue', { kind: 'resume', scope: { source: sourceId } }));
  expect(await suspension()).toBeNull();
  okay(await change('commands.issue', { kind: 'suspend', scope: { source: sourceId }, minutes: 10 }));
  expect(await active()).toEqual([true, false, false]);
  it.advance(10 * 60_000 + 1);
  expect(await suspension()).toBeNull();
  expect(await active()).toEqual([false, false, false]);
});

test('pages of the audit record follow each other without gap or double', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const input = { limit: 4, ...(cursor === undefined ? {} : { cursor }) };
    const page = okay<{ items: { id: string }[]; nextCursor: string | null }>(await it.call('query', 'audit.list', input, 'local'));
    expect(page.items.length).toBeGreaterThan(0);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const all = await it.db.auditEntry.findMany({ orderBy: { seq: 'desc' }, select: { id: true } });
  expect(seen).toEqual(all.map((entry) => entry.id));
});

test('an id in capitals is the same id, in rows and feed', async () => {
  const { mine, poolId } = world;
  okay(await change('streams.create', { tenantId: mine.tenantId.toUpperCase(), name: 'capitals', poolIds: [poolId.toUpperCase()] }));
  okay(await change('pools.setMembers', { id: poolId.toUpperCase(), members: [{ sourceId: world.sourceId.toUpperCase(), weight: 3 }] }));
  await expectRowsEqualFeed();
});
