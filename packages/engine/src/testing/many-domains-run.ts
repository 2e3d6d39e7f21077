// Very many domains, each with its own MX, all at one provider whose one limit binds them: every domain always has one message waiting, so
// that what is measured is whose turn it is. Costs of processor and memory, and how long the unluckiest lane waits against the mean.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { limitEntity, providerEntity } from './engine-rig.ts';
import { id, poolEntity, sourceEntity, tenantEntities } from './sample-config.ts';
import { messageTo, startSpoolEngine } from './spool-engine.ts';

const lifeMs = 5 * 86_400_000;
/** As many as the listener hands over at once. */
const acceptsATurn = 32;
const unfinishedAccepts = 4_000;
const messageBytes = Buffer.from(`Subject: turn\r\n\r\n${'x'.repeat(1_000)}\r\n`);
const nanosecondsPerMs = 1e6;

export type ManyDomains = { directory: string; domains: number; ratePerSecond: number; sources: number; flowMs: number };
export type ManyDomainsFigures = {
  filledMs: number;
  delivered: number;
  ratePerSecond: number;
  /** From its accept to its delivery, seconds; the longest counts those that still wait as well. */
  meanWaitSeconds: number;
  longestWaitSeconds: number;
  cpuMicroseconds: number;
  cores: number;
  residentMb: number;
  loopDelayP999Ms: number;
  loopDelayMaxMs: number;
};

/** Fills every queue, then lets the limit give turns for `flowMs` and measures these. */
export async function runManyDomains({ directory, domains, ratePerSecond, sources, flowMs }: ManyDomains): Promise<ManyDomainsFigures> {
  const waitingSince = new Float64Array(domains);
  const again: number[] = [];
  const waits = { count: 0, sumMs: 0, longestMs: 0 };
  const numbers = Array.from({ length: sources }, (_, index) => index + 1);
  const from = performance.now();
  const running = await startSpoolEngine({
    directory,
    config: [
      ...numbers.map((number) => sourceEntity(number)),
      poolEntity(
        1,
        numbers.map((number) => ({ sourceId: id(100 + number), weight: 1 })),
      ),
      ...tenantEntities(1, 1),
      providerEntity(1, 'many', 'many.example'),
      limitEntity(1, {
        where: { provider: 'many' },
        by: [],
        kind: 'message_rate',
        count: ratePerSecond,
        perSeconds: 1,
        burst: Math.ceil(ratePerSecond / 20),
      }),
    ],
    script: {
      deliverMs: () => 20,
      chains: true,
      watch({ entries }) {
        for (const { domain } of entries) {
          const number = Number(domain.slice(1, domain.indexOf('.')));
          const waitMs = performance.now() - (waitingSince[number] ?? 0);
          waits.count++;
          waits.sumMs += waitMs;
          waits.longestMs = Math.max(waits.longestMs, waitMs);
          again.push(number);
        }
      },
    },
  });
  const accept = (number: number): ReturnType<typeof messageTo> => {
    waitingSince[number] = performance.now();
    return messageTo({ tenant: 1, domain: `d${number}.many.example`, bytes: messageBytes, lifeMs, nowMs: Date.now() });
  };
  let unfinished = 0;
  const turn = async (taken: number[]): Promise<void> => {
    unfinished += taken.length;
    void running.accept(taken.map(accept)).then(() => (unfinished -= taken.length));
    while (unfinished > unfinishedAccepts) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (let next = 0; next < domains; next += acceptsATurn)
    await turn(Array.from({ length: Math.min(acceptsATurn, domains - next) }, (_, index) => next + index));
  const flow = async (ms: number): Promise<void> => {
    for (const endMs = performance.now() + ms; performance.now() < endMs;)
      if (again.length > 0) await turn(again.splice(0, acceptsATurn));
      else await new Promise((resolve) => setTimeout(resolve, 1));
  };
  const filledMs = Math.round(performance.now() - from);
  // By then all that was accepted while the queues were being filled has had its turn.
  await flow((domains / ratePerSecond) * 1_100);
  Object.assign(waits, { count: 0, sumMs: 0, longestMs: 0 });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [atMs, cpu] = [performance.now(), process.cpuUsage()];
  await flow(flowMs);
  const elapsedMs = performance.now() - atMs;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const inLine = new Set(again);
  let longestMs = waits.longestMs;
  waitingSince.forEach((sinceMs, number) => {
    if (!inLine.has(number)) longestMs = Math.max(longestMs, performance.now() - sinceMs);
  });
  const residentMb = Math.round(process.memoryUsage.rss() / 1e6);
  await running.stop();
  const round = (number: number): number => Math.round(number * 100) / 100;
  return {
    ...{ filledMs, delivered: waits.count, ratePerSecond: Math.round((waits.count * 1_000) / elapsedMs) },
    ...{ meanWaitSeconds: round(waits.sumMs / waits.count / 1_000), longestWaitSeconds: round(longestMs / 1_000) },
    ...{ cpuMicroseconds: Math.round((user + system) / waits.count), cores: round((user + system) / 1_000 / elapsedMs), residentMb },
    loopDelayP999Ms: round(delay.percentile(99.9) / nanosecondsPerMs),
    loopDelayMaxMs: round(delay.max / nanosecondsPerMs),
  };
}
