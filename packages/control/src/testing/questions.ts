// For every procedure an input about one tenant's things, new at each call, so that an allowed call succeeds and a refused one would have.
import { configQuestions } from './config-questions.ts';
import { okay, password, type As } from './control.ts';
import { fresh, next, reason, type Question } from './question.ts';
import { aKeylessSelector } from './keyless-selector.ts';
import { secretQuestions } from './secret-questions.ts';
import type { TenantThings, World } from './world.ts';

const freshNetwork = (): string => {
  const n = next();
  return `10.${64 + (n >> 8)}.${n & 255}.0/24`;
};
/** An Analyst nobody else knows, signed in or not. */
async function anAccount(world: World): Promise<{ id: string; email: string }> {
  const account = someone();
  const { id } = okay<{ id: string }>(await world.it.call('mutation', 'users.create', { ...account, role: 'analyst' }, 'local'));
  return { id, email: account.email };
}

/** Of the caller, where it is a person with a cookie. */
async function anotherSession({ it }: World, caller: As): Promise<string> {
  const cookie = caller !== null && caller !== 'local' && 'cookie' in caller ? caller.cookie : '';
  const token = decodeURIComponent(cookie.split('=', 2)[1] ?? '').split('.', 1)[0] ?? '';
  const mine = await it.db.session.findUnique({ where: { token } });
  const id = crypto.randomUUID();
  if (mine) await it.db.session.create({ data: { ...mine, id, token: id } });
  return id;
}

async function anInvitation(world: World): Promise<{ id: string }> {
  const { email } = someone();
  return { id: (await asLocal<{ id: string }>(world, 'invitations.create', { email, role: 'analyst' })).id };
}

const someone = () => ({ name: 'Someone', email: `${fresh('someone')}@sluice.example`, password: 'a password long enough' });

async function asLocal<T>(world: World, path: string, input: object): Promise<T> {
  return okay<T>(await world.it.call('mutation', path, { ...input, reason }, 'local'));
}

/** The only one, so that no bound is met. */
async function aTrace({ it }: World, { tenantId, streamId }: TenantThings): Promise<string> {
  await it.db.protocolTrace.deleteMany();
  const id = crypto.randomUUID();
  const bounds = { sessions: 1, lines: 1, startedAt: it.now(), expiresAt: new Date(it.now().getTime() + 60_000) };
  await it.db.protocolTrace.create({
    data: { id, tenantId, scope: { tenant: tenantId, stream: streamId }, reason, startedBy: 'someone', ...bounds },
  });
  return id;
}

async function aDecision({ it }: World, tenantId: string): Promise<void> {
  const sentence = `tenant ${tenantId} was slowed down`;
  const what = { kind: 'automation', action: 'reduce', subject: { tenant: tenantId }, sentence, alert: true };
  await it.db.decision.create({ data: { id: crypto.randomUUID(), at: it.now(), node: 'node-1', tenantId, ...what } });
}

/** The caller's own where it may make one, for a new secret is its maker's alone. */
const aKey: Question = async (world, { tenantId }, caller) => {
  const key = { name: fresh('key'), scopes: ['sources:read'], tenantId, reason };
  const made = await world.it.call('mutation', 'keys.create', key, caller);
  const { id } = made.code === null ? okay<{ id: string }>(made) : await asLocal<{ id: string }>(world, 'keys.create', key);
  return { id, reason };
};

const anAutomation = {
  trigger: { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 100, windowSeconds: 300 },
  ...{ per: 'source_provider', action: { kind: 'alert' }, forSeconds: 600 },
};
async function anAutomationRule(world: World): Promise<string> {
  return (await asLocal<{ id: string }>(world, 'automations.create', { name: fresh('automation'), ...anAutomation })).id;
}

async function aProvider(world: World): Promise<{ id: string }> {
  const provider = { key: fresh('provider'), name: 'One of our own', mxSuffixes: [`${fresh('mx')}.example`] };
  return { id: (await asLocal<{ id: string }>(world, 'providers.create', provider)).id };
}

/** A plan for a source of its own, which is in a pool. */
async function newWarmUp(world: World) {
  const address = `127.0.41.${next() % 250}`;
  const source = { name: fresh('source'), publicAddress: address, bindAddress: address, family: 4, ehloName: 'mta.example' };
  const { id: sourceId } = await asLocal<{ id: string }>(world, 'sources.create', source);
  await asLocal(world, 'pools.create', { name: fresh('pool'), members: [{ sourceId, weight: 1 }] });
  const schedule = { kind: 'linear', first: 10, step: 10, days: 5 };
  return { name: fresh('warm-up'), sourceIds: [sourceId], groups: [{ name: 'All', providers: null }], schedule, startsOn: '2026-01-01' };
}

async function aWarmUp(world: World): Promise<{ id: string }> {
  return { id: (await asLocal<{ id: string }>(world, 'warmUps.create', await newWarmUp(world))).id };
}

const page = { limit: 200 };
const ofTenant: Question = (_world, { tenantId }) => ({ tenantId });
const nothing: Question = () => undefined;

/** Path -> question. The access test fails when a procedure of the router is missing here. */
export const questions: Readonly<Record<string, Question>> = {
  'session.me': nothing,
  'setup.status': nothing,
  'setup.complete': () => ({ ...someone(), token: 'no such token, but long enough' }),
  'setup.issueLink': nothing,
  'users.list': nothing,
  'users.create': (_world, { tenantId }) => ({ ...someone(), role: 'analyst', tenantId }),
  'users.resetPassword': async (world) => {
    const account = someone();
    okay(await world.it.call('mutation', 'users.create', { ...account, role: 'analyst' }, 'local'));
    return { email: account.email, password: 'another password', reason };
  },
  'users.setGrants': async (world) => {
    const made = await world.it.call('mutation', 'users.create', { ...someone(), role: 'analyst' }, 'local');
    return { id: okay<{ id: string }>(made).id, personalData: true, reason };
  },
  'roles.list': nothing,
  'users.setRole': async (world, { tenantId }) => ({ id: (await anAccount(world)).id, role: 'operator', tenantId, reason }),
  'users.setDisabled': async (world) => ({ id: (await anAccount(world)).id, disabled: true, reason }),
  'users.resetSecondFactor': async (world) => {
    const { id, email } = await anAccount(world);
    await world.it.db.user.update({ where: { id }, data: { secondFactorAt: world.it.now() } });
    return { email, reason };
  },
  'users.sessions': async (world) => ({ userId: (await anAccount(world)).id }),
  'users.revokeSession': async (world) => ({ userId: (await anAccount(world)).id, sessionId: null, reason }),
  'users.policy': nothing,
  'users.setPolicy': () => ({ secondFactorGraceDays: 14, reason }),
  'session.confirm': () => ({ secret: password }),
  'session.list': nothing,
  'session.revoke': async (world, _of, caller) => ({ sessionId: await anotherSession(world, caller) }),
  'session.revokeOthers': nothing,
  'session.changePassword': () => ({ current: password, next: password }),
  'secondFactor.status': nothing,
  'secondFactor.begin': nothing,
  'secondFactor.enable': () => ({ code: '000000' }),
  'secondFactor.remove': () => ({ reason }),
  'secondFactor.renewCodes': nothing,
  'invitations.list': nothing,
  'invitations.create': (_world, { tenantId }) => ({ email: someone().email, role: 'analyst', tenantId, reason }),
  'invitations.revoke': async (world) => ({ ...(await anInvitation(world)), reason }),
  'invitations.accept': () => ({ token: 'no such token, but long enough', name: 'Someone', password: 'a password long enough' }),
  'keys.list': () => page,
  'keys.grantable': nothing,
  'keys.create': (_world, { tenantId }) => ({ name: fresh('key'), scopes: ['sources:read'], tenantId, reason }),
  'keys.rotate': aKey,
  'keys.revoke': aKey,
  'tenants.list': nothing,
  'tenants.create': () => ({ name: 'New', slug: fresh('new'), reason }),
  'streams.list': ofTenant,
  'streams.create': ({ poolId }, { tenantId }) => ({ tenantId, name: fresh('stream'), poolIds: [poolId], reason }),
  'domains.list': ofTenant,
  'domains.create': (_world, { tenantId }) => ({ tenantId, domain: `${fresh('domain')}.example`, reason }),
  'selectors.list': ofTenant,
  'selectors.check': async ({ it }, { domainId }) => {
    const key = await it.db.dkimKey.findFirstOrThrow({ where: { sendingDomainId: domainId } });
    return { ids: [key.id] };
  },
  'selectors.giveKey': aKeylessSelector,
  'selectors.create': (_world, { domainId }) => ({ domainId, selector: fresh('s'), reason }),
  'credentials.list': ofTenant,
  'credentials.create': (_world, { tenantId, streamId }) => ({ tenantId, streamId, username: fresh('user'), reason }),
  'credentials.setEnabled': (_world, { credentialId }) => ({ id: credentialId, enabled: true, reason }),
  'relays.list': ofTenant,
  'relays.create': (_world, { tenantId, streamId }) => ({ tenantId, streamId, cidr: freshNetwork(), reason }),
  'relays.delete': async (world, { tenantId, streamId }) => {
    const made = await asLocal<{ id: string }>(world, 'relays.create', { tenantId, streamId, cidr: freshNetwork() });
    return { id: made.id, reason };
  },
  'sources.list': nothing,
  'sources.health': nothing,
  'sources.create': () => {
    const address = `127.0.40.${next() % 250}`;
    return { name: fresh('source'), publicAddress: address, bindAddress: address, family: 4, ehloName: 'mta.example', reason };
  },
  'sources.bulk': () => {
    const from = { kind: 'network', cidr: `127.0.${42 + (next() % 200)}.1/32`, name: fresh('bulk'), ehlo: 'mta.example' };
    return { from, dryRun: false, reason };
  },
  'sources.setEnabled': ({ sourceId }) => ({ id: sourceId, enabled: true, reason }),
  'sources.setProxy': ({ sourceId }) => ({ id: sourceId, proxy: { kind: 'haproxy', host: '127.0.0.1', port: 5000 }, reason }),
  'pools.list': nothing,
  'pools.create': () => ({ name: fresh('pool'), members: [], reason }),
  'pools.setMembers': ({ poolId, sourceId }) => ({ id: poolId, members: [{ sourceId, weight: 1 }], reason }),
  'providers.list': nothing,
  'providers.get': aProvider,
  'providers.create': () => ({ key: fresh('provider'), name: 'New', mxSuffixes: [`${fresh('mx')}.example`], reason }),
  'providers.update': async (world) => {
    const { id } = await aProvider(world);
    return { id, name: 'Renamed', mxSuffixes: [`${fresh('mx')}.example`], replyRules: [], reason };
  },
  'providers.delete': async (world) => ({ ...(await aProvider(world)), reason }),
  'providers.resetToPreset': async ({ it }) => ({ id: (await it.db.provider.findUniqueOrThrow({ where: { key: 'gmail' } })).id, reason }),
  'limits.list': nothing,
  'limits.create': () => ({ name: fresh('limit'), where: {}, by: ['source'], kind: 'connections', count: 1, reason }),
  'limits.update': ({ limitId }) => ({ id: limitId, count: 6, perSeconds: 1, burst: 0, enabled: true, reason }),
  'limits.delete': async (world) => {
    const limit = { name: fresh('limit'), where: {}, by: [], kind: 'daily_cap', count: 10, zone: 'Europe/Berlin' };
    return { id: (await asLocal<{ id: string }>(world, 'limits.create', limit)).id, reason };
  },
  'limits.use': nothing,
  'settings.list': nothing,
  'settings.effective': ({ sourceId }, { tenantId, streamId, recipient }) => {
    return { domain: recipient.split('@')[1], sourceId, tenantId, streamId };
  },
  'settings.create': () => ({ name: fresh('rule'), where: {}, values: { pipelining: false }, reason }),
  'settings.update': ({ settingId }) => ({ id: settingId, name: 'shared rule', where: {}, values: { idleTimeoutMs: 5001 }, reason }),
  'settings.delete': async (world) => {
    const rule = { name: fresh('rule'), where: {}, values: { pipelining: false } };
    return { id: (await asLocal<{ id: string }>(world, 'settings.create', rule)).id, reason };
  },
  'routes.list': nothing,
  'routes.create': () => ({ domain: `${fresh('route')}.example`, host: '127.0.0.1', port: 2526, reason }),
  'routes.update': async (world) => {
    const route = { domain: `${fresh('route')}.example`, host: '127.0.0.1', port: 2526 };
    return { ...route, id: (await asLocal<{ id: string }>(world, 'routes.create', route)).id, port: 25, reason };
  },
  'routes.delete': async (world) => {
    const route = { domain: `${fresh('route')}.example`, host: '127.0.0.1', port: 2526 };
    return { id: (await asLocal<{ id: string }>(world, 'routes.create', route)).id, reason };
  },
  'commands.preview': (_world, { streamId }) => ({ kind: 'suspend', scope: { stream: streamId } }),
  'commands.issue': (_world, { streamId }) => ({ kind: 'suspend', scope: { stream: streamId }, minutes: 5, reason }),
  'commands.purge': (_world, { streamId }) => ({ kind: 'cancel', scope: { stream: streamId }, confirm: 9, reason }),
  'commands.withdraw': async (world, { streamId }) => {
    const scope = { stream: streamId, domain: `${fresh('held')}.example` };
    return { id: (await asLocal<{ commandId: string }>(world, 'commands.issue', { kind: 'suspend', scope })).commandId, reason };
  },
  'traces.start': async (world, { streamId }) => {
    await world.it.db.protocolTrace.deleteMany();
    return { scope: { stream: streamId }, minutes: 1, reason };
  },
  'traces.stop': async (world, things) => ({ id: await aTrace(world, things), reason }),
  'traces.list': async (world) => {
    await aTrace(world, world.theirs);
    return { limit: 50 };
  },
  'traces.lines': async (world, things) => {
    const id = await aTrace(world, things);
    await world.it.db.protocolTraceLine.create({
      data: {
        ...{ traceId: id, node: 'node-1', seq: 1, tenantId: things.tenantId, session: 1, at: world.it.now(), sinceMs: 0.5, kind: 'sent' },
        text: `RCPT TO:<${things.recipient}>`,
      },
    });
    return { id };
  },
  'warmUps.list': nothing,
  'warmUps.get': aWarmUp,
  'warmUps.schedules': nothing,
  'warmUps.preview': () => ({ schedule: { kind: 'linear', first: 1, step: 1, days: 3 }, percent: 100, startsOn: '2026-01-01' }),
  'warmUps.create': async (world) => ({ ...(await newWarmUp(world)), reason }),
  'warmUps.update': async (world) => {
    const plan = await newWarmUp(world);
    return { ...plan, id: (await asLocal<{ id: string }>(world, 'warmUps.create', plan)).id, paused: true, reason };
  },
  'warmUps.delete': async (world) => ({ ...(await aWarmUp(world)), reason }),
  'warmUps.setPaused': async (world) => ({ ...(await aWarmUp(world)), paused: true, reason }),
  'warmUps.act': async (world) => ({ ...(await aWarmUp(world)), act: 'skip', reason }),
  'automations.list': nothing,
  'automations.create': () => ({ name: fresh('automation'), ...anAutomation, reason }),
  'automations.update': async (world) => ({ id: await anAutomationRule(world), name: fresh('automation'), ...anAutomation, reason }),
  'automations.setMode': async (world) => ({ id: await anAutomationRule(world), mode: 'dry_run', reason }),
  'automations.delete': async (world) => ({ id: await anAutomationRule(world), reason }),
  'automations.toPreset': async ({ it }) => {
    const seeded = await it.db.automationRule.findFirstOrThrow({ where: { name: 'Tell when recipients complain' } });
    return { id: seeded.id, reason };
  },
  'automations.active': nothing,
  'automations.act': (_world, { tenantId }) => ({ actionId: tenantId, node: 'node-1', act: 'pin_action', reason }),
  'decisions.list': async (world, { tenantId }) => {
    await aDecision(world, tenantId);
    return { limit: 50 };
  },
  'commands.list': () => ({ limit: 50 }),
  'queues.list': (_world, { tenantId }) => ({ scope: { tenant: tenantId } }),
  'queues.explain': (_world, { tenantId, streamId }) => ({
    queue: { tenantId, streamId, campaign: null, domain: 'gmail.com' },
  }),
  'messages.explain': (_world, { entryId }) => ({ entryId }),
  'messages.search': (_world, { recipient }) => ({ recipient, limit: 50 }),
  'messages.timeline': (_world, { entryId }) => ({ entryId }),
  'messages.trace': (_world, { recipient }) => ({ recipient }),
  'overview.outcomes': () => ({ minutes: 60 }),
  'overview.lastEvents': () => ({ limit: 50 }),
  'nodes.list': nothing,
  'nodes.tlsReports': nothing,
  'live.stream': nothing,
  'config.revisions': () => page,
  ...secretQuestions,
  ...configQuestions,
  'audit.list': () => page,
  'audit.search': () => page,
  'audit.export': () => page,
  'audit.chain': () => page,
  'audit.state': nothing,
};
