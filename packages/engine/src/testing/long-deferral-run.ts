// Mail at full rate of which one message in fifty is deferred for five days and then expires. The days are short: the wall clock that the
// engine sees runs thousands of times faster than the machine's, and stands still between two measurements; the files are real. What is
// measured is the disk: what is live, what is used, and what making it small costs.
import type { Clock } from '../ports.ts';
import { defaultSpoolLimits, freeSegments } from '../spool/limits.ts';
import { providerEntity, settingEntity } from './engine-rig.ts';
import { id, poolEntity, sourceEntity, tenantEntities } from './sample-config.ts';
import { shortDays } from './short-days.ts';
import { messageTo, startSpoolEngine, type SpoolEngine } from './spool-engine.ts';

const lifeMs = 5 * 86_400_000;
const deferredOneIn = 50;
const retrySeconds = [300, 900, 3_600, 14_400];
const flowDomains = 20;
const outstanding = 2_000;
const acceptsATurn = 200;
const lookEveryMs = 50;
const messageBytes = Buffer.from(`Subject: flow\r\n\r\n${'x'.repeat(1_000)}\r\n`);

export type LongDeferralFlow = {
  delivered: number;
  ratePerSecond: number;
  attemptsPerSecond: number;
  virtualDays: number;
  entries: number;
  liveBytes: number;
  usedBytes: number;
  /** The most that was used beyond twice what was live and four segments of each kind; below zero the bar held. */
  mostBeyondBarBytes: number;
  /** Live records moved, and entries in the depot at the end. */
  moved: number;
  laidBy: number;
};

export type LongDeferralEngine = {
  flow(flowMs: number): Promise<LongDeferralFlow>;
  stop(): Promise<void>;
};

export type LongDeferral = {
  directory: string;
  /** How long a day is on the machine's clock. */
  dayMs: number;
  /** False: nothing is ever made small. */
  moves: boolean;
  /** Of the journal; those of contents are twice as long. The usual lengths when left out. */
  segmentBytes?: number;
};

export async function startLongDeferral({ directory, dayMs, moves, segmentBytes }: LongDeferral): Promise<LongDeferralEngine> {
  const limits = {
    ...(segmentBytes !== undefined && {
      ...{ journalSegmentBytes: segmentBytes, waitingSegmentBytes: segmentBytes, contentSegmentBytes: segmentBytes * 2 },
    }),
    ...(!moves && { carryBytes: Number.MAX_SAFE_INTEGER }),
  };
  const { journalSegmentBytes, contentSegmentBytes, waitingSegmentBytes } = { ...defaultSpoolLimits, ...limits };
  const slackBytes = freeSegments * (journalSegmentBytes + contentSegmentBytes + waitingSegmentBytes);
  const clock = shortDays(86_400_000 / dayMs);
  const stream = { retrySeconds, expirySeconds: lifeMs / 1_000 };
  const attempts = { count: 0 };
  const running = await startSpoolEngine({
    ...{ directory, clock, limits },
    config: [
      ...[sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }]), ...tenantEntities(1, 1, stream)],
      ...[providerEntity(1, 'swift', 'swift.example'), settingEntity(1, {}, { idleTimeoutMs: 600_000 })],
    ],
    script: {
      chains: true,
      outcome: ({ recipient }) => (recipient.startsWith('full@') ? { kind: 'deferred', bounceClass: 'mailbox_full' } : {}),
      watch: ({ entries }) => void (attempts.count += entries.length),
    },
  });
  const accepted = { count: 0, toDeliver: 0 };
  return {
    async flow(flowMs) {
      clock.run();
      const flow = await measure({ running, clock, accepted, attempts, slackBytes }, flowMs);
      clock.halt();
      return flow;
    },
    stop: () => running.stop(),
  };
}

type Measured = {
  running: SpoolEngine;
  clock: Clock;
  accepted: { count: number; toDeliver: number };
  attempts: { count: number };
  slackBytes: number;
};

async function measure({ running, clock, accepted, attempts, slackBytes }: Measured, flowMs: number): Promise<LongDeferralFlow> {
  const { spool } = running;
  const turn = async (most: number): Promise<void> => {
    const room = Math.min(most, outstanding - (accepted.toDeliver - running.delivered));
    const messages = Array.from({ length: room }, () => {
      const number = accepted.count++;
      const full = number % deferredOneIn === 0;
      if (!full) accepted.toDeliver++;
      const domain = `d${number % flowDomains}.swift.example`;
      return messageTo({ tenant: 1, domain, reader: full ? 'full' : 'reader', bytes: messageBytes, lifeMs, nowMs: clock.nowMs() });
    });
    await running.accept(messages);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const [delivered, tried, atMs, fromMs] = [running.delivered, attempts.count, performance.now(), clock.nowMs()];
  const before = spool.stats().carried + spool.stats().relaid;
  let mostBeyondBarBytes = -Infinity;
  for (let lookMs = atMs; performance.now() < atMs + flowMs;) {
    await turn(acceptsATurn);
    if (performance.now() < lookMs) continue;
    lookMs += lookEveryMs;
    const { journalBytes, contentBytes, waitingBytes, liveBytes } = spool.stats();
    mostBeyondBarBytes = Math.max(mostBeyondBarBytes, journalBytes + contentBytes + waitingBytes - 2 * liveBytes - slackBytes);
  }
  const perSecond = (count: number): number => Math.round((count * 1_000) / (performance.now() - atMs));
  const [ratePerSecond, attemptsPerSecond] = [perSecond(running.delivered - delivered), perSecond(attempts.count - tried)];
  const virtualDays = Math.round(((clock.nowMs() - fromMs) / 86_400_000) * 100) / 100;
  const measured = running.delivered - delivered;
  while (running.delivered < accepted.toDeliver) await turn(0);
  const { journalBytes, contentBytes, waitingBytes, liveBytes, carried, relaid, depotEntries } = spool.stats();
  return {
    ...{ delivered: measured, ratePerSecond, attemptsPerSecond, virtualDays, entries: running.engine.status().entries },
    ...{
      liveBytes,
      usedBytes: journalBytes + contentBytes + waitingBytes,
      mostBeyondBarBytes,
      moved: carried + relaid - before,
      laidBy: depotEntries,
    },
  };
}
