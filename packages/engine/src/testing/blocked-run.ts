// An engine over a spool in which very many entries wait for a provider that answers no connection, while mail for another flows that
// shares nothing, its source, or its source and tenant with them. What is measured is the queue and the spool: start, rate, memory.
import { layByAfterMs } from '../queue/far-entries.ts';
import { retried } from '../spool/testing.ts';
import { providerEntity } from './engine-rig.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './sample-config.ts';
import { seedSpool } from './seeded-spool.ts';
import { messageTo, spoolEngineNode, startSpoolEngine, type SpoolEngine } from './spool-engine.ts';

/** What the flowing mail has in common with the blocked: nothing, its source, or tenant and source. */
export const blockedCases = ['provider', 'source', 'tenant'] as const;
export type BlockedCase = (typeof blockedCases)[number];
const tenantOf: Record<BlockedCase, number> = { provider: 2, source: 3, tenant: 1 };

const blockedDomains = 1_000;
const flowDomains = 20;
const dueWithinSeconds = 3_600;
const lifeMs = 5 * 86_400_000;
/** Flowing messages accepted and not yet delivered. */
const outstanding = 2_000;
const acceptsATurn = 200;
const firstDomain = 'first.swift.example';
const messageBytes = Buffer.from(`Subject: flow\r\n\r\n${'x'.repeat(1_000)}\r\n`);

const config: SampleEntity[] = [
  ...[1, 2].flatMap((n) => [sourceEntity(n), poolEntity(n, [{ sourceId: id(100 + n), weight: 1 }])]),
  ...[...tenantEntities(1, 1), ...tenantEntities(2, 2), ...tenantEntities(3, 1)],
  ...[providerEntity(1, 'stuck', 'stuck.example'), providerEntity(2, 'swift', 'swift.example')],
];

const flowMessage = (tenant: number, domain: string, messageId?: string): ReturnType<typeof messageTo> =>
  messageTo({ tenant, domain, bytes: messageBytes, lifeMs, nowMs: Date.now() }, messageId);

/** A spool with `count` entries deferred at the blocked provider, due over the next hour, and behind them one that is due elsewhere. */
export function seedBlocked(directory: string, count: number): void {
  const idOf = (n: number): string => `0199dddd-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
  seedSpool({
    ...{ directory, node: spoolEngineNode, count: count + 1 },
    injection: (n) => flowMessage(1, n === count ? firstDomain : `d${n % blockedDomains}.stuck.example`, idOf(n)),
    deferred: (n) => (n === count ? null : deferredUntil(`${idOf(n)}.0`, (n % dueWithinSeconds) * 1_000)),
  });
}

/** As the queue records it. */
function deferredUntil(entryId: string, inMs: number): ReturnType<typeof retried> {
  const { event, change } = retried(entryId, 1, Date.now() + inMs);
  return { event, change: change.kind === 'retry' && inMs > layByAfterMs ? { ...change, deposit: true } : change };
}

export type BlockedStart = {
  /** From the start until the due entry at the end of the log was delivered, milliseconds; null: it was not there. */
  firstMs: number | null;
  /** From the start until mail is taken, and until every entry was handed out, milliseconds. */
  startedMs: number;
  allMs: number;
  entries: number;
};
/** `moved`: live records that were written again to make the spool small. */
export type BlockedFlow = { delivered: number; ratePerSecond: number; cpuMicroseconds: number; residentMb: number; moved: number };

export type BlockedEngine = {
  readonly start: BlockedStart;
  /** Lets mail of the case flow for `warmMs` unmeasured and `flowMs` measured, then until all that was accepted is delivered. */
  flow(which: BlockedCase, warmMs: number, flowMs: number): Promise<BlockedFlow>;
  entries(): number;
  stop(): Promise<void>;
};

/** Starts the engine over a spool that `seedBlocked` made. */
export async function startBlocked(directory: string): Promise<BlockedEngine> {
  const from = performance.now();
  let firstMs: number | null = null;
  const running = await startSpoolEngine({
    ...{ directory, config },
    script: {
      refuse: (path) => (path.provider === 'stuck' ? 'connection timed out' : null),
      deliverMs: () => 1,
      chains: true,
      watch({ entries }) {
        if (firstMs === null && entries.some(({ domain }) => domain === firstDomain)) firstMs = Math.round(performance.now() - from);
      },
    },
  });
  // What is due elsewhere was handed out with the rest; it may still be on its way.
  const seeded = running.engine.status().entries > 0;
  for (let waits = 0; seeded && firstMs === null && waits < 100; waits++) await new Promise((resolve) => setTimeout(resolve, 10));
  while (running.engine.status().recovering) await new Promise((resolve) => setTimeout(resolve, 10));
  const allMs = Math.round(performance.now() - from);
  return {
    start: { firstMs, startedMs: running.startedMs, allMs, entries: running.engine.status().entries },
    flow: (which, warmMs, flowMs) => flow(running, which, warmMs, flowMs),
    entries: () => running.engine.status().entries,
    stop: () => running.stop(),
  };
}

async function flow(running: SpoolEngine, which: BlockedCase, warmMs: number, flowMs: number): Promise<BlockedFlow> {
  const deliveredBefore = running.delivered;
  const movedBefore = running.spool.stats().carried;
  let accepted = 0;
  const turn = async (most: number): Promise<void> => {
    const room = Math.min(most, outstanding - (accepted - (running.delivered - deliveredBefore)));
    const messages = Array.from({ length: room }, () => flowMessage(tenantOf[which], `d${accepted++ % flowDomains}.swift.example`));
    await running.accept(messages);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const runUntil = async (endMs: number): Promise<void> => {
    while (performance.now() < endMs) await turn(acceptsATurn);
  };
  await runUntil(performance.now() + warmMs);
  const [atMs, delivered, cpu] = [performance.now(), running.delivered, process.cpuUsage()];
  await runUntil(atMs + flowMs);
  const used = process.cpuUsage(cpu);
  const measured = running.delivered - delivered;
  const ratePerSecond = Math.round((measured * 1_000) / (performance.now() - atMs));
  while (running.delivered - deliveredBefore < accepted) await turn(0);
  return {
    delivered: measured,
    ratePerSecond,
    cpuMicroseconds: Math.round((used.user + used.system) / Math.max(1, measured)),
    residentMb: Math.round(process.memoryUsage.rss() / 1e6),
    moved: running.spool.stats().carried - movedBefore,
  };
}
