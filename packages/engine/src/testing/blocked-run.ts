// An engine over a spool in which very many entries wait for a provider that answers no connection, while mail for another flows that
// shares nothing, its source, or its source and tenant with them. What is measured is the queue and the spool: start, rate, memory.
import { layByAfterMs } from '../queue/far-entries.ts';
import { ended } from '../spool/testing.ts';
import type { Injection, JournalRecord } from '../entry.ts';
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
const lifeMs = 5 * 86_400_000;
/** Flowing messages accepted and not yet delivered. */
const outstanding = 2_000;
const acceptsATurn = 200;
const firstInJournal = 'first.swift.example';
const firstLaidBy = 'laid.swift.example';
const messageBytes = Buffer.from(`Subject: flow\r\n\r\n${'x'.repeat(1_000)}\r\n`);
/** What waits is small: the length of contents plays no part in a start. */
const smallBytes = Buffer.from(`Subject: wait\r\n\r\n${'x'.repeat(150)}\r\n`);
const lookEveryMs = 100;
const restMs = 5_000;
const maxFirstWaits = 6_000;

const config: SampleEntity[] = [
  ...[1, 2].flatMap((n) => [sourceEntity(n), poolEntity(n, [{ sourceId: id(100 + n), weight: 1 }])]),
  ...[...tenantEntities(1, 1), ...tenantEntities(2, 2), ...tenantEntities(3, 1)],
  ...[providerEntity(1, 'stuck', 'stuck.example'), providerEntity(2, 'swift', 'swift.example')],
];

const smallMessage = (domain: string, messageId: string): Injection =>
  messageTo({ tenant: 1, domain, bytes: smallBytes, lifeMs, nowMs: Date.now() }, messageId);
const flowMessage = (tenant: number, domain: string, messageId?: string): ReturnType<typeof messageTo> =>
  messageTo({ tenant, domain, bytes: messageBytes, lifeMs, nowMs: Date.now() }, messageId);

/** `over`: messages in the journal that are delivered. */
export type BlockedSeed = { entries: number; hours: number; over: number };

const idOf = (n: number): string => `0199dddd-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/**
 * A spool with `count` entries laid by at the blocked provider, due within `hours`, before them one that is due elsewhere, and a journal of
 * mail that is over, behind which one waits that was never tried.
 */
export function seedBlocked(directory: string, { entries: count, hours, over }: BlockedSeed): void {
  const startMs = Date.now();
  seedSpool({
    ...{ directory, node: spoolEngineNode },
    laidBy: {
      count: count === 0 ? 0 : count + 1,
      message: (n) => smallMessage(n === 0 ? firstLaidBy : `d${n % blockedDomains}.stuck.example`, idOf(n)),
      dueAt: (n) => (n === 0 ? startMs : startMs + (((n * 7_919) % 3_600_000) * hours + layByAfterMs)),
    },
    journal: count === 0 ? [] : journalOf(count + 1, over),
  });
}

function* journalOf(first: number, over: number): Generator<{ message: Injection; outcome: JournalRecord | null }> {
  for (let n = first; n < first + over; n += 1)
    yield { message: smallMessage(`d${n % flowDomains}.swift.example`, idOf(n)), outcome: ended(`${idOf(n)}.0`) };
  yield { message: smallMessage(firstInJournal, idOf(first + over)), outcome: null };
}

export type BlockedStart = {
  /** From the start until the due entry at the end of the journal, and the one in the depot, were delivered, milliseconds; null: it was not there. */
  firstMs: number | null;
  firstLaidByMs: number | null;
  /** From the start until mail is taken, and until every entry was handed out, milliseconds. */
  startedMs: number;
  allMs: number;
  entries: number;
};
/** `moved`: live records that were written again to make the spool small. */
export type BlockedFlow = { delivered: number; ratePerSecond: number; cpuMicroseconds: number; mostResidentMb: number; moved: number };
/** `heapMb`: of the engine's thread; `buffersMb`: outside the heaps, of both threads. */
export type BlockedMemory = { residentMb: number; heapMb: number; buffersMb: number };

export type BlockedEngine = {
  readonly start: BlockedStart;
  /** Lets mail of the case flow for `warmMs` unmeasured and `flowMs` measured, then until all that was accepted is delivered. */
  flow(which: BlockedCase, warmMs: number, flowMs: number): Promise<BlockedFlow>;
  /** In rest: a few seconds after anything was asked. */
  memory(): Promise<BlockedMemory>;
  entries(): number;
  stop(): Promise<void>;
};

/** Starts the engine over a spool that `seedBlocked` made. */
export async function startBlocked(directory: string): Promise<BlockedEngine> {
  const from = performance.now();
  const firsts = new Map<string, number>();
  const running = await startSpoolEngine({
    ...{ directory, config },
    script: {
      refuse: (path) => (path.provider === 'stuck' ? 'connection timed out' : null),
      deliverMs: () => 1,
      chains: true,
      watch({ entries }) {
        if (firsts.size === 2) return;
        for (const { domain } of entries)
          if (domain === firstInJournal || domain === firstLaidBy) firsts.set(domain, Math.round(performance.now() - from));
      },
    },
  });
  while (running.engine.status().recovering) await new Promise((resolve) => setTimeout(resolve, 10));
  const allMs = Math.round(performance.now() - from);
  const { entries } = running.engine.status();
  for (let waits = 0; entries > 0 && firsts.size < 2 && waits < maxFirstWaits; waits++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    start: {
      ...{ firstMs: firsts.get(firstInJournal) ?? null, firstLaidByMs: firsts.get(firstLaidBy) ?? null },
      ...{ startedMs: running.startedMs, allMs, entries },
    },
    flow: (which, warmMs, flowMs) => flow(running, which, warmMs, flowMs),
    memory: restMemory,
    entries: () => running.engine.status().entries,
    stop: () => running.stop(),
  };
}

async function flow(running: SpoolEngine, which: BlockedCase, warmMs: number, flowMs: number): Promise<BlockedFlow> {
  const deliveredBefore = running.delivered;
  const moved = (): number => running.spool.stats().carried + running.spool.stats().relaid;
  const movedBefore = moved();
  let mostResidentBytes = 0;
  let lookMs = 0;
  let accepted = 0;
  const turn = async (most: number): Promise<void> => {
    const room = Math.min(most, outstanding - (accepted - (running.delivered - deliveredBefore)));
    const messages = Array.from({ length: room }, () => flowMessage(tenantOf[which], `d${accepted++ % flowDomains}.swift.example`));
    await running.accept(messages);
    await new Promise((resolve) => setImmediate(resolve));
    if (performance.now() < lookMs) return;
    lookMs = performance.now() + lookEveryMs;
    mostResidentBytes = Math.max(mostResidentBytes, process.memoryUsage.rss());
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
    mostResidentMb: megabytes(mostResidentBytes),
    moved: moved() - movedBefore,
  };
}

async function restMemory(): Promise<BlockedMemory> {
  await new Promise((resolve) => setTimeout(resolve, restMs));
  const { rss, heapTotal, external } = process.memoryUsage();
  return { residentMb: megabytes(rss), heapMb: megabytes(heapTotal), buffersMb: megabytes(external) };
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
