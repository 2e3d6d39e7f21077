// What a command does at the moment it begins: count what it touches, and apply it to what is ready or held. All else happens as entries
// come due. The work here goes by queues, lanes and paths, never by waiting entries, in slices that give way to the event loop: the command
// is in force from the first of them, so that what comes in while it is applied meets it like all other mail.
import { actionCommandKinds, type CommandScope, type EngineCommand } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import { commandedEnd, ownPoolOfQueue, queueMail } from '../queue/commanded.ts';
import type { Dispatcher } from '../queue/dispatcher.ts';
import type { Lane } from '../queue/lane.ts';
import type { ReadyPath } from '../queue/ready-path.ts';
import type { ScheduledQueue } from '../queue/scheduled-queue.ts';
import { readmission, releaseHeld } from '../queue/rounds.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import { thoseNow, type Sliced } from '../queue/slices.ts';
import type { Worker } from '../queue/worker.ts';
import { scopeMatches } from './command-index.ts';
import { isWarmUpCommand } from './command-rules.ts';
import type { CommandEffects } from './commands.ts';

export type QueueParts = { worker: Worker; scheduler: Scheduler; dispatcher: Dispatcher };
/** `heedIntake` resolves when new mail is met by whether this node is drained. */
export type EffectParts = QueueParts & { arrange: () => void; heedIntake: () => Promise<void> };

/** `exact` false: part of the scope is only decided at dispatch, or is not known now; `note` says which. */
export type Count = { matched: number; exact: boolean; note: string; ready: number; inFlight: number };

/** A queue past the bound of campaigns holds many campaigns: it may match any. */
function laneMatches(scope: CommandScope, lane: Lane): boolean {
  return scopeMatches(scope, { ...lane.dimensions, campaign: lane.queue.mixed ? scope.campaign : lane.queue.campaign });
}

/** Whether the queue may hold mail that the scope touches, as far as can be told without its entries. Its route is asked for last. */
export function queueMatches(worker: Worker, scope: CommandScope, queue: ScheduledQueue): boolean {
  const { tenant, stream, domain, campaign, site, provider } = scope;
  if (tenant !== undefined && queue.tenantId !== tenant) return false;
  if (stream !== undefined && queue.streamId !== stream) return false;
  if (domain !== undefined && queue.domain !== domain) return false;
  if (campaign !== undefined && !queue.mixed && queue.campaign !== campaign) return false;
  if (site === undefined && provider === undefined) return true;
  const mail = queueMail(worker, queue);
  if (mail.site === undefined) return true;
  return (site === undefined || mail.site === site) && (provider === undefined || mail.provider === provider);
}

function pathMatches({ source, site, provider }: CommandScope, { egress }: ReadyPath): boolean {
  return (
    (source === undefined || egress.source.id === source) &&
    (site === undefined || egress.site === site) &&
    (provider === undefined || egress.provider === provider)
  );
}

const isOfAction = ({ kind }: EngineCommand): boolean => actionCommandKinds.some((one) => one === kind);

/** Queues, lanes and paths counted in one step. */
const atOnce = 16;

/** Counts from the counters of queues, lanes and paths. */
export function* counting({ worker, scheduler, dispatcher }: QueueParts, scope: CommandScope): Sliced<Count> {
  let looked = 0;
  const count: Count = { matched: 0, exact: true, note: '', ready: 0, inFlight: 0 };
  if (scope.node !== undefined && scope.node !== worker.node) return count;
  for (const path of thoseNow(dispatcher.paths.paths(), dispatcher.paths.size)) {
    let any = false;
    for (const lane of thoseNow(path.lanes, path.lanes.size)) {
      if (++looked % atOnce === 0) yield;
      if (!laneMatches(scope, lane)) continue;
      any = true;
      count.ready += lane.size;
    }
    if (any) count.inFlight += path.inFlight;
    if (++looked % atOnce === 0) yield;
  }
  if (scope.source !== undefined) {
    count.matched = count.ready + count.inFlight;
    return { ...count, exact: false, note: 'a source is only chosen when mail is sent: this is what is ready or in flight through it now' };
  }
  let unknown = 0;
  let shared = false;
  for (const queue of thoseNow(scheduler.queues(), scheduler.queueCount)) {
    if (++looked % atOnce === 0) yield;
    if (!queueMatches(worker, scope, queue)) continue;
    if ((scope.site !== undefined || scope.provider !== undefined) && queueMail(worker, queue).site === undefined) {
      unknown += queue.count;
      continue;
    }
    if (scope.pool !== undefined && ownPoolOfQueue(worker, queue) !== scope.pool) continue;
    shared ||= scope.campaign !== undefined && queue.mixed;
    if (scope.campaign === undefined || !queue.mixed) count.matched += queue.count;
  }
  const notes: string[] = [];
  if (worker.recovering()) notes.push('after the start entries still come back from the spool: only those that are back are counted');
  if (scope.pool !== undefined) notes.push('entries that ask for another pool of their stream are counted with its first');
  if (shared) notes.push('queues shared by many campaigns are not counted');
  if (unknown > 0) notes.push(`${unknown} entries of domains whose hosts are not known now may match too`);
  return { ...count, exact: notes.length === 0, note: notes.join('; ').slice(0, 300) };
}

export function commandEffects(parts: EffectParts): CommandEffects {
  const { worker, scheduler, dispatcher, arrange, heedIntake } = parts;

  /** Ends the entries of a lane that a command takes out; returns the rest. */
  const endInLane = (lane: Lane, entries: RecipientEntry[]): RecipientEntry[] => {
    const nowMs = worker.clock.nowMs();
    const rest: RecipientEntry[] = [];
    const ended = new Map<EngineCommand, RecipientEntry[]>();
    for (const entry of entries) {
      const command = worker.commands.ending({ ...lane.dimensions, campaign: entry.campaign }, entry.acceptedAt, nowMs);
      if (!command) rest.push(entry);
      else ended.set(command, [...(ended.get(command) ?? []), entry]);
    }
    for (const [command, taken] of ended) void scheduler.endUnsent(lane.queue, taken, commandedEnd(command), nowMs);
    return rest;
  };

  const recall = (scope: CommandScope): Sliced<void> => dispatcher.recall.lanes((lane) => laneMatches(scope, lane), endInLane);

  function* retry({ id, scope }: EngineCommand): Sliced<number> {
    yield* dispatcher.recall.liftRests((path) => someLane(scope, path));
    let due = 0;
    // Taken back while it is applied, it touches no further queue.
    const matches = (queue: ScheduledQueue): boolean => worker.commands.knows(id) && queueMatches(worker, scope, queue);
    if (worker.recovering()) scheduler.arrivals.latecomers.tell(matches);
    yield* readmission(worker, scheduler, (queue) => {
      if (!matches(queue)) return false;
      due += queue.makeDue();
      return true;
    });
    return due;
  }

  function* begin(command: EngineCommand): Sliced<number> {
    const { scope } = command;
    switch (command.kind) {
      case 'suspend': {
        const { matched } = yield* counting(parts, scope);
        if (scope.source !== undefined && Object.keys(scope).length === 1) yield* dispatcher.sourceStopped(scope.source);
        else yield* recall(scope);
        return matched;
      }
      case 'cancel':
      case 'bounce':
      case 'move': {
        const { matched } = yield* counting(parts, scope);
        yield* recall(scope);
        // A source is only chosen at dispatch.
        const looks = command.kind !== 'move' && scope.source === undefined;
        const route = scope.site !== undefined || scope.provider !== undefined;
        yield* readmission(worker, scheduler, (queue) => {
          if (!queueMatches(worker, scope, queue)) return false;
          if (looks) scheduler.inspection.all(queue, route);
          return true;
        });
        return matched;
      }
      case 'retry':
        return yield* retry(command);
      case 'resume':
      case 'withdraw':
        worker.health.commandsChanged(worker.clock.nowMs());
        return yield* releaseHeld(worker, scheduler);
      case 'flush_dns':
        worker.router.flush(scope.domain);
        return 0;
      case 'flush_connections':
        return yield* dispatcher.recall.connections((path) => pathMatches(scope, path));
      case 'use_source':
        return yield* releaseHeld(worker, scheduler);
      case 'probe_source':
        return probe(worker, scope.source ?? null);
      case 'drain':
      case 'undrain':
      case 'warm_up_skip':
      case 'warm_up_step_back':
      case 'warm_up_restart':
      case 'cancel_action':
      case 'pin_action':
      case 'unpin_action':
        return 0;
    }
  }

  return {
    async begin(command) {
      arrange();
      if (isWarmUpCommand(command.kind)) return worker.warmUps.told(command);
      if (isOfAction(command)) return Number(await worker.automation.obey(command));
      const matched = await worker.slices.run(begin(command));
      if (command.kind === 'drain' || command.kind === 'undrain') await heedIntake();
      return matched;
    },
    async count({ scope }) {
      arrange();
      return (await worker.slices.run(counting(parts, scope))).matched;
    },
    ended() {
      worker.health.commandsChanged(worker.clock.nowMs());
      void worker.slices.run(releaseHeld(worker, scheduler));
    },
  };
}

/** Returns how many sources that are out are probed. */
function probe({ generation, names, health }: Worker, sourceId: string | null): number {
  const source = sourceId === null ? undefined : generation().source(sourceId);
  if (source) void names.check(source);
  return health.probeNow(sourceId);
}

function* someLane(scope: CommandScope, path: ReadyPath): Sliced<boolean> {
  if (!pathMatches(scope, path)) return false;
  let looked = 0;
  for (const lane of thoseNow(path.lanes, path.lanes.size)) {
    if (laneMatches(scope, lane)) return true;
    if (++looked % atOnce === 0) yield;
  }
  return false;
}
