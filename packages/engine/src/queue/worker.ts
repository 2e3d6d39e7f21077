// What the parts of a queue share: the ports they act through and the numbers they keep. One per worker; made by engine.ts.
import type { LimitBook } from '@sluice/policy';
import type { Automation } from '../automation/automation.ts';
import type { Commands } from '../commands/commands.ts';
import type { Decisions } from '../decisions/decisions.ts';
import type { Generation } from '../config/generation.ts';
import type { EgressMode, RecipientEntry } from '../entry.ts';
import type { DeliverySettings } from '@sluice/contract';
import type { ContentFacts } from '../entry.ts';
import type { NameChecks } from '../health/name-checks.ts';
import type { SourceHealth } from '../health/source-health.ts';
import type { Outcomes } from '../outcomes/outcomes.ts';
import type { Attempter, Clock, EngineLog, Random, Spool } from '../ports.ts';
import { settingsOver, type Route } from '../route/route.ts';
import type { Router } from '../route/router.ts';
import type { TlsReports } from '../tls-reports/tls-reports.ts';
import type { Traces } from '../traces/traces.ts';
import type { WarmUps } from '../warm-up/warm-ups.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Agenda } from './agenda.ts';
import type { Greylisting } from './greylisting.ts';
import type { Pressure } from './pressure.ts';
import type { Recorder } from './recorder.ts';
import type { Reporter } from './reporter.ts';
import type { Slices } from './slices.ts';

/** Makes the header that goes in front of a stored message (its DKIM signature); empty when there is no key. */
export interface HeaderSigner {
  sign(facts: ContentFacts, bytes: Uint8Array, entry: RecipientEntry): Promise<Uint8Array>;
}

export type Counters = {
  accepted: number;
  delivered: number;
  deferred: number;
  bounced: number;
  expired: number;
  cancelled: number;
  pathDeferred: number;
  setAside: number;
};

export type Worker = {
  readonly node: string;
  readonly egress: EgressMode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: EngineLog;
  readonly spool: Spool;
  readonly signer: HeaderSigner;
  readonly attempter: Attempter;
  readonly router: Router;
  readonly limits: LimitBook;
  readonly warmUps: WarmUps;
  readonly agenda: Agenda;
  readonly slices: Slices;
  readonly recorder: Recorder;
  readonly reports: Reporter;
  readonly pressure: Pressure;
  readonly counters: Counters;
  /** What is configured now. */
  readonly generation: () => Generation;
  readonly commands: Commands;
  /** Acts by rules on what becomes of attempts. */
  readonly automation: Automation;
  /** What the engine decides by itself is told here. */
  readonly decisions: Decisions;
  /** What becomes of attempts is told here. */
  readonly outcomes: Outcomes;
  readonly health: SourceHealth;
  readonly names: NameChecks;
  readonly greylisting: Greylisting;
  /** After a start: entries are still on their way from the spool. */
  readonly recovering: () => boolean;
  /** Entries that fell due while the engine was away, a second. */
  readonly overduePerSecond: number;
  readonly traces: Traces | null;
  readonly tlsReports: TlsReports | null;
};

/** The settings that hold for mail of the queue through the source over this route. The same object for equal contexts of a generation. */
export function settingsOf(worker: Worker, queue: ScheduledQueue, sourceId: string, route: Route): DeliverySettings {
  const { site, provider } = route;
  const { domain, tenantId: tenant, streamId: stream } = queue;
  const context = { site, domain, source: sourceId, tenant, stream, provider: provider ?? undefined };
  return settingsOver(worker.generation().settings.resolve(context).values, route);
}

/** Whether new mail may leave through the source: it exists, is enabled, is this node's, can send, and is not suspended. */
export function sourceUsable(worker: Worker, sourceId: string, nowMs: number): boolean {
  const source = worker.generation().source(sourceId);
  if (!source || !source.enabled) return false;
  if (source.node !== null && source.node !== worker.node) return false;
  return !worker.health.unfit(sourceId, nowMs) && worker.commands.sourceHeldUntil(sourceId, nowMs) === null;
}
