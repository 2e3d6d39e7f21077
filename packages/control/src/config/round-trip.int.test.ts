// Configuration as text and back: what is exported can be put on an empty installation, where it says the same; and an earlier revision can
// be had again, whatever happened since.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { okay, password, startTestControl, type As, type TestControl } from '../testing/control.ts';
import { makeWorld, type World } from '../testing/world.ts';

let it: TestControl;
let world: World;
beforeEach(async () => {
  it = await startTestControl();
  world = await makeWorld(it);
});
afterEach(() => it.close());

const reason = 'round trip';
type Plan = {
  baseRevision: number;
  items: { name: string; kind: string; action: string; fields: { field: string; from: string | null; to: string | null }[] }[];
  total: number;
  findings: { level: string; about: string; field: string; message: string; line: number | null; column: number | null }[];
  notes: string[];
  counts: { add: number; change: number; remove: number };
  touches: { queues: number; messages: number; sources: string[]; tenants: string[] } | null;
};
const change = (path: string, input: object, on = it) => on.call('mutation', path, { ...input, reason }, 'local');
const made = async (path: string, input: object) => okay<{ id: string }>(await change(path, input)).id;
const exported = async (on = it, sections?: string[]) =>
  okay<{ revision: number; text: string }>(await on.call('query', 'config.export', sections ? { sections } : {}, 'local'));
const planned = async (text: string, mode = 'replace', on = it) =>
  okay<Plan>(await on.call('mutation', 'config.planText', { text, mode }, 'local'));
const head = async (on = it) => on.db.configHead.findFirstOrThrow();
async function apply(text: string, mode = 'replace', on = it) {
  return okay<{ revision: number; counts: Plan['counts'] }>(
    await change('config.applyText', { text, mode, baseRevision: (await head(on)).number }, on),
  );
}

/** One of everything that a text can hold, secrets among it. */
async function furnish(): Promise<void> {
  const { sourceId, poolId, mine } = world;
  okay(
    await change('sources.setProxy', {
      id: sourceId,
      proxy: { kind: 'socks5', host: '127.0.0.1', port: 1080, username: 'u', password: 'hush' },
    }),
  );
  const login = { authUsername: 'relay', authPassword: 'hush' };
  await made('routes.create', {
    domain: '.corp.example',
    host: '127.0.0.1',
    port: 2526,
    ...login,
    alternatives: [{ host: '127.0.0.2', port: 25, preference: 5 }],
  });
  await made('routes.create', { domain: '*', host: '127.0.0.3', port: 25 });
  const values = { skipHosts: ['a.example', '192.0.2.1'], authUsername: 'me' };
  await made('settings.create', {
    name: 'all: "quoted" # yes',
    where: { source: sourceId },
    values,
    authPassword: 'hush',
  });
  await made('settings.create', {
    name: 'slow',
    where: { stream: mine.streamId },
    values: { retry: { kind: 'list', seconds: [60, 300] } },
  });
  await made('limits.create', {
    name: 'cap',
    where: { pool: poolId, provider: 'gmail' },
    by: ['domain'],
    kind: 'daily_cap',
    count: 5,
    zone: 'Europe/Berlin',
  });
  const schedule = {
    kind: 'table',
    stages: [
      { perDay: 5, perHour: null },
      { perDay: 10, perHour: 3 },
    ],
  };
  await made('warmUps.create', {
    name: 'plan',
    sourceIds: [sourceId],
    groups: [{ name: 'All', providers: null }],
    schedule,
    startsOn: '2026-01-01',
  });
  const trigger = { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 100, windowSeconds: 300 };
  await made('automations.create', {
    name: 'move',
    trigger,
    per: 'tenant',
    where: { tenant: mine.tenantId },
    action: { kind: 'move', poolId },
    forSeconds: 600,
  });
}

test('an export put on an empty installation is exported the same, and a plan of it shows nothing', async () => {
  await furnish();
  const { text } = await exported();
  expect(text).not.toMatch(/hush|PRIVATE KEY|storedKey/);
  expect(Object.keys(parse(text) as object)).toEqual([
    'sluice',
    'providers',
    'sources',
    'pools',
    'tenants',
    'streams',
    'domains',
    'selectors',
    'credentials',
    'relays',
    'routes',
    'limits',
    'settings',
    'warmUps',
    'automations',
  ]);
  expect((await planned(text)).total).toBe(0);

  const other = await startTestControl();
  it.atEnd(() => other.close());
  await other.control.startUp.seedFirstStart();
  const before = await planned(text, 'replace', other);
  expect(before.findings.filter(({ level }) => level === 'error')).toEqual([]);
  expect(before.notes.join('\n')).toMatch(/key missing, it does not sign/);
  await apply(text, 'replace', other);
  expect((await exported(other)).text).toBe(text);
  const after = await planned(text, 'replace', other);
  expect({ total: after.total, errors: after.findings.filter(({ level }) => level === 'error') }).toEqual({ total: 0, errors: [] });
  // Other ids, and neither a key nor a verifier.
  expect((await other.db.egressSource.findMany()).map(({ id }) => id)).not.toContain(world.sourceId);
  expect((await other.db.dkimKey.findMany()).map(({ keyMissing, state }) => ({ keyMissing, state }))).toEqual(
    Array(2).fill({ keyMissing: true, state: 'active' }),
  );
  expect((await other.db.credential.findMany()).map(({ verifier }) => verifier)).toEqual([null, null]);
  expect(await other.db.secret.count()).toBe(0);
  // Applying again makes no revision.
  const { number } = await head(other);
  expect((await apply(text, 'replace', other)).revision).toBe(number);
});

test('a broken text, an unknown key and an unknown name are told with line, column and what is expected', async () => {
  const broken = await planned('sluice: 1\nsources:\n  a: [1, 2\n');
  expect(broken.findings[0]).toMatchObject({ level: 'error', about: 'the text', line: 4 });
  const text = [
    'sluice: 1',
    'sources:',
    '  new-1:',
    '    publicAddress: 127.0.9.1',
    '    bindAddress: 127.0.9.1',
    '    family: 4',
    '    ehlo: x.example',
  ];
  const unknown = await planned([...text, ''].join('\n'), 'merge');
  expect(unknown.findings).toContainEqual({
    ...{ level: 'error', about: 'sources new-1', field: 'ehlo', line: 7, column: 5 },
    message: 'unknown key ehlo; expected one of bindAddress, ehloName, enabled, family, minEngine, node, proxy, publicAddress',
  });
  const nowhere = await planned('sluice: 1\npools:\n  p:\n    members:\n      nobody: { weight: 1 }\n', 'merge');
  expect(nowhere.findings).toEqual([
    expect.objectContaining({ about: 'pools p', message: 'there is no source named nobody', line: 5, column: 7 }),
  ]);
  const deep = 'sluice: 1\nsettings:\n  s:\n    values:\n      retry: { kind: list, seconds: [60], jitter: 1 }\n';
  expect((await planned(deep, 'merge')).findings).toEqual([
    expect.objectContaining({ about: 'settings s', field: 'values.retry.jitter', message: 'unknown key jitter', line: 5 }),
  ]);
  expect((await planned('sluice: 1\nsources:\n')).findings).toEqual([
    expect.objectContaining({ message: 'entries by name are expected, or {} for none', line: 2 }),
  ]);
  const section = await planned('sluice: 1\nsourcs: {}\n');
  expect(section.findings[0]).toMatchObject({
    line: 2,
    column: 1,
    message: expect.stringContaining('there is no section sourcs; expected one of providers, sources'),
  });
  expect((await planned('sources: {}\n')).findings[0]?.message).toBe('its first line is expected to be sluice: 1');
  expect((await planned('sluice: 1\nsources: &a\n  b: *a\n')).findings[0]?.level).toBe('error');
  const refused = await change('config.applyText', { text: [...text, ''].join('\n'), mode: 'merge', baseRevision: (await head()).number });
  expect([refused.code, refused.message]).toEqual([
    'BAD_REQUEST',
    expect.stringContaining('line 7, column 5: sources new-1, ehlo: unknown key ehlo'),
  ]);
});

test('a plan names what changes by entity and field, and the mail that it touches', async () => {
  const text = (await exported(it, ['pools', 'limits'])).text
    .replace(/weight: 1\n/, 'weight: 7\n')
    .replace(/(shared limit:[^]*?count: )5/, '$19');
  const plan = await planned(text);
  expect(plan.items).toEqual([
    expect.objectContaining({
      kind: 'pool',
      name: 'shared',
      action: 'change',
      fields: [{ field: 'members.shared-source.weight', from: '1', to: '7' }],
    }),
    expect.objectContaining({ kind: 'limit', name: 'shared limit', action: 'change', fields: [{ field: 'count', from: '5', to: '9' }] }),
  ]);
  expect(plan.counts).toEqual({ add: 0, change: 2, remove: 0 });
  expect(plan.touches?.sources).toContain('shared-source');
  expect(plan.touches?.messages).toBeGreaterThan(0);
  const stale = await change('config.applyText', { text, baseRevision: plan.baseRevision - 1 });
  expect([stale.code, stale.message]).toEqual(['CONFLICT', expect.stringContaining('plan again')]);
  await apply(text);
  expect((await it.db.limitRule.findUniqueOrThrow({ where: { name: 'shared limit' } })).count).toBe(9);
  expect((await planned(text)).total).toBe(0);
});

test('a merged entry changes only what it names, makes what is not there, and takes away what is null', async () => {
  await apply(
    'sluice: 1\nlimits:\n  shared limit: { count: 77 }\n  another: { kind: message_rate, count: 3 }\n  zzyzx limit: null\n',
    'merge',
  );
  const named = { name: { in: ['another', 'shared limit', 'zzyzx limit'] } };
  const limits = await it.db.limitRule.findMany({ where: named, orderBy: { name: 'asc' } });
  expect(limits.map(({ name, count, by }) => [name, count, by])).toEqual([
    ['another', 3, []],
    ['shared limit', 77, ['source']],
  ]);
});

test('what others still need is not taken away, with what needs it', async () => {
  const { text } = await exported(it, ['sources', 'domains', 'tenants']);
  const without = (name: string) => text.replace(new RegExp(`  ${name}:\n(    .*\n)+`), '');
  const sources = await planned(without('shared-source'));
  expect(sources.findings).toContainEqual(
    expect.objectContaining({ level: 'error', about: 'pool shared', message: 'a source that it names does not exist' }),
  );
  const domains = await planned(without('mine.example'));
  expect(domains.findings).toContainEqual(
    expect.objectContaining({ level: 'error', about: 'domain mine.example', message: 'selector s1 still belongs to it' }),
  );
  expect((await change('config.applyText', { text: without('mine.example'), baseRevision: (await head()).number })).code).toBe(
    'BAD_REQUEST',
  );
});

test('a text cannot borrow the secret of something else', async () => {
  const key = await it.db.dkimKey.findFirstOrThrow();
  const route = `sluice: 1\nroutes:\n  thief.example: { host: 127.0.0.1, port: 25, authUsername: x, authPassword: { id: ${key.secretId} } }\n`;
  const answer = await change('config.applyText', { text: route, mode: 'merge', baseRevision: (await head()).number });
  expect([answer.code, answer.message]).toEqual(['BAD_REQUEST', expect.stringContaining('belongs to something else')]);
});

/** Mulberry32: the same edits on every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

test.each([1, 2, 3])('rolling back after 50 random edits restores the content root (seed %i)', async (seed) => {
  await furnish();
  const { number, contentRoot } = await head();
  const below = seeded(seed);
  const { mine, sourceId, poolId, limitId, settingId } = world;
  const pools = [poolId];
  const tenants = [mine.tenantId];
  const limits = [limitId];
  const settings = [settingId];
  const one = (list: string[]) => list[below(list.length)] ?? '';
  const edits: ((n: number) => Promise<unknown>)[] = [
    (n) => change('sources.setEnabled', { id: sourceId, enabled: n % 2 === 0 }),
    async (n) => {
      const source = await made('sources.create', {
        name: `s${n}`,
        publicAddress: `127.0.77.${n}`,
        bindAddress: `127.0.77.${n}`,
        family: 4,
        ehloName: 'a.example',
      });
      pools.push(await made('pools.create', { name: `p${n}`, members: [{ sourceId: source, weight: 1 }] }));
    },
    () => change('pools.setMembers', { id: one(pools), members: [{ sourceId, weight: 1 + below(50) }] }),
    async (n) => tenants.push(await made('tenants.create', { name: `T${n}`, slug: `t${n}` })),
    (n) => change('streams.create', { tenantId: one(tenants), name: `st${n}`, poolIds: [one(pools)] }),
    (n) => change('domains.create', { tenantId: one(tenants), domain: `d${n}.example` }),
    (n) => change('relays.create', { tenantId: mine.tenantId, streamId: mine.streamId, cidr: `10.9.${n}.0/24` }),
    (n) => change('credentials.create', { tenantId: mine.tenantId, streamId: mine.streamId, username: `user${n}` }),
    async (n) =>
      limits.push(await made('limits.create', { name: `l${n}`, where: { pool: one(pools) }, by: [], kind: 'message_rate', count: 1 + n })),
    () => change('limits.update', { id: one(limits), count: 1 + below(1000), perSeconds: 1, burst: null, enabled: true }),
    (n) => change('settings.update', { id: one(settings), name: `renamed ${n}`, where: {}, values: { idleTimeoutMs: 1000 + n } }),
    async (n) =>
      settings.push(
        await made('settings.create', {
          name: n % 3 === 0 ? `rule ${n}` : `shared rule ${n}`,
          where: { tenant: one(tenants) },
          values: { greylistSameSource: false },
        }),
      ),
    async () => {
      const id = settings.length > 1 ? settings.splice(below(settings.length), 1)[0] : undefined;
      if (id !== undefined) okay(await change('settings.delete', { id }));
    },
    (n) => change('routes.create', { domain: `r${n}.example`, host: '127.0.0.1', port: 25 }),
  ];
  for (let n = 0; n < 50; n += 1) {
    const answer = await edits[below(edits.length)]?.(n);
    if (typeof answer === 'object' && answer !== null && 'code' in answer) expect([n, answer.code]).toEqual([n, null]);
  }
  expect((await head()).contentRoot).not.toBe(contentRoot);
  const text = (await exported()).text;
  const plan = okay<Plan>(await it.call('query', 'config.rollBackPlan', { to: number }, 'local'));
  expect(plan.findings.filter(({ level }) => level === 'error')).toEqual([]);
  const back = okay<{ revision: number }>(await change('config.rollBack', { to: number, baseRevision: plan.baseRevision }));
  expect(await head()).toMatchObject({ number: back.revision, contentRoot });
  // And forward again: what was removed comes back under its old ids.
  okay(await change('config.rollBack', { to: plan.baseRevision, baseRevision: back.revision }));
  expect((await exported()).text).toBe(text);
});

test('a rolled back entity whose secret is gone is kept, and said', async () => {
  const id = await made('routes.create', {
    domain: 'gone.example',
    host: '127.0.0.1',
    port: 25,
    authUsername: 'a',
    authPassword: 'secret',
  });
  const { number } = await head();
  okay(await change('routes.delete', { id }));
  const plan = okay<Plan>(await it.call('query', 'config.rollBackPlan', { to: number }, 'local'));
  expect(plan.notes).toEqual([
    'route gone.example: the AUTH password is not here any more; mail that needs it waits until it is given again',
  ]);
  okay(await change('config.rollBack', { to: number, baseRevision: plan.baseRevision, entities: [{ kind: 'route', id }] }));
  expect(await it.db.route.findUnique({ where: { id } })).toMatchObject({ domain: 'gone.example', authUsername: 'a' });
});

test('fifty writers at once lose nothing, and their revisions have no gap', async () => {
  const start = (await head()).number;
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 2 === 0
        ? change('limits.create', { name: `writer ${n}`, where: {}, by: ['source'], kind: 'message_rate', count: n + 1 })
        : change('limits.update', { id: world.limitId, count: n + 1, perSeconds: 1, burst: null, enabled: true }),
    ),
  );
  const revisions = answers.map((answer) => okay<{ revision: number }>(answer).revision);
  expect(revisions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => start + 1 + n));
  expect(await it.db.limitRule.count({ where: { name: { startsWith: 'writer ' } } })).toBe(25);
  // The shared one is as its last writer left it.
  const last = answers.reduce(
    (best, answer, n) =>
      n % 2 === 1 && okay<{ revision: number }>(answer).revision > best.at
        ? { at: okay<{ revision: number }>(answer).revision, count: n + 1 }
        : best,
    { at: 0, count: 0 },
  );
  expect((await it.db.limitRule.findUniqueOrThrow({ where: { id: world.limitId } })).count).toBe(last.count);
});

test('a section that is managed elsewhere is changed by its own texts only, until it is unlocked', async () => {
  okay(await change('config.lock', { section: 'limits', name: 'git: mail-config' }));
  const edit = await change('limits.update', { id: world.limitId, count: 6, perSeconds: 1, burst: null, enabled: true });
  expect([edit.code, edit.message]).toEqual([
    'CONFLICT',
    expect.stringContaining('limits are managed by git: mail-config (local: round trip)'),
  ]);
  okay(await change('sources.setEnabled', { id: world.sourceId, enabled: false }));
  const text = 'sluice: 1\nlimits:\n  shared limit: { count: 8 }\n';
  const baseRevision = (await head()).number;
  expect((await change('config.applyText', { text, mode: 'merge', baseRevision })).code).toBe('CONFLICT');
  expect((await change('config.applyText', { text, mode: 'merge', baseRevision, lock: 'another' })).code).toBe('CONFLICT');
  okay(await change('config.applyText', { text, mode: 'merge', baseRevision, lock: 'git: mail-config' }));
  expect((await change('config.lock', { section: 'limits', name: 'second' })).code).toBe('CONFLICT');
  okay(await change('config.unlock', { section: 'limits' }));
  okay(await change('limits.update', { id: world.limitId, count: 6, perSeconds: 1, burst: null, enabled: true }));
  const acts = await it.db.auditEntry.findMany({ where: { action: { in: ['config.lock', 'config.unlock'] } }, orderBy: { seq: 'asc' } });
  expect(acts.map(({ action, target }) => [action, target])).toEqual([
    ['config.lock', 'section:limits'],
    ['config.unlock', 'section:limits'],
  ]);
});

test('what changed since the last look is told by name and field, to each operator apart', async () => {
  await it.control.startUp.ensureOwner({ email: 'ann@sluice.example', password });
  const ann = { cookie: (await it.signIn('ann@sluice.example')).cookie };
  const since = async (who: As = ann) =>
    okay<{ since: number | null; total: number; items: Plan['items'] }>(await it.call('query', 'config.sinceLook', undefined, who));
  expect(await since()).toMatchObject({ since: null, total: 0 });
  const { number } = await head();
  okay(await it.call('mutation', 'config.looked', { revision: number }, ann));
  okay(await change('limits.update', { id: world.limitId, count: 6, perSeconds: 1, burst: null, enabled: true }));
  okay(await change('settings.delete', { id: world.settingId }));
  expect(await since()).toMatchObject({
    ...{ since: number, total: 2 },
    items: [
      { kind: 'limit', name: 'shared limit', action: 'change', fields: [{ field: 'count', from: '5', to: '6' }] },
      { kind: 'setting', name: 'shared rule', action: 'remove' },
    ],
  });
  expect(await since('local')).toMatchObject({ since: null });
  const one = okay<{ reason: string; items: Plan['items'] }>(await it.call('query', 'config.revision', { number: number + 1 }, 'local'));
  expect(one).toMatchObject({ reason, items: [{ name: 'shared limit' }] });
  const diff = okay<{ items: Plan['items'] }>(await it.call('query', 'config.diff', { from: number + 1, to: number }, 'local'));
  expect(diff.items).toMatchObject([{ name: 'shared limit', fields: [{ from: '6', to: '5' }] }]);
});

test('a long difference is read in parts that leave nothing out and repeat nothing', async () => {
  const { number } = await head();
  const lines = Array.from({ length: 230 }, (_, n) => `  part ${n}: { kind: daily_cap, count: ${n + 1} }`);
  const text = `sluice: 1\nlimits:\n${lines.join('\n')}\n`;
  okay(await change('config.applyText', { text, mode: 'merge', baseRevision: number }));
  for (const [path, input] of [
    ['config.revision', { number: number + 1 }],
    ['config.diff', { from: number, to: number + 1 }],
  ] as const) {
    const read: Plan['items'] = [];
    for (const skip of [0, 200, 230]) {
      const part = okay<{ total: number; items: Plan['items'] }>(await it.call('query', path, { ...input, skip }, 'local'));
      expect([path, skip, part.total, part.items.length]).toEqual([path, skip, 230, skip === 0 ? 200 : 230 - skip]);
      read.push(...part.items);
    }
    expect(new Set(read.map(({ name }) => name)).size).toBe(230);
  }
});
