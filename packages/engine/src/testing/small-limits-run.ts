// Small limits under a clock that the run moves: a whole engine, remotes without a network, mail without end for each of them, until each
// has let a thousand units pass. What a wall clock would take days for.
import { engineRig, limitEntity, providerEntity } from './engine-rig.ts';
import { fakeClock } from './fake-clock.ts';
import { id, poolEntity, sourceEntity, tenantEntities } from './sample-config.ts';

const hourMs = 3_600_000;
const start = Date.parse('2026-11-29T00:00:00Z');
const minEvents = 1_000;

type SmallLimit = {
  kind: 'message_rate' | 'hourly_cap' | 'daily_cap';
  count: number;
  perSeconds?: number;
  burst?: number;
  by?: string[];
  zone?: string;
};

const small: SmallLimit[] = [
  { kind: 'message_rate', count: 30, perSeconds: 3_600 },
  { kind: 'message_rate', count: 60, perSeconds: 3_600, burst: 0 },
  { kind: 'message_rate', count: 100, perSeconds: 3_600, burst: 20, by: ['source'] },
  { kind: 'message_rate', count: 50, perSeconds: 3_600, burst: 1, by: ['tenant'] },
  { kind: 'message_rate', count: 4, perSeconds: 60, by: ['site'] },
  { kind: 'message_rate', count: 1, perSeconds: 17, burst: 3, by: ['source', 'domain'] },
  { kind: 'message_rate', count: 1_000, perSeconds: 86_400, by: ['stream'] },
  { kind: 'message_rate', count: 7, perSeconds: 60, burst: 0, by: ['tenant', 'provider'] },
  { kind: 'hourly_cap', count: 40, zone: 'Asia/Kathmandu', by: ['tenant'] },
  { kind: 'daily_cap', count: 500, zone: 'Europe/Berlin' },
];

export type SmallLimitFigures = {
  limit: string;
  events: number;
  /** The most units of any window beyond what is allowed in it. */
  over: number;
  /** Of what the limit lets pass in that time. */
  share: number;
  /** The longest time between two, in times of the ideal; of a rate only. */
  gap: number;
};

/** Runs all of them at once. `hours` of the clock; the slowest has its thousand in 34. */
export async function runSmallLimits(hours = 49): Promise<SmallLimitFigures[]> {
  const clock = fakeClock(start);
  const sentAt = small.map((): number[] => []);
  const rig = await engineRig(
    [
      ...[sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }]), ...tenantEntities(1, 1)],
      ...small.flatMap((limit, n) => [
        providerEntity(n + 1, `p${n}`, `p${n}.example`),
        limitEntity(n + 1, { by: [], ...limit, where: { provider: `p${n}` } }),
      ]),
    ],
    {
      watch: ({ atMs, entries }) => {
        for (const { domain } of entries) sentAt[Number(/^p(\d+)/.exec(domain)?.[1])]?.push(atMs);
      },
    },
    clock,
    { keptLimits: true },
  );
  for (let n = 0; n < small.length; n++) await fill(n, hours);
  for (let hour = 0; hour < hours; hour++) {
    await clock.advance(hourMs);
    rig.frames.length = 0;
  }
  await rig.engine.stop();
  return small.map((limit, n) => figuresOf(`p${n} ${JSON.stringify(limit)}`, limit, sentAt[n] ?? [], hours));

  async function fill(n: number, forHours: number): Promise<void> {
    const { kind, count, perSeconds = 1 } = small[n] ?? { kind: 'message_rate', count: 0 };
    const perHour = kind === 'hourly_cap' ? count : kind === 'daily_cap' ? count / 12 : (count * 3_600) / perSeconds;
    const wanted = Math.min(perHour * forHours + 100, 20_000);
    for (let sent = 0; sent < wanted; sent += 100)
      await rig.inject({ recipients: Array.from({ length: 100 }, (_, one) => `r${sent + one}@p${n}.example`), lifeMs: 14 * 24 * hourMs });
  }
}

function figuresOf(name: string, limit: SmallLimit, times: readonly number[], hours: number): SmallLimitFigures {
  if (limit.kind !== 'message_rate') return ofCap(name, limit, times, hours);
  const intervalMs = ((limit.perSeconds ?? 1) * 1_000) / limit.count;
  const burst = limit.burst ?? (intervalMs >= 10_000 ? 0 : 1);
  let level = 0;
  let over = -Infinity;
  let gap = 0;
  times.forEach((at, index) => {
    const since = at - (times[index - 1] ?? at);
    level = Math.max(0, level - since / intervalMs) + 1;
    over = Math.max(over, level - burst - 1);
    gap = Math.max(gap, since / intervalMs);
  });
  const lastMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return { limit: name, events: times.length, over, share: ((times.length - 1) * intervalMs) / lastMs, gap };
}

function ofCap(name: string, { kind, count }: SmallLimit, times: readonly number[], hours: number): SmallLimitFigures {
  // Kathmandu's hours begin a quarter past, Berlin's days at 23:00 UTC.
  const [lengthMs, fromMs] = kind === 'hourly_cap' ? [hourMs, start + 15 * 60_000] : [24 * hourMs, start - hourMs];
  const counts = new Map<number, number>();
  for (const at of times) counts.set(Math.floor((at - fromMs) / lengthMs), (counts.get(Math.floor((at - fromMs) / lengthMs)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const stretches = Math.floor((start + hours * hourMs - fromMs) / lengthMs) + (kind === 'hourly_cap' ? 2 : 1);
  return { limit: name, events: times.length, over: most - count, share: times.length / (stretches * count), gap: 0 };
}

/** Each of them had its thousand, none passed more than it may, and none less than 99 of 100. */
export function smallLimitsHold(figures: readonly SmallLimitFigures[]): boolean {
  return figures.every(({ events, over, share }) => events >= minEvents && over <= 0.001 && share >= 0.99);
}
