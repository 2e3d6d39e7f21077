// A node as far as the console can see one: it acknowledges revisions, applies commands, reports a frame a second and ships events, all
// through the node's real end of the plane. Its queue figures follow the clock; nothing is delivered.
import { createHash } from 'node:crypto';
import type { DeliveryEvent, EngineCommand, MetricsFrame, TraceOrder } from '@sluice/contract';
import { tracedSession } from './simulated-trace.ts';
import { answerOf } from './simulated-queues.ts';
import { makeKeyPair, openFleetShare } from '@sluice/plane';
import { openEnginePlane, type EnginePlane, type FleetShare, type LogPosition } from '@sluice/plane/engine';
import type { Configured } from './sample-configuration.ts';

type LiveConfigured = Pick<Configured, 'sources' | 'tenants' | 'warmUpId'>;
const bootId = `boot-${process.pid}`;

export const noDamage: MetricsFrame['damage'] = { entries: 0, injections: 0, stretches: 0, since: null };
export const someDamage = { entries: 1204, injections: 7, stretches: 2, since: Date.parse('2026-02-03T04:05:06Z') };

export class SimulatedNode {
  reporting = true;
  damage: MetricsFrame['damage'] = noDamage;
  #draining = false;
  readonly #pair = makeKeyPair();
  readonly #shares = new Map<string, FleetShare>();
  readonly #plane: EnginePlane;
  readonly #name: string;
  readonly #suspended = new Map<string, number>();
  readonly #counters = { accepted: 0, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0, pathDeferred: 0 };
  readonly #following: { stop(): Promise<void> }[] = [];
  #position: LogPosition | null = null;
  #revision = 0;
  #timer: NodeJS.Timeout | undefined;
  #shipping: Promise<void> = Promise.resolve();

  constructor(databaseUrl: string, name: string) {
    this.#name = name;
    this.#plane = openEnginePlane({ databaseUrl, node: name, log: () => undefined });
  }

  async start(configured: LiveConfigured): Promise<void> {
    this.#following.push(
      this.#plane.config.follow(0, async (delta) => {
        this.#revision = delta.revision;
        return { node: this.#name, revision: delta.revision, contentRoot: delta.contentRoot, status: 'applied', problems: [] };
      }),
      this.#plane.followShares(this.#pair, {
        holds: () => [...this.#shares.values()].flatMap((share) => openFleetShare(this.#pair, share)?.id ?? []),
        take: async (shares) => shares.forEach((share) => this.#shares.set(share.fleetId, share)),
      }),
      this.#plane.commands.follow(async (command) => this.#apply(command)),
      this.#plane.traces.follow((orders) => void this.#trace(orders)),
      this.#plane.questions.follow(async (question) => answerOf(question, configured, Date.now())),
    );
    this.#timer = setInterval(() => this.reporting && this.#plane.frames.publish(this.#frame(configured, Date.now())), 1_000);
  }

  /** Tells each trace one session, once. */
  async #trace(orders: readonly TraceOrder[]): Promise<void> {
    for (const { id } of orders.filter(({ already }) => already.lines === 0)) await this.#plane.traces.write(tracedSession(id, Date.now()));
  }

  #apply(command: EngineCommand) {
    const { source: sourceId } = command.scope;
    if (command.kind === 'drain' || command.kind === 'undrain') this.#draining = command.kind === 'drain';
    else if (sourceId === undefined) {
      // Figures of this node know sources only.
    } else if (command.kind === 'suspend' && command.expiresAt !== null) this.#suspended.set(sourceId, Date.parse(command.expiresAt));
    else this.#suspended.delete(sourceId);
    return { commandId: command.id, node: this.#name, status: 'applied' as const, matched: 37, message: '', at: new Date().toISOString() };
  }

  #frame({ sources, tenants }: LiveConfigured, at: number): MetricsFrame {
    const wave = (seconds: number, height: number): number => Math.round((1 + Math.sin(at / 1000 / seconds)) * height);
    const domains = ['gmail.com', 'yahoo.com', 'outlook.com', 'corp.example'];
    return {
      node: this.#name,
      bootId,
      at,
      egress: 'sandbox',
      revision: this.#revision,
      accepting: !this.#draining,
      counters: { ...this.#counters },
      queue: { scheduled: 240 + wave(20, 60), ready: 30 + wave(7, 25), inFlight: 4 + wave(3, 4), held: this.#suspended.size * 37 },
      oldestEntryAt: at - 754_000,
      connections: { inbound: 3, outbound: 8 + wave(5, 4) },
      unshippedBytes: wave(4, 900),
      damage: this.damage,
      eventLoopDelayMs: 1.2,
      residentBytes: 186_000_000 + wave(30, 4_000_000),
      sources: sources.map((source, index) => ({
        sourceId: source.id,
        ready: this.#suspended.has(source.id) ? 0 : 6 + index + wave(9, 6),
        inFlight: 2,
        connections: this.#suspended.has(source.id) ? 0 : 2 + (index % 3),
        suspendedUntil: this.#suspended.get(source.id) ?? null,
      })),
      topQueues: domains.flatMap((domain, index) =>
        tenants
          .slice(0, 1)
          .map((tenant) => ({ tenantId: tenant.id, streamId: tenant.streamId, campaign: null, domain, count: 120 - index * 27 })),
      ),
    };
  }

  /** One after the other: each stretch begins where the one before ended. */
  ship(events: readonly DeliveryEvent[]): Promise<void> {
    this.#shipping = this.#shipping.then(() => this.#shipNow(events));
    return this.#shipping;
  }

  async #shipNow(events: readonly DeliveryEvent[]): Promise<void> {
    if (events.length === 0) return;
    const to = { segment: 1, offset: (this.#position?.offset ?? 0) + events.length };
    const stretch = {
      from: this.#position,
      to,
      events: events.map((event) => ({ event, contentHash: createHash('sha256').update(event.id).digest('hex') })),
    };
    const result = await this.#plane.ship({ node: this.#name, worker: '0', logId: bootId }, stretch);
    if (!result.ok || result.refused > 0) throw new Error(`Postgres refused sample events: ${JSON.stringify(result)}`);
    this.#position = to;
    for (const { type } of events) this.#counters[type === 'path_deferred' ? 'pathDeferred' : type] += 1;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#shipping;
    for (const following of this.#following) await following.stop();
    await this.#plane.close();
  }
}
