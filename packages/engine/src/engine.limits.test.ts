// Limits as an engine keeps them: of bytes, by the calendar, over its end, and between tenants.
import { describe, expect, it } from 'vitest';
import { engineRig, limitEntity, providerEntity, type EngineRig } from './testing/engine-rig.ts';
import { fakeClock, seededRandom } from './testing/fake-clock.ts';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities } from './testing/sample-config.ts';

const hour = 3_600_000;
const sent = (rig: EngineRig): number => rig.remote.deliveries.reduce((sum, { entries }) => sum + entries.length, 0);

async function injectMany(rig: EngineRig, count: number, to = (n: number): string => `r${n}@x.example`): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [to(n)] });
}

describe('a limit of bytes', () => {
  it('lets messages pass whole, also larger ones than its burst, and makes the next wait for their time', async () => {
    // Messages of a rig have 5 octets.
    const limit = limitEntity(1, { where: {}, by: ['source'], kind: 'byte_rate', count: 1, perSeconds: 1, burst: 2 });
    const rig = await engineRig([...smallConfig(), limit]);
    await injectMany(rig, 10);
    await rig.clock.advance(10);
    expect(sent(rig)).toBe(1);
    await rig.clock.advance(3_010);
    expect(sent(rig)).toBe(2);
    await rig.clock.advance(20_000);
    expect(sent(rig)).toBe(6);
  });

  it('counts a message once, however many recipients share its transaction', async () => {
    const limit = limitEntity(1, { where: {}, by: [], kind: 'byte_rate', count: 5, perSeconds: 10, burst: 0 });
    const rig = await engineRig([...smallConfig(), limit]);
    await rig.inject({ recipients: Array.from({ length: 40 }, (_, n) => `r${n}@x.example`) });
    await rig.inject({ recipients: ['late@x.example'] });
    await rig.clock.advance(9_000);
    expect(sent(rig)).toBe(40);
    await rig.clock.advance(2_000);
    expect(sent(rig)).toBe(41);
  });
});

describe('a cap', () => {
  const start = Date.parse('2026-11-29T20:00:00Z');
  const cap = limitEntity(1, { where: {}, by: ['tenant'], kind: 'daily_cap', count: 30, zone: 'Europe/Berlin' });

  it('lets so many pass in a day of its zone, says so to who asks, and goes on with the next', async () => {
    const rig = await engineRig([...smallConfig(), cap], {}, fakeClock(start), { keptLimits: true });
    await injectMany(rig, 100);
    await rig.clock.advance(2 * hour);
    expect(sent(rig)).toBe(30);
    const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'x.example' };
    const told = await rig.ask({ kind: 'explain', queue });
    expect(told).toMatchObject({ holds: [{ kind: 'limit', clearsAt: start + 3 * hour, limit: { used: 30, of: 30 } }] });
    expect(told.kind === 'explain' && told.holds[0]?.detail).toContain('30 of 30 recipients of the day (Europe/Berlin)');
    const use = await rig.ask({ kind: 'limits' });
    expect(use).toMatchObject({
      limits: [{ id: id(801), setBySelf: null, counters: 1, fullest: [{ values: [id(1)], used: 30, of: 30, clearsAt: start + 3 * hour }] }],
    });
    await rig.clock.advance(1.5 * hour);
    expect(sent(rig)).toBe(60);
  });

  it('is not given twice by an engine that is killed, and is used but for what was on its way', async () => {
    let rig = await engineRig([...smallConfig(), cap], {}, fakeClock(start), { keptLimits: true });
    let all = 0;
    for (let kill = 0; kill < 5; kill++) {
      for (let n = 0; n < 5; n++) {
        await rig.inject({ recipients: [`k${kill}.${n}@x.example`] });
        await rig.clock.advance(50);
      }
      all += sent(rig);
      rig = await rig.restart();
    }
    await injectMany(rig, 40);
    await rig.clock.advance(hour);
    all += sent(rig);
    expect(all).toBeLessThanOrEqual(30);
    expect(all).toBeGreaterThanOrEqual(25);
  });
});

describe('a rate', () => {
  it('holds over the end of an engine: what a burst used is not there again', async () => {
    for (const [count, perSeconds, burst] of [
      [60, 3600, 9],
      [10, 1, 20],
    ]) {
      const limit = limitEntity(1, { where: {}, by: [], kind: 'message_rate', count, perSeconds, burst });
      const first = await engineRig([...smallConfig(), limit], {}, fakeClock(), { keptLimits: true });
      await injectMany(first, 60);
      await first.clock.advance(50);
      const before = sent(first);
      // Where every unit is leased, one of the burst may come two seconds later.
      expect(before).toBeGreaterThanOrEqual(burst ?? 0);
      expect(before).toBeLessThanOrEqual((burst ?? 0) + 1);
      const second = await first.restart();
      const waitMs = ((perSeconds ?? 1) * 1000) / (count ?? 1);
      await second.clock.advance(waitMs * 3);
      expect(sent(second)).toBeLessThanOrEqual(4);
      expect(sent(second)).toBeGreaterThanOrEqual(1);
    }
  });
});

it('tenants that share a limit get equal shares, one queue as much as two thousand', async () => {
  const shared = limitEntity(1, { where: { provider: 'big' }, by: [], kind: 'message_rate', count: 100, perSeconds: 1 });
  const rig = await engineRig([
    ...[sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }]), ...tenantEntities(1, 1), ...tenantEntities(2, 1)],
    ...[providerEntity(1, 'big', 'big.example'), shared],
  ]);
  for (let n = 0; n < 2_000; n++) await rig.inject({ recipients: [`r@d${n}.big.example`] });
  // One of the domains that the other tenant sends to as well, and only that.
  for (let n = 0; n < 1_000; n++) await rig.inject({ tenant: 2, recipients: [`s${n}@d7.big.example`] });
  await rig.clock.advance(1_000);
  const from = rig.remote.deliveries.length;
  await rig.clock.advance(8_000);
  const later = rig.remote.deliveries.slice(from).flatMap(({ entries }) => entries);
  const ofSecond = later.filter(({ tenantId }) => tenantId === id(2)).length;
  expect(later.length).toBeGreaterThan(780);
  expect(Math.abs(ofSecond / later.length - 0.5)).toBeLessThan(0.06);
});

it('what leaves late is not followed more closely than the limit allows, whatever time its connection took', async () => {
  const limit = limitEntity(1, { where: {}, by: [], kind: 'message_rate', count: 100, perSeconds: 1, burst: 2 });
  const connectMs = new Map<string, number>();
  const rig = await engineRig([...smallConfig(), limit], {
    connectMs: ({ site }) => connectMs.get(site) ?? 0,
    deliverMs: () => 0,
  });
  // Every host is slower to answer than the one after it, so that they all would greet at one moment.
  for (let n = 0; n < 50; n++) connectMs.set(`mx.d${n}.example`, (50 - n) * 10);
  await injectMany(rig, 50, (n) => `r@d${n}.example`);
  await rig.clock.advance(5_000);
  const times = rig.remote.deliveries.map(({ atMs }) => atMs);
  expect(times.length).toBe(50);
  let level = 0;
  times.forEach((at, n) => {
    level = Math.max(0, level - (at - (times[n - 1] ?? at)) / 10) + 1;
    // The clock of a test, and of an engine, has whole milliseconds.
    expect(level).toBeLessThanOrEqual(3.1);
  });
});

it.each([30, 100, 400])('a limit of %i a second is used in full, and no more, whatever time transactions take', async (perSecond) => {
  const limit = limitEntity(1, { where: {}, by: [], kind: 'message_rate', count: perSecond, perSeconds: 1 });
  const random = seededRandom(perSecond);
  const slow = (most: number) => (): number => 5 + Math.floor(random.fraction() * most);
  const script = { connectMs: slow(80), deliverMs: slow(120), chains: true };
  const rig = await engineRig([...smallConfig(), limit], script);
  await injectMany(rig, perSecond * 12, (n) => `r${n}@d${n % 40}.example`);
  await rig.clock.advance(1_000);
  const before = sent(rig);
  await rig.clock.advance(10_000);
  const passed = sent(rig) - before;
  expect(passed).toBeGreaterThanOrEqual(perSecond * 9.9 - 2);
  expect(passed).toBeLessThanOrEqual(perSecond * 10 + perSecond * 0.025 + 40);
});
