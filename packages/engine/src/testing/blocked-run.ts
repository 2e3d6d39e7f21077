// An engine over a real spool in which very many entries wait for a provider that answers no connection, while mail for another flows. The
// remotes are simulated, so that what is measured is the queue and the spool: start, rate, memory. The drill `blocked-million` runs it.
import { createConfiguration } from '../config/configuration.ts';
import { createEngine } from '../engine.ts';
import type { Injection } from '../entry.ts';
import { systemClock, systemRandom } from '../host/index.ts';
import type { ConfigFeed } from '../ports.ts';
import { openSpool } from '../spool/index.ts';
import { injection, retried } from '../spool/testing.ts';
import { fakeResolver, providerEntity } from './engine-rig.ts';
import { memoryRecordFile } from './memory-record-file.ts';
import { deltaOf, id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './sample-config.ts';
import { seedSpool } from './seeded-spool.ts';
import { simulatedAttempter } from './simulated-attempter.ts';

/** What the flowing mail has in common with the blocked: nothing, its source, or tenant and source. */
export const blockedCases = ['provider', 'source', 'tenant'] as const;
export type BlockedCase = (typeof blockedCases)[number];
const tenantOf: Record<BlockedCase, number> = { provider: 2, source: 3, tenant: 1 };

const node = 'blocked';
const blockedDomains = 1_000;
const dueWithinSeconds = 3_600;
const lifeMs = 5 * 86_400_000;
/** Flowing messages accepted and not yet delivered. */
const outstanding = 2_000;
const warmMs = 2_000;
const stopMs = 1_000;
const messageBytes = Buffer.from(`Subject: flow\r\n\r\n${'x'.repeat(1_000)}\r\n`);

const config: SampleEntity[] = [
  ...[1, 2].flatMap((n) => [sourceEntity(n), poolEntity(n, [{ sourceId: id(100 + n), weight: 1 }])]),
  ...[...tenantEntities(1, 1), ...tenantEntities(2, 2), ...tenantEntities(3, 1)],
  ...[providerEntity(1, 'stuck', 'stuck.example'), providerEntity(2, 'swift', 'swift.example')],
];

function message(messageId: string, tenant: number, domain: string): Injection {
  const acceptedAt = Date.now();
  const of = { tenantId: id(tenant), streamId: id(300 + tenant), acceptedAt, expiresAt: acceptedAt + lifeMs };
  const recipients = [{ address: `reader@${domain}`, domain, dsn: { notify: 'NEVER', orcpt: null } }];
  return { ...injection(0, { messageId, bytes: messageBytes }), ...of, recipients };
}

/** A spool with `count` entries deferred at the blocked provider, due over the next hour, and behind them one that is due elsewhere. */
export function seedBlocked(directory: string, count: number): void {
  const idOf = (n: number): string => `0199dddd-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
  seedSpool({
    ...{ directory, node, count: count + 1 },
    injection: (n) => message(idOf(n), 1, n === count ? 'first.swift.example' : `d${n % blockedDomains}.stuck.example`),
    deferred: (n) => (n === count ? null : retried(`${idOf(n)}.0`, 1, Date.now() + (n % dueWithinSeconds) * 1_000)),
  });
}

export type BlockedFigures = {
  /** When the due entry at the end of the log was delivered, by the wall clock; null: it was not there. */
  firstDeliveredAt: number | null;
  /** From the start until every entry was handed out, milliseconds. */
  startedMs: number;
  entries: number;
  delivered: number;
  ratePerSecond: number;
  residentMb: number;
};

/** Starts the engine over the spool, lets mail flow for `flowMs`, and stops it. */
export async function runBlocked({
  directory,
  which,
  flowMs,
}: {
  directory: string;
  which: BlockedCase;
  flowMs: number;
}): Promise<BlockedFigures> {
  const log = { info: () => undefined, warn: () => undefined };
  const from = performance.now();
  const clock = systemClock;
  const common = { clock, random: systemRandom };
  const spool = await openSpool({ ...common, directory, node, worker: 0, egress: 'sandbox', thread: true, log: () => undefined });
  const remote = simulatedAttempter(clock, {
    refuse: (path) => (path.provider === 'stuck' ? 'connection timed out' : null),
    deliverMs: () => 1,
  });
  let offer: Parameters<ConfigFeed['follow']>[1] = () => Promise.reject(new Error('nobody follows the feed'));
  const configFeed: ConfigFeed = {
    follow(_revision, fn) {
      offer = fn;
      return { stop: () => Promise.resolve() };
    },
  };
  const configFile = memoryRecordFile();
  const files = { configFile, secretFile: memoryRecordFile() };
  const first = createConfiguration({ node, configFeed, secretFeed: null, ...files, log });
  first.follow();
  await offer(deltaOf(1, config));
  await first.stop();
  const configuration = createConfiguration({ node, configFeed: null, secretFeed: null, ...files, log });
  const nothing = { commandSource: null, questionSource: null, frameSink: null, commandFile: memoryRecordFile() };
  const signer = { sign: () => Promise.resolve(new Uint8Array(0)) };
  const resolver = fakeResolver({ failing: false });
  const engine = createEngine(
    { ...common, ...nothing, log, configuration, spool, resolver, attempter: remote, signer },
    { node, egress: 'sandbox' },
  );

  let delivered = 0;
  let firstDeliveredAt: number | null = null;
  const count = (): void => {
    for (const { atMs, entries } of remote.deliveries) {
      delivered += entries.length;
      if (entries.some(({ domain }) => domain === 'first.swift.example')) firstDeliveredAt ??= atMs;
    }
    // What went out is not kept: it would be counted as memory of the engine.
    remote.deliveries.length = 0;
    remote.connects.length = 0;
  };
  const looking = setInterval(count, 20);
  await engine.start();
  const startedMs = Math.round(performance.now() - from);

  let accepted = 0;
  const deliveredAtStart = delivered;
  const endMs = performance.now() + warmMs + flowMs;
  let measured: { delivered: number; atMs: number } | null = null;
  for (let nowMs = performance.now(); nowMs < endMs; nowMs = performance.now()) {
    count();
    if (measured === null && nowMs >= endMs - flowMs) measured = { delivered, atMs: nowMs };
    const room = outstanding - (accepted - (delivered - deliveredAtStart));
    const turn = Array.from({ length: Math.min(room, 200) }, () => {
      accepted += 1;
      return spool.accept(message(systemRandom.uuid(), tenantOf[which], `d${accepted % 20}.swift.example`));
    });
    for (const { entries } of await Promise.all(turn)) engine.enqueue(entries);
    await new Promise((resolve) => setImmediate(resolve));
  }
  count();
  const seconds = (performance.now() - (measured?.atMs ?? 0)) / 1_000;
  const ratePerSecond = Math.round((delivered - (measured?.delivered ?? 0)) / seconds);
  const residentMb = Math.round(process.memoryUsage.rss() / 1e6);
  const { entries } = engine.status();
  clearInterval(looking);
  await engine.stop(stopMs);
  count();
  await spool.close();
  return { firstDeliveredAt, startedMs, entries, delivered, ratePerSecond, residentMb };
}
