// Sources of one pool stand in for each other: nothing waits for one while another has room, and weights hold in the long run.
import { describe, expect, it } from 'vitest';
import { seededRandom } from './testing/fake-clock.ts';
import { engineRig, limitEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';

function poolOf(weights: readonly number[]): SampleEntity[] {
  const sources = weights.map((_, index) => sourceEntity(index + 1));
  const members = weights.map((weight, index) => ({ sourceId: id(101 + index), weight }));
  return [...sources, poolEntity(1, members), ...tenantEntities(1, 1)];
}
const limitOf = (source: number, kind: 'message_rate' | 'connections', count: number, perSeconds = 60): SampleEntity =>
  limitEntity(source, { where: { source: id(100 + source) }, by: [], kind, count, perSeconds });
const sentBy = (rig: EngineRig, source: number): number =>
  rig.remote.deliveries.filter((delivery) => delivery.sourceId === id(100 + source)).length;
async function injectMany(rig: EngineRig, count: number, domains: number): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [`r${n}@d${n % domains}.example`] });
}

describe('a source that is stopped gives way to its pool mates', () => {
  for (const domains of [1, 40, 300]) {
    it(`when its rate is used up, over ${domains} domains`, async () => {
      const rig = await engineRig([...poolOf([3, 1]), limitOf(1, 'message_rate', 1)]);
      await injectMany(rig, 300, domains);
      await rig.clock.advance(5_000);
      expect(rig.spool.entries()).toEqual([]);
      expect(sentBy(rig, 1)).toBeGreaterThanOrEqual(1);
      expect(sentBy(rig, 1)).toBeLessThanOrEqual(2);
    });
  }

  for (const domains of [1, 60])
    it(`when it has no connection left, over ${domains} domains`, async () => {
      const rig = await engineRig([...poolOf([1, 1]), limitOf(1, 'connections', 1)], {
        deliverMs: ({ source }) => (source.id === id(101) ? 60_000 : 10),
      });
      await injectMany(rig, 60, domains);
      await rig.clock.advance(10_000);
      expect(rig.spool.entries().length).toBeLessThanOrEqual(1);
    });

  it('when its hosts do not take its connections', async () => {
    const rig = await engineRig(poolOf([1, 1]), { refuse: ({ source }) => (source.id === id(101) ? 'refused' : null) });
    await injectMany(rig, 100, 10);
    await rig.clock.advance(10_000);
    expect(rig.spool.entries()).toEqual([]);
  });

  it('when it is suspended', async () => {
    const rig = await engineRig(poolOf([5, 1]), { connectMs: () => 500 });
    await injectMany(rig, 100, 10);
    await rig.command(commandOf('suspend', { source: id(101) }, { number: 1, nowMs: rig.clock.nowMs() }));
    await rig.clock.advance(10_000);
    expect(rig.spool.entries()).toEqual([]);
    expect(sentBy(rig, 1)).toBe(0);
  });

  it('to one that was stopped too and can send again', async () => {
    const rig = await engineRig([...poolOf([1, 1]), limitOf(1, 'message_rate', 1, 3600), limitOf(2, 'message_rate', 1, 3600)]);
    await injectMany(rig, 50, 20);
    await rig.clock.advance(5_000);
    expect(rig.spool.entries().length).toBe(48);
    await rig.configure([limitOf(2, 'message_rate', 1000, 1)]);
    await rig.clock.advance(3_000);
    expect(rig.spool.entries()).toEqual([]);
  });
});

describe('weights', () => {
  it('hold in the long run, whatever the weights, and limited sources send all that their limits let them', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 8; round++) {
      const weights = Array.from({ length: 2 + Math.floor(random.fraction() * 3) }, () => 1 + Math.floor(random.fraction() * 9));
      // The last one may send a tenth of what comes; the others share the rest by weight.
      const limited = weights.length;
      const rig = await engineRig([...poolOf([...weights, 100]), limitOf(limited + 1, 'message_rate', 10, 1)]);
      for (let tenth = 0; tenth < 200; tenth++) {
        await injectMany(rig, 10, 5 + 10 * round);
        await rig.clock.advance(100);
        if (tenth % 20 === 19) await rig.clock.advance(400);
        // Nothing waits while a mate can send.
        if (tenth % 20 === 19) expect(rig.spool.entries()).toEqual([]);
      }
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const rest = 2000 - sentBy(rig, limited + 1);
      weights.forEach((weight, index) => {
        expect(Math.abs(sentBy(rig, index + 1) - (rest * weight) / total), `weight ${weight} of ${total}`).toBeLessThanOrEqual(0.1 * rest);
      });
      expect(sentBy(rig, limited + 1)).toBeGreaterThan(150);
      expect(sentBy(rig, limited + 1)).toBeLessThanOrEqual(24 * 10 + 1);
    }
  });
});
