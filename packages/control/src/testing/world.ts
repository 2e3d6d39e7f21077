// Two tenants with one of everything, and what each procedure may be asked about either of them. Everything of the second tenant carries
// `zzyzx`, so that a single search of an answer shows whether anything of it came through.
import type { ActiveAction, Answer, QueueRow } from '@sluice/contract';
import { channels } from '@sluice/plane';
import { openEnginePlane } from '@sluice/plane/engine';
import type { TestControl } from './control.ts';
import { okay } from './control.ts';

export const marker = 'zzyzx';

export interface TenantThings {
  tenantId: string;
  streamId: string;
  domainId: string;
  credentialId: string;
  entryId: string;
  recipient: string;
}
export interface World {
  it: TestControl;
  mine: TenantThings;
  theirs: TenantThings;
  sourceId: string;
  poolId: string;
  limitId: string;
  settingId: string;
}

type Made = { id: string };

export async function makeWorld(it: TestControl): Promise<World> {
  await it.control.startUp.seedFirstStart();
  const make = async (path: string, input: object): Promise<string> =>
    okay<Made>(await it.call('mutation', path, { ...input, reason: 'test world' }, 'local')).id;
  const source = (name: string, address: string) =>
    make('sources.create', { name, publicAddress: address, bindAddress: address, family: 4, ehloName: `${name}.example` });
  const sourceId = await source('shared-source', '127.0.30.1');
  const hidden = await source(`${marker}-source`, '127.0.30.2');
  const poolId = await make('pools.create', { name: 'shared', members: [{ sourceId, weight: 1 }] });
  const hiddenPool = await make('pools.create', { name: `${marker}-pool`, members: [{ sourceId: hidden, weight: 1 }] });
  const tenant = async (slug: string, poolIds: string[]): Promise<TenantThings> => {
    const tenantId = await make('tenants.create', { name: `Tenant ${slug}`, slug });
    const streamId = await make('streams.create', { tenantId, name: `${slug}-stream`, poolIds });
    const domainId = await make('domains.create', { tenantId, domain: `${slug}.example` });
    const credentialId = await make('credentials.create', { tenantId, streamId, username: `${slug}-user` });
    await make('relays.create', { tenantId, streamId, cidr: slug === marker ? '10.66.0.0/16' : '10.55.0.0/16' });
    await make('selectors.create', { domainId, selector: 's1', activate: true });
    const entryId = `${slug}-message.1`;
    const recipient = `someone@${slug}-customer.example`;
    await addEvents(it, { tenantId, streamId, sourceId, entryId, recipient, slug });
    return { tenantId, streamId, domainId, credentialId, entryId, recipient };
  };
  const mine = await tenant('mine', [poolId]);
  const theirs = await tenant(marker, [poolId, hiddenPool]);
  const limit = { name: `${marker} limit`, where: { tenant: theirs.tenantId }, by: [], kind: 'message_rate', count: 5 };
  await make('limits.create', limit);
  const limitId = await make('limits.create', { name: 'shared limit', where: {}, by: ['source'], kind: 'connections', count: 5 });
  const tenantRule = { where: { tenant: theirs.tenantId }, values: { reportHookUrl: `https://${marker}.example/` } };
  await make('settings.create', { name: `${marker} tenant rule`, ...tenantRule });
  await make('settings.create', { name: `${marker} source rule`, where: { source: hidden }, values: { reset: false } });
  const settingId = await make('settings.create', { name: 'shared rule', where: {}, values: { idleTimeoutMs: 5001 } });
  await addFrame(it, mine, theirs, hidden);
  answerQuestions(it, [mine, theirs]);
  return { it, mine, theirs, sourceId, poolId, limitId, settingId };
}

/** A node that answers with the queues of both tenants, whoever asks: what may be shown is the control plane's to decide. */
function answerQuestions(it: TestControl, tenants: readonly TenantThings[]): void {
  const plane = openEnginePlane({ databaseUrl: it.engineUrl, node: 'node-1', log: () => undefined });
  const rowOf = (things: TenantThings): QueueRow => ({
    ...{ tenantId: things.tenantId, streamId: things.streamId, campaign: null, domain: things.recipient.split('@')[1] ?? '' },
    ...{ state: 'held', count: 9, due: 9, later: 0, ready: 0, inFlight: 0 },
    ...{ oldestAt: null, nextDueAt: null, site: null, provider: null, heldBy: 'suspended by an operator' },
  });
  const following = plane.questions.follow(async (question): Promise<Answer> => {
    if (question.kind === 'count') return { kind: 'count', matched: 9, exact: true, note: '', ready: 0, inFlight: 0 };
    const rows = tenants.map(rowOf);
    if (question.kind === 'limits') return { kind: 'limits', limits: [], total: 0 };
    if (question.kind === 'tls_reports') return { kind: 'tls_reports', from: null, policies: [], total: 0, beyond: 0, reports: [] };
    if (question.kind === 'dkim_records') return { kind: 'dkim_records', records: question.names.map((name) => ({ name, texts: [] })) };
    if (question.kind === 'source_health') return { kind: 'source_health', sources: [], total: 0 };
    if (question.kind === 'active_actions') return { kind: 'active_actions', actions: tenants.map(actionOf), total: tenants.length };
    if (question.kind === 'warm_ups') return { kind: 'warm_ups', plans: [], ladders: [], total: 0, days: [] };
    if (question.kind === 'queues') return { kind: 'queues', queues: rows, total: 1, entries: 9 };
    const row = rows.find((one) => one.tenantId === question.queue.tenantId) ?? null;
    return { kind: 'explain', row, holds: [] };
  });
  it.atEnd(async () => {
    await following.stop();
    await plane.close();
  });
}

/** One action that holds the mail of the tenant. */
function actionOf({ tenantId, recipient }: TenantThings): ActiveAction {
  return {
    ...{ id: tenantId, ruleId: tenantId, ruleName: 'a rule', kind: 'reduce', subject: { tenant: tenantId, provider: 'gmail' } },
    ...{ sentence: `held because of ${recipient}`, startedAt: 1, lastHitAt: 1, endsAt: 2, nextStepAt: 2 },
    ...{ ratePerMinute: 10, fromPerMinute: 20, pinned: false },
  };
}

type EventPlace = { tenantId: string; streamId: string; sourceId: string; entryId: string; recipient: string; slug: string };

async function addEvents(it: TestControl, { tenantId, streamId, sourceId, entryId, recipient, slug }: EventPlace): Promise<void> {
  const reply = { code: 250, enhanced: '2.0.0', text: `ok ${slug}`, command: 'message' };
  const rest = {
    node: 'node-1',
    egress: 'sandbox',
    sizeBytes: 100,
    poolId: null,
    remoteAddress: null,
    scope: 'recipient',
    bounceClass: null,
  };
  const last = { detail: null, tls: null, latencyMs: 5, nextAttemptAt: null, heldCount: null, headerMessageId: null };
  const common = { contentHash: 'x', tenantId, streamId, messageId: `${slug}-message`, entryId, sender: `news@${slug}.example`, recipient };
  const event = (type: string, at: Date) => ({
    ...common,
    id: `node-1/0/${slug}/1/${type}`,
    at,
    type,
    domain: `${slug}-customer.example`,
    sourceId: type === 'accepted' ? null : sourceId,
    body: { ...rest, ...last, attempt: type === 'accepted' ? null : 1, reply: type === 'accepted' ? null : reply },
  });
  const at = it.now();
  await it.db.deliveryEvent.createMany({ data: [event('accepted', at), event('delivered', new Date(at.getTime() + 50))] });
  const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
  await it.db.rollupMinute.createMany({
    data: [{ minute, tenantId, streamId, sourceId, provider: 'gmail', type: 'delivered', count: slug === marker ? 7000n : 3n }],
  });
}

async function addFrame(it: TestControl, mine: TenantThings, theirs: TenantThings, hiddenSource: string): Promise<void> {
  const queue = (things: TenantThings, domain: string) => ({
    tenantId: things.tenantId,
    streamId: things.streamId,
    campaign: null,
    domain,
    count: 9,
  });
  const at = it.now();
  const { number } = await it.db.configHead.findFirstOrThrow();
  const frame = {
    node: 'node-1',
    bootId: 'b',
    at: at.getTime(),
    egress: 'sandbox',
    revision: number,
    accepting: true,
    counters: { accepted: 1, delivered: 1, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 },
    queue: { scheduled: 0, ready: 0, inFlight: 0, held: 0 },
    oldestEntryAt: null,
    connections: { inbound: 0, outbound: 0 },
    unshippedBytes: 0,
    damage: { entries: 0, injections: 0, stretches: 0, since: null },
    eventLoopDelayMs: 1,
    residentBytes: 1,
    sources: [{ sourceId: hiddenSource, ready: 4, inFlight: 2, connections: 1, suspendedUntil: null }],
    topQueues: [queue(mine, 'gmail.com'), queue(theirs, `${marker}-customer.example`)],
  };
  const problems = [{ kind: 'stream', id: theirs.streamId, field: 'name', message: `${marker} is bad` }];
  await it.db.node.create({ data: { name: 'node-1', bootId: 'b', revision: number + 1, ackStatus: 'refused', problems, ackedAt: at } });
  await it.db.metricsFrame.create({ data: { node: 'node-1', at, frame } });
  await it.db.$queryRaw`select pg_notify(${channels.frame}, 'node-1')::text as hint`;
}
