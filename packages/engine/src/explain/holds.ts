// What holds a queue, in the order in which an entry meets it on its way out: the node, a command, configuration, the route, the window,
// its sources, the rest of a path, a limit, room, and the time of the next attempt. Read from the state that also decides; nothing is
// kept for it but the last failure of each.
import { maxHoldsAnswered, type EngineCommand, type Hold } from '@sluice/contract';
import { windowOpensAt, type Binding } from '@sluice/policy';
import { issuerOf, ownPoolOfQueue, queueMail } from '../queue/commanded.ts';
import type { Lane } from '../queue/lane.ts';
import { lineDimensions } from '../queue/limit-line.ts';
import { settingsOfQueue } from '../queue/queue-settings.ts';
import type { ScheduledQueue } from '../queue/scheduled-queue.ts';
import type { Worker } from '../queue/worker.ts';
import { warmUpWaits } from '../warm-up/waits.ts';

type Facts = Partial<Omit<Hold, 'kind' | 'detail' | 'clearsAt'>>;
/** Sources of a pool that are named one by one. */
const namedSources = 5;

function holdOf(kind: Hold['kind'], detail: string, clearsAt: number | null, facts: Facts = {}): Hold {
  return {
    kind,
    detail: detail.slice(0, 500),
    clearsAt,
    entries: null,
    sourceId: null,
    commandId: null,
    limit: null,
    reply: null,
    ...facts,
  };
}

const endMs = (command: EngineCommand): number | null => (command.expiresAt === null ? null : Date.parse(command.expiresAt));

export function holdsOf(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  const holds = [
    ...nodeHolds(worker),
    ...commandHolds(worker, queue, nowMs),
    ...routeHolds(worker, queue, nowMs),
    ...windowHolds(worker, queue, nowMs),
    ...sourceHolds(worker, queue, nowMs),
  ];
  for (const lane of queue.lanes.values()) {
    if (holds.length >= maxHoldsAnswered) break;
    if (lane.size > 0) holds.push(...laneHolds(worker, lane, nowMs));
  }
  holds.push(...lineHolds(worker, queue, nowMs), ...warmUpHolds(worker, queue));
  const due = queue.waiting - queue.later;
  if (queue.state === 'full')
    holds.push(holdOf('full', 'its share of the ready queue is full; it goes on as that is served', null, { entries: due }));
  if (queue.later > 0) holds.push(waitHold(queue, nowMs));
  return holds.slice(0, maxHoldsAnswered);
}

/** Only of a command that belongs to the tenant: the words of the installation's operators are not for every tenant to read. */
function reasonOf(command: EngineCommand): string {
  return command.scope.tenant === undefined ? '' : `: ${command.reason}`;
}

function finite(ms: number): number | null {
  return Number.isFinite(ms) ? Math.ceil(ms) : null;
}

function nodeHolds({ spool, recorder }: Worker): Hold[] {
  const trouble = spool.trouble();
  if (trouble && !trouble.deliveryMayGoOn)
    return [holdOf('spool', `nothing is sent whose outcome could not be kept: ${trouble.message}`, null)];
  return recorder.full ? [holdOf('spool', 'outcomes wait to be written; sending goes on when they are', null)] : [];
}

function commandHolds(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  const { commands } = worker;
  if (!commands.touchesMail) return [];
  const mail = { ...queueMail(worker, queue), pool: ownPoolOfQueue(worker, queue) };
  const holds: Hold[] = [];
  const ending = commands.ending(mail, queue.bounds.acceptedFromMs, nowMs);
  if (ending) {
    const what = ending.kind === 'bounce' ? 'returned' : 'cancelled';
    holds.push(holdOf('command', `entries are ${what} as they come due${reasonOf(ending)}`, null, { commandId: ending.id }));
  }
  const holding = commands.holding(mail, nowMs);
  if (holding) {
    const facts = { commandId: holding.id, entries: queue.waiting };
    const action = worker.automation.actionOfCommand(holding.id);
    if (action) holds.push(holdOf('automation', `suspended by the rule ${action.ruleName}${reasonOf(holding)}`, endMs(holding), facts));
    else holds.push(holdOf('command', `suspended by ${issuerOf(holding)}${reasonOf(holding)}`, endMs(holding), facts));
  }
  return holds;
}

function routeHolds(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  if (queue.state === 'resolving')
    return [holdOf('dns', `the hosts of ${queue.domain} are being looked up`, null, { entries: queue.waiting })];
  if (queue.routeAfterMs <= nowMs) return [];
  const detail = `the way to ${queue.domain} is not known: ${queue.routeFailure ?? 'the look-up failed'} (${queue.routeFailures} in a row)`;
  return [holdOf('dns', detail, Math.ceil(queue.routeAfterMs), { entries: queue.waiting })];
}

/** Those whose time has not come, by what the next of them waits for. */
function waitHold(queue: ScheduledQueue, nowMs: number): Hold {
  const { later, parked, lastDeferral: last } = queue;
  const { expiresFromMs } = queue.bounds;
  const options = queue.nextLater?.options;
  const opensAt = options?.window ? windowOpensAt(options.window, nowMs) : nowMs;
  const notes = [
    ...(parked > 0 ? [`${parked} are on disk only until then`] : []),
    ...(Number.isFinite(expiresFromMs) ? [`none ends before ${new Date(expiresFromMs).toISOString()}`] : []),
  ];
  const more = notes.length > 0 ? ` (${notes.join(', ')})` : '';
  const facts = { entries: later };
  const nextMs = finite(queue.nextKnownMs());
  if (queue.nextLater?.attempts === 0 && options?.notBefore && options.notBefore > nowMs)
    return holdOf('window', `${later} wait for the time of their first attempt, as asked with the message${more}`, nextMs, facts);
  if (opensAt > nowMs) return holdOf('window', `${later} wait for the window that came with the message${more}`, nextMs, facts);
  const why = last ? `after ${last.reply ? `${last.reply.code} ${last.reply.text}` : (last.detail ?? 'a failed attempt')}` : 'as scheduled';
  const detail = `${later} wait for their next attempt ${why}`.slice(0, 500 - more.length) + more;
  return holdOf('back_off', detail, nextMs, { ...facts, reply: last?.reply ?? null });
}

function windowHolds(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  const { window } = settingsOfQueue(worker, queue);
  const opensAt = window === null ? nowMs : windowOpensAt(window, nowMs);
  return opensAt > nowMs ? [holdOf('window', 'outside its delivery window', finite(opensAt), { entries: queue.waiting })] : [];
}

/** Only when no source of the pool may send: one of several that cannot holds nothing. */
function sourceHolds(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  const generation = worker.generation();
  const stream = generation.stream(queue.streamId);
  if (!stream) return [holdOf('configuration', 'its stream is not configured on this node', null, { entries: queue.waiting })];
  const poolId = ownPoolOfQueue(worker, queue);
  const pool = poolId === undefined ? undefined : generation.pool(poolId);
  if (!pool) return [holdOf('configuration', 'its stream has no pool that is configured on this node', null, { entries: queue.waiting })];
  const members = pool.members.filter((member) => member.enabled && member.weight > 0);
  const mail = { ...queueMail(worker, queue), pool: pool.id };
  // What holds the whole queue was said before.
  const all = worker.commands.holding(mail, nowMs) !== null;
  const reasons: string[] = [];
  let clearsAt: number | null = null;
  for (const { sourceId } of members) {
    const source = generation.source(sourceId);
    const holding = all ? null : worker.commands.holding({ ...mail, source: sourceId }, nowMs);
    const why = !source
      ? 'not configured'
      : !source.enabled
        ? 'disabled'
        : source.node !== null && source.node !== worker.node
          ? `on node ${source.node}`
          : holding
            ? suspendedBy(worker, holding)
            : worker.health.why(sourceId, nowMs);
    if (why === null) return [];
    reasons.push(`${source?.name ?? sourceId} ${why}`);
    const until = holding && source?.enabled ? endMs(holding) : null;
    if (until !== null) clearsAt = Math.min(clearsAt ?? Infinity, until);
  }
  const named =
    reasons.slice(0, namedSources).join(', ') + (reasons.length > namedSources ? ` and ${reasons.length - namedSources} more` : '');
  const detail = `no source of pool ${pool.name} may send: ${named || 'it has none in use'}`;
  return [holdOf('no_source', detail, clearsAt, { entries: queue.waiting })];
}

/** A rule that suspends a source is named: no operator did it. */
function suspendedBy(worker: Worker, holding: EngineCommand): string {
  const action = worker.automation.actionOfCommand(holding.id);
  return action ? `suspended by the rule ${action.ruleName}` : 'suspended';
}

function laneHolds(worker: Worker, lane: Lane, nowMs: number): Hold[] {
  const { path } = lane;
  const facts = { sourceId: path.egress.source.id, entries: lane.size };
  if (path.connectAfterMs > nowMs && path.open === 0) {
    const { lastFailure } = path;
    const why = lastFailure?.reply
      ? `${lastFailure.reply.code} ${lastFailure.reply.text}`
      : (lastFailure?.detail ?? 'the last connect failed');
    const detail = `${path.egress.site} could not be reached ${path.failures} times in a row: ${why}`;
    return [holdOf('path_rest', detail, Math.ceil(path.connectAfterMs), { ...facts, reply: lastFailure?.reply ?? null })];
  }
  const { limits } = worker;
  const connections =
    path.open + path.connecting > 0
      ? []
      : (['connections', 'connection_rate'] as const).flatMap((kind) => limits.binding(kind, path.dimensions, nowMs));
  const rates = limits.binding('mail', lane.dimensions, nowMs);
  return [...connections, ...rates].map((binding) => limitHold(worker, binding, facts));
}

/** Of a queue that stands in line at a limit itself. */
function lineHolds(worker: Worker, queue: ScheduledQueue, nowMs: number): Hold[] {
  const answer = queue.state === 'in_line' ? worker.router.cached(queue.domain) : null;
  if (answer?.kind !== 'route') return [];
  const dimensions = lineDimensions(worker, queue, ownPoolOfQueue(worker, queue) ?? '', answer.route);
  const facts = { entries: queue.waiting - queue.later };
  return worker.limits.binding('mail', dimensions, nowMs).map((binding) => limitHold(worker, binding, facts));
}

/** Of a queue that waits for sources that warm up. */
function warmUpHolds(worker: Worker, queue: ScheduledQueue): Hold[] {
  if (queue.state !== 'warm_up' || !queue.waitsInLine) return [];
  const entries = queue.waiting - queue.later;
  return warmUpWaits(worker, queue.waitsInLine, queue.engaged).map(({ detail, clearsAt, sourceId }) =>
    holdOf('warm_up', detail, clearsAt, { entries, sourceId }),
  );
}

function limitHold(worker: Worker, binding: Binding, facts: Facts): Hold {
  const { id, kind, used, of, perSeconds, clearsAt } = binding;
  const name = worker.generation().limit(id)?.name ?? worker.limits.rule(id)?.name ?? id;
  const isRate = kind === 'message_rate' || kind === 'byte_rate' || kind === 'connection_rate';
  const rate = isRate ? perSeconds : null;
  const action = worker.automation.actionOfLimit(id);
  if (action) {
    const detail = `slowed down by the rule ${action.ruleName}: ${action.sentence}`;
    const limit = { id, name: `rule ${action.ruleName}`, used, of, perSeconds: rate };
    return holdOf('automation', detail, clearsAt === null ? null : Math.ceil(clearsAt), { ...facts, limit });
  }
  return holdOf('limit', `limit ${name}: ${useText(worker, binding)}`, clearsAt === null ? null : Math.ceil(clearsAt), {
    ...facts,
    limit: { id, name, used, of, perSeconds: rate },
  });
}

function useText({ limits }: Worker, { id, kind, used, of, count, perSeconds }: Binding): string {
  switch (kind) {
    case 'connections':
      return `${used} of ${of} connections are open`;
    case 'hourly_cap':
    case 'daily_cap':
      return `${used} of ${of} recipients of the ${kind === 'daily_cap' ? 'day' : 'hour'} (${limits.rule(id)?.zone ?? 'UTC'})`;
    case 'connection_rate':
      return `${count} connections in ${perSeconds} s, all of it used`;
    case 'byte_rate':
      return `${count} bytes in ${perSeconds} s, all of it used`;
    case 'message_rate':
      return `${count} in ${perSeconds} s, all of it used`;
  }
}
