// Transactions that leave behind the message before them: limits, shares, drains and suspensions hold as without, and what nobody answered
// goes back as if nothing had been tried.
import { describe, expect, it } from 'vitest';
import { engineRig, limitEntity, type EngineRig } from './testing/engine-rig.ts';
import { id, smallConfig, type SampleEntity } from './testing/sample-config.ts';
import { commandOf } from './testing/sample-command.ts';
import type { Script } from './testing/simulated-attempter.ts';

const settings = (values: Record<string, unknown>): SampleEntity => ({
  kind: 'setting',
  id: id(701),
  body: { name: 'all', where: {}, values },
});
/** One connection at a time, a second a message. */
async function chainRig(script: Script = {}, more: SampleEntity[] = [], values: Record<string, unknown> = {}): Promise<EngineRig> {
  return engineRig([...smallConfig(), settings({ connectionsPerPath: 1, ...values }), ...more], {
    chains: true,
    deliverMs: () => 1000,
    ...script,
  });
}
async function injectMany(rig: EngineRig, count: number, lifeMs?: number): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [`r${n}@a.example`], ...(lifeMs === undefined ? {} : { lifeMs }) });
}

describe('chaining', () => {
  it('sends all but the first message of a backlog behind another, each once and in order', async () => {
    const rig = await chainRig();
    await injectMany(rig, 20);
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.map(({ chained, entries }) => [chained, entries[0]?.recipient])).toEqual(
      Array.from({ length: 20 }, (_, n) => [n > 0, `r${n}@a.example`]),
    );
    expect([rig.remote.connects.length, rig.engine.status().entries, rig.spool.entries()]).toEqual([1, 0, []]);
  });

  it('leaves the messages of a connection at what they may be', async () => {
    const rig = await chainRig({ perSession: 3 });
    await injectMany(rig, 9);
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.map(({ chained }) => chained)).toEqual([false, true, true, false, true, true, false, true, true]);
    expect(rig.remote.connects).toHaveLength(3);
  });

  it('keeps a message rate', async () => {
    const rate = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 1, perSeconds: 6 });
    const rig = await chainRig({ deliverMs: () => 10 }, [rate]);
    const start = rig.clock.nowMs();
    await injectMany(rig, 100);
    await rig.clock.advance(300_000);
    const times = rig.remote.deliveries.map(({ atMs }) => atMs - start);
    expect(times.length).toBeGreaterThan(45);
    // Two at once, then ten a minute.
    expect(times.every((atMs, index) => index < 2 || atMs >= (index - 2) * 6_000)).toBe(true);
  });

  it('gives back the limits and the entry of what was not answered: no attempt, no event, no lost rate', async () => {
    const rate = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 1, perSeconds: 36_000, burst: 9 });
    const rig = await chainRig({ endsWith: (_path, transaction) => transaction === 2 }, [rate]);
    await injectMany(rig, 10);
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries).toHaveLength(10);
    expect(rig.spool.events.map(({ type, attempt }) => [type, attempt])).toEqual(Array.from({ length: 10 }, () => ['delivered', 1]));
    expect(rig.remote.connects).toHaveLength(5);
  });

  it('stops with what left already when the source is suspended, and keeps the rest', async () => {
    const rig = await chainRig();
    await injectMany(rig, 20);
    await rig.clock.advance(2_500);
    await rig.command(commandOf('suspend', { source: id(101) }, { number: 1, nowMs: rig.clock.nowMs(), lastsMs: 600_000 }));
    await rig.clock.advance(500_000);
    expect(rig.remote.deliveries).toHaveLength(3);
    expect(rig.engine.status().entries).toBe(17);
    await rig.clock.advance(200_000);
    expect(rig.remote.deliveries).toHaveLength(20);
  });

  it('does not send what was only made ready when a command cancels it', async () => {
    const rig = await chainRig();
    await injectMany(rig, 20);
    await rig.clock.advance(2_500);
    await rig.command(commandOf('cancel', { domain: 'a.example' }, { number: 1, nowMs: rig.clock.nowMs(), cutoffMs: rig.clock.nowMs() }));
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries).toHaveLength(3);
    expect(rig.engine.status().entries).toBe(0);
  });

  it('drains: what left is finished, what was only made ready stays for the next start', async () => {
    const rig = await chainRig();
    await injectMany(rig, 20);
    await rig.clock.advance(2_500);
    const drained = rig.engine.drain(30_000);
    await rig.clock.advance(10_000);
    await drained;
    expect(rig.remote.deliveries).toHaveLength(3);
    expect(rig.spool.entries()).toHaveLength(17);
  });

  it('carries on after a content that cannot be read', async () => {
    const rig = await chainRig();
    await injectMany(rig, 6);
    const broken = rig.spool.entries()[2]?.messageId ?? '';
    rig.spool.unreadable.add(broken);
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.map(({ entries }) => entries[0]?.messageId)).not.toContain(broken);
    expect(rig.remote.deliveries).toHaveLength(5);
  });
});
