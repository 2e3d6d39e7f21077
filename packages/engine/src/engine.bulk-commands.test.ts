// Commands over more queues than one slice takes: what happens between two slices.
import { describe, expect, it } from 'vitest';
import { stepsPerSlice } from './queue/slices.ts';
import { engineRig, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, smallConfig, sourceEntity } from './testing/sample-config.ts';

const hour = 3_600_000;
const queues = stepsPerSlice + 500;
const domains = Array.from({ length: queues }, (_, number) => `d${number}.example`);

/** One deferred entry in each of more queues than a slice takes. */
async function deferredRig(): Promise<{ rig: EngineRig; attempts: () => string[] }> {
  let deferring = true;
  const rig = await engineRig([...smallConfig(), sourceEntity(2), poolEntity(2, [{ sourceId: id(102), weight: 1 }])], {
    outcome: () => ({ kind: deferring ? 'deferred' : 'delivered' }),
  });
  await rig.inject({ recipients: domains.map((domain) => `r@${domain}`) });
  await rig.clock.advance(1000);
  deferring = false;
  const before = rig.remote.deliveries.length;
  expect(before).toBe(queues);
  const attempts = (): string[] => rig.remote.deliveries.slice(before).flatMap(({ entries }) => entries.map((entry) => entry.domain));
  return { rig, attempts };
}

describe('a command over more queues than one slice takes', () => {
  it('reaches all of them within a second, and says how many entries it touched', async () => {
    const { rig, attempts } = await deferredRig();
    const answer = rig.command(commandOf('retry', { tenant: id(1) }, { number: 1, nowMs: rig.clock.nowMs() }));
    await rig.clock.settle();
    expect(attempts().length).toBeLessThan(queues);
    await rig.clock.advance(1000);
    expect(await answer).toMatchObject({ status: 'applied', matched: queues });
    expect(new Set(attempts()).size).toBe(queues);
    expect(attempts().length).toBe(queues);
  });

  it('touches mail that comes in between as it does all other', async () => {
    const { rig, attempts } = await deferredRig();
    const answer = rig.command(commandOf('cancel', { tenant: id(1) }, { number: 1, nowMs: rig.clock.nowMs(), lastsMs: hour }));
    await rig.inject({ recipients: ['new@d0.example', `new@${domains.at(-1) ?? ''}`, 'new@other.example'] });
    await rig.clock.advance(1000);
    expect(await answer).toMatchObject({ status: 'applied', matched: queues });
    expect(attempts()).toEqual([]);
    expect((await rig.engine.frame()).counters.cancelled).toBe(queues + 3);
    expect(rig.spool.entries()).toEqual([]);
  });

  it('touches no further queue once it is withdrawn', async () => {
    const { rig, attempts } = await deferredRig();
    const nowMs = rig.clock.nowMs();
    const answer = rig.command(commandOf('retry', { tenant: id(1) }, { number: 1, nowMs }));
    for (let ms = 0; attempts().length === 0 && ms < 100; ms++) await rig.clock.advance(1);
    const reached = attempts().length;
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(queues);
    const withdrawn = rig.command(commandOf('withdraw', { tenant: id(1) }, { number: 2, nowMs, targetId: id(5001) }));
    await rig.clock.advance(1000);
    expect((await withdrawn).status).toBe('applied');
    expect((await answer).matched).toBe(reached);
    expect(attempts().length).toBe(reached);
  });

  it('is done anew, when it is offered again, after a restart in the middle of it', async () => {
    const { rig, attempts } = await deferredRig();
    const retry = commandOf('retry', { tenant: id(1) }, { number: 1, nowMs: rig.clock.nowMs() });
    void rig.command(retry);
    for (let ms = 0; attempts().length === 0 && ms < 100; ms++) await rig.clock.advance(1);
    const reached = attempts().length;
    expect(reached).toBeGreaterThan(0);
    expect(reached).toBeLessThan(queues);
    // The first one is gone: nothing of it reaches the disk any more.
    rig.spool.stall();
    const again = await rig.restart();
    const answer = again.command(retry);
    await again.clock.advance(1000);
    expect((await answer).matched).toBe(queues - reached);
    expect(again.spool.entries()).toEqual([]);
  });

  it('goes on after a restart in the middle without being offered again when it is a predicate', async () => {
    const { rig } = await deferredRig();
    void rig.command(commandOf('bounce', { tenant: id(1) }, { number: 1, nowMs: rig.clock.nowMs(), lastsMs: hour }));
    await rig.clock.settle();
    // The first one is gone: nothing of it reaches the disk any more.
    rig.spool.stall();
    const again = await rig.restart();
    await again.clock.advance(hour / 2);
    expect(again.remote.deliveries).toEqual([]);
    expect(again.spool.entries()).toEqual([]);
  });

  it('takes all that is ready back, over every path', async () => {
    const rig = await engineRig(smallConfig(), { connectMs: () => 10_000 });
    await rig.inject({ recipients: domains.map((domain) => `r@${domain}`) });
    await rig.clock.advance(1000);
    const answer = rig.command(commandOf('suspend', { tenant: id(1) }, { number: 1, nowMs: rig.clock.nowMs(), lastsMs: hour }));
    await rig.clock.advance(1000);
    expect(await answer).toMatchObject({ status: 'applied', matched: queues });
    await rig.clock.advance(20_000);
    expect(rig.remote.deliveries).toEqual([]);
  });
});
