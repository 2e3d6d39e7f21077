// A whole engine under virtual time: the same run for the same seed, limits as at any receiver, and every recipient accounted for.
import { modelledDns, ModelledHosts, type ProfileChanges } from '@sluice/isp-simulator';
import { describe, expect, it } from 'vitest';
import type { Resolver } from '../../ports.ts';
import { limitEntity, providerEntity } from '../../testing/engine-rig.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from '../../testing/sample-config.ts';
import type { Arrival } from './arrival.ts';
import { repeated } from './repeated.ts';
import { simulate, type SimulationReport } from './simulate.ts';

const startMs = Date.parse('2026-11-01T00:00:00Z');
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const domains = ['gmail.com', 'yahoo.com', 'outlook.com', 'plain.test.example'];

const config = (more: SampleEntity[] = []): SampleEntity[] => [
  ...[sourceEntity(1), sourceEntity(2)],
  poolEntity(
    1,
    [1, 2].map((n) => ({ sourceId: id(100 + n), weight: 1 })),
  ),
  ...tenantEntities(1, 1, { retrySeconds: [300, 900] }),
  ...[providerEntity(1, 'gmail', 'google.com'), providerEntity(2, 'yahoo', 'yahoodns.net'), providerEntity(3, 'outlook', 'outlook.com')],
  ...more,
];

function* traffic(count: number, spanMs: number, domainOf = (n: number) => domains[n % domains.length] ?? ''): Generator<Arrival> {
  for (let n = 0; n < count; n++) {
    const domain = domainOf(n);
    yield {
      ...{ atMs: startMs + Math.floor((n * spanMs) / count), message: null, tenantId: id(1), streamId: id(301), campaign: null },
      ...{ sender: 'news@tenant1.example', recipient: `r${n}@${domain}`, domain, sizeBytes: 4_000, poolId: null, notBeforeMs: null },
    };
  }
}

type More = { seed?: number; longestDrainMs?: number; profiles?: ProfileChanges; unknown?: (address: string) => boolean };

async function ran(
  entities: SampleEntity[],
  arrivals: Iterable<Arrival>,
  { seed = 1, longestDrainMs = 3 * dayMs, profiles, unknown }: More = {},
): Promise<SimulationReport> {
  const result = await simulate({
    ...{ entities, arrivals, seed, node: 'n1', roundTripMs: 20, longestDrainMs },
    resolver: modelledDns(() => null) satisfies Resolver,
    receivers: (clock) => {
      const wall = { nowMs: () => clock.nowMs(), monotonicMs: () => clock.nowMs(), setTimer: clock.setTimer.bind(clock) };
      return new ModelledHosts({ seed: `${seed}`, clock: wall, ...(profiles && { profiles }), ...(unknown && { isUnknown: unknown }) });
    },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.report;
}
const of = (report: SimulationReport, provider: string) => {
  const found = report.providers.find((one) => one.provider === provider);
  if (!found) throw new Error(`nothing of ${provider}`);
  return found;
};
const noReaction = { reaction: null };

describe('a simulation', { timeout: 60_000 }, () => {
  it('accounts for every recipient, and drains', async () => {
    const report = await ran(config(), traffic(800, dayMs));
    expect(report).toMatchObject({ arrivals: 800, strangers: 0 });
    for (const { accepted, delivered, bounced, expired, left } of report.providers)
      expect(delivered + bounced + expired + left).toBe(accepted);
    expect(report.providers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(800);
    expect(report.providers.every(({ drainMs }) => drainMs !== null && drainMs < hourMs)).toBe(true);
  });

  it('is the same for the same seed, and another for another', async () => {
    const flood = (): Iterable<Arrival> => traffic(2_000, 5_000);
    const once = await ran(config(), flood());
    expect(await ran(config(), flood())).toEqual(once);
    expect(await ran(config(), flood(), { seed: 2 })).not.toEqual(once);
  });

  it('keeps the limits of the configuration: what is slower than it arrives drains as late as the limit says', async () => {
    const slow = limitEntity(1, { where: { provider: 'gmail' }, by: [], kind: 'message_rate', count: 60, perSeconds: 60 });
    const report = await ran(config([slow]), traffic(2_000, 300_000));
    const gmail = of(report, 'gmail');
    // 500 recipients at one a second.
    expect(gmail).toMatchObject({ delivered: 500, deferrals: 0 });
    expect(report.lastArrivalMs + (gmail.drainMs ?? 0) - report.firstArrivalMs).toBeGreaterThan(430_000);
    expect(report.lastArrivalMs + (gmail.drainMs ?? 0) - report.firstArrivalMs).toBeLessThan(510_000);
    expect(of(report, 'yahoo').drainMs).toBeLessThan(60_000);
  });

  it('shows what a configuration without limits does to a sender', async () => {
    const gently = limitEntity(1, { where: { provider: 'gmail' }, by: ['source'], kind: 'message_rate', count: 4, perSeconds: 1 });
    const gmailOnly = (): Iterable<Arrival> => traffic(600, 20_000, () => 'gmail.com');
    const profiles: ProfileChanges = { gmail: { limits: { messageRate: { count: 5, perSeconds: 1, burst: 5 } }, ...noReaction } };
    const flood = of(await ran(config(), gmailOnly(), { profiles }), 'gmail');
    const gentle = of(await ran(config([gently]), gmailOnly(), { profiles }), 'gmail');
    const shareOf = ({ deferrals, attempts }: typeof flood): number => deferrals / attempts;
    expect(shareOf(gentle)).toBeLessThan(0.01);
    expect(shareOf(flood)).toBeGreaterThan(0.1);
  });

  it('counts the time in which a provider takes nothing of a source', async () => {
    const profiles: ProfileChanges = {
      gmail: { limits: { messageRate: { count: 1, perSeconds: 3600, burst: 0 } }, ...noReaction },
      yahoo: noReaction,
    };
    const report = await ran(config(), traffic(200, 2 * hourMs), { profiles, longestDrainMs: hourMs });
    expect(of(report, 'gmail').blockedSourceMinutes).toBeGreaterThan(100);
    expect(of(report, 'yahoo').blockedSourceMinutes).toBe(0);
  });

  it('bounces mailboxes that traffic showed not to exist, and leaves out whom the configuration does not know', async () => {
    const strangers = [...traffic(4, 1000)].map((arrival) => ({ ...arrival, tenantId: id(7) }));
    const known = [...traffic(40, 1000)];
    const arrivals = [...known, ...strangers].toSorted((a, b) => a.atMs - b.atMs);
    const report = await ran(config(), arrivals, { unknown: (address) => address === 'r0@gmail.com' });
    expect(report).toMatchObject({ arrivals: 44, strangers: 4 });
    expect(of(report, 'gmail')).toMatchObject({ accepted: 10, delivered: 9, bounced: 1 });
  });

  it('ends when it is to, and tells what is left', async () => {
    const stuck = limitEntity(1, { where: { provider: 'gmail' }, by: [], kind: 'message_rate', count: 1, perSeconds: 86_400 });
    const report = await ran(config([stuck]), traffic(40, 60_000), { longestDrainMs: dayMs });
    expect(of(report, 'gmail')).toMatchObject({ accepted: 10, drainMs: null });
    expect(of(report, 'gmail').left).toBeGreaterThan(5);
    expect(report.endMs - report.lastArrivalMs).toBeLessThan(2 * dayMs);
  });

  it('runs warm-up plans over the days: no ceiling is exceeded, and the ladder rises by the days that counted', async () => {
    const plan = {
      ...{ name: 'new source', sourceIds: [id(101)], startsOn: '2026-11-01', zone: 'UTC', spread: false },
      ...{ groups: [{ name: 'all', providers: null }], schedule: { kind: 'linear', first: 20, step: 20, days: 10 } },
    };
    const aDay = [...traffic(300, 12 * hourMs, () => 'plain.test.example')];
    const report = await ran(
      config([{ kind: 'warm_up', id: id(950), body: plan }]),
      repeated(() => aDay, 4),
      { profiles: { plain: noReaction } },
    );
    expect(report.arrivals).toBe(1_200);
    expect(report.warmUps).toMatchObject([{ planId: id(950), ladders: [{ sourceId: id(101), status: 'warming' }] }]);
    const days = report.warmUps[0]?.days ?? [];
    expect(days.map(({ ceiling }) => ceiling)).toEqual([20, 40, 60, 80]);
    for (const { attempted, ceiling } of days)
      expect([ceiling, attempted <= ceiling, attempted >= 0.9 * ceiling]).toEqual([ceiling, true, true]);
    expect(report.providers.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(1_200);
  });

  it('of nothing is over at once', async () => {
    expect(await ran(config(), [])).toMatchObject({ arrivals: 0, providers: [], mostWaiting: 0 });
    const strangers = [...traffic(3, 1000)].map((arrival) => ({ ...arrival, tenantId: id(7) }));
    expect(await ran(config(), strangers)).toMatchObject({ arrivals: 3, strangers: 3, providers: [] });
  });

  it('refuses a configuration that no engine would run', async () => {
    const [source] = config();
    if (!source) throw new Error('no source');
    const broken = [poolEntity(1, [{ sourceId: id(999), weight: 1 }])];
    const result = await simulate({
      ...{ entities: broken, arrivals: [], seed: 1, node: 'n1', roundTripMs: 1, longestDrainMs: 1 },
      resolver: modelledDns(() => null),
      receivers: () => ({ connect: () => null }),
    });
    expect(result).toMatchObject({ ok: false, problems: [{ kind: 'pool', field: expect.stringContaining('members') }] });
  });
});
