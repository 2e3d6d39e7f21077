// What the commands in force say of one entry as it comes due: that it ends, waits, or leaves by another pool, and which sources it may
// take. Asked only while there are such commands; see commands/commands.ts.
import { automationIssuer, type EngineCommand, type PoolBody, type StreamBody } from '@sluice/contract';
import type { UsableSources } from '@sluice/policy';
import type { MailDimensions } from '../commands/command-index.ts';
import type { WithId } from '../config/generation.ts';
import type { RecipientEntry } from '../entry.ts';
import type { UnsentEnd } from './endings.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { sourceUsable, type Worker } from './worker.ts';

/** All that is known of an entry before its source is chosen; site and provider only while its route is. */
function mailOf(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry, pool: string | undefined): MailDimensions {
  return { ...queueMail(worker, queue), campaign: entry.campaign, pool };
}

export function queueMail(worker: Worker, queue: ScheduledQueue): MailDimensions {
  const answer = worker.router.cached(queue.domain, queue.tlsOptional);
  const route = answer?.kind === 'route' ? answer.route : null;
  const { tenantId: tenant, streamId: stream, campaign, domain } = queue;
  return { tenant, stream, campaign, domain, site: route?.site, provider: route?.provider };
}

/** The id of the pool that the entry leaves through when no command moved it. */
function ownPool(stream: WithId<StreamBody>, entry: RecipientEntry): string | undefined {
  return entry.poolId !== null && stream.poolIds.includes(entry.poolId) ? entry.poolId : stream.poolIds[0];
}

/** The pool of entries that ask for none. */
export function ownPoolOfQueue(worker: Worker, queue: ScheduledQueue): string | undefined {
  return worker.generation().stream(queue.streamId)?.poolIds[0];
}

export function poolFor(
  worker: Worker,
  queue: ScheduledQueue,
  stream: WithId<StreamBody>,
  entry: RecipientEntry,
  nowMs: number,
): WithId<PoolBody> | undefined {
  const own = ownPool(stream, entry);
  const generation = worker.generation();
  if (worker.commands.touchesMail) {
    const moved = worker.commands.movedTo(mailOf(worker, queue, entry, own), entry.acceptedAt, nowMs);
    // A pool that is gone moves nothing.
    const pool = moved === null ? undefined : generation.pool(moved);
    if (pool) return pool;
  }
  return own === undefined ? undefined : generation.pool(own);
}

type Verdict = { kind: 'go' } | { kind: 'hold' } | { kind: 'end'; command: EngineCommand };
const go: Verdict = { kind: 'go' };
const hold: Verdict = { kind: 'hold' };

/** Before a source is chosen. An end goes before a suspension: what is cancelled does not wait for its release. */
export function verdict(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry, pool: string | undefined, nowMs: number): Verdict {
  const { commands } = worker;
  if (!commands.touchesMail) return go;
  const mail = mailOf(worker, queue, entry, pool);
  const ending = commands.ending(mail, entry.acceptedAt, nowMs);
  if (ending) return { kind: 'end', command: ending };
  return commands.holding(mail, nowMs) ? hold : go;
}

/** The sources that may carry an entry now. */
export class PermittedSources implements UsableSources {
  readonly #worker: Worker;
  /** Null where no command asks for it. */
  readonly #mail: MailDimensions | null;
  readonly #nowMs: number;

  constructor(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry, pool: string, nowMs: number) {
    this.#worker = worker;
    this.#mail = worker.commands.touchesMail ? mailOf(worker, queue, entry, pool) : null;
    this.#nowMs = nowMs;
  }

  has(source: string): boolean {
    if (!sourceUsable(this.#worker, source, this.#nowMs)) return false;
    return this.#mail === null || this.#worker.commands.holding({ ...this.#mail, source }, this.#nowMs) === null;
  }
}

/** The command that ends the entry, whatever it waits for; null when none does. */
export function endOf(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry, nowMs: number): EngineCommand | null {
  if (!worker.commands.touchesMail) return null;
  const stream = worker.generation().stream(entry.streamId);
  const pool = stream?.tenantId === entry.tenantId ? poolFor(worker, queue, stream, entry, nowMs) : undefined;
  return worker.commands.ending(mailOf(worker, queue, entry, pool?.id), entry.acceptedAt, nowMs);
}

/** The command that ends the entry on the way through this source; null when none does. */
export function endedBySource(
  worker: Worker,
  queue: ScheduledQueue,
  entry: RecipientEntry,
  way: { pool: string; source: string },
  nowMs: number,
): EngineCommand | null {
  if (!worker.commands.touchesMail) return null;
  return worker.commands.ending({ ...mailOf(worker, queue, entry, way.pool), source: way.source }, entry.acceptedAt, nowMs);
}

/** In the words of whom it is told to. */
export const issuerOf = ({ issuedBy }: EngineCommand): string => (issuedBy === automationIssuer ? 'a rule' : 'an operator');

/** How an entry ends that a command takes out. The text is the operator's, or the rule's. */
export function commandedEnd(command: EngineCommand): UnsentEnd {
  const bounced = command.kind === 'bounce';
  return {
    type: bounced ? 'bounced' : 'cancelled',
    bounceClass: bounced ? 'administrative' : null,
    scope: 'recipient',
    detail: `${bounced ? 'returned' : 'cancelled'} by ${issuerOf(command)}: ${command.reason}`.slice(0, 500),
  };
}
