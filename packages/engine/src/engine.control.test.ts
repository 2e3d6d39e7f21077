// Commands and revisions reaching a running engine.
import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '@sluice/contract';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';
import { commandOf } from './testing/sample-command.ts';
import { engineRig, limitEntity, providerEntity } from './testing/engine-rig.ts';

const hour = 3_600_000;
const twoSources = (weights: [number, number] = [1, 1]): SampleEntity[] => [
  sourceEntity(1),
  sourceEntity(2),
  poolEntity(1, [
    { sourceId: id(101), weight: weights[0] },
    { sourceId: id(102), weight: weights[1] },
  ]),
  ...tenantEntities(1, 1),
];
type HasClock = { clock: { nowMs(): number } };
const suspend = (rig: HasClock, source: number, minutes = 60, number = 1): EngineCommand =>
  commandOf('suspend', { source: id(100 + source) }, { number, nowMs: rig.clock.nowMs(), lastsMs: minutes * 60_000 });
const resume = (rig: HasClock, source: number, number = 2): EngineCommand =>
  commandOf('resume', { source: id(100 + source) }, { number, nowMs: rig.clock.nowMs(), lastsMs: null });

describe('suspension', () => {
  it('holds the mail of a suspended source and releases it when it is resumed', async () => {
    const rig = await engineRig(smallConfig());
    const command = suspend(rig, 1);
    expect(await rig.command(command)).toMatchObject({ status: 'applied', node: 'n1' });
    for (let n = 0; n < 5; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(60_000);
    expect(rig.remote.connects).toEqual([]);
    expect(await rig.engine.frame()).toMatchObject({
      queue: { held: 5, ready: 0 },
      sources: [{ sourceId: id(101), suspendedUntil: rig.clock.nowMs() + 59 * 60_000 }],
    });
    expect(await rig.command(resume(rig, 1))).toMatchObject({ status: 'applied', matched: 5 });
    await rig.clock.advance(1000);
    expect(rig.remote.deliveries.length).toBe(5);
  });

  it('counts what it matched, lets attempts in flight finish and sends the rest by other sources', async () => {
    const rig = await engineRig(twoSources(), { deliverMs: () => 5000, perSession: 1 });
    for (let n = 0; n < 40; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(100);
    const { matched } = await rig.command(suspend(rig, 1));
    expect(matched).toBe(20);
    const started = rig.remote.connects.length;
    await rig.clock.advance(120_000);
    expect(rig.remote.deliveries.length).toBe(40);
    expect(rig.remote.connects.slice(started).every((connect) => connect.path.source.id === id(102))).toBe(true);
  });

  it('ends by itself at its time', async () => {
    const rig = await engineRig(smallConfig());
    await rig.command(suspend(rig, 1, 10));
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(9 * 60_000);
    expect(rig.remote.deliveries).toEqual([]);
    await rig.clock.advance(61_000);
    expect(rig.remote.deliveries.length).toBe(1);
  });

  it('holds over a restart without any command source, and applying twice is applying once', async () => {
    const rig = await engineRig(smallConfig());
    const command = suspend(rig, 1);
    await rig.command(command);
    expect(await rig.command(command)).toMatchObject({ status: 'applied', matched: 0, message: 'already applied' });
    await rig.inject({ recipients: ['a@x.example'] });
    const again = await rig.restart();
    await again.clock.advance(60_000);
    expect(again.remote.connects).toEqual([]);
    await again.clock.advance(hour);
    expect(again.remote.deliveries.length).toBe(1);
  });

  it('lets the later of two commands win, in whatever order they arrive', async () => {
    const rig = await engineRig(smallConfig());
    const early = suspend(rig, 1, 60, 1);
    await rig.clock.advance(1000);
    await rig.command(resume(rig, 1, 2));
    await rig.command(early);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(100);
    expect(rig.remote.deliveries.length).toBe(1);
  });
});

describe('configuration', () => {
  it('keeps entries that came before any configuration and sends them when it arrives', async () => {
    const rig = await engineRig([]);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(60_000);
    expect((await rig.engine.frame()).queue.held).toBe(1);
    await rig.configure(smallConfig());
    await rig.clock.advance(100);
    expect(rig.remote.deliveries.length).toBe(1);
  });

  it('holds mail for a disabled source until a new revision enables it', async () => {
    const rig = await engineRig(smallConfig());
    await rig.configure([sourceEntity(1, { enabled: false })]);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(60_000);
    expect(rig.remote.connects).toEqual([]);
    await rig.configure([sourceEntity(1)]);
    await rig.clock.advance(100);
    expect(rig.remote.deliveries.length).toBe(1);
  });

  it('takes a changed limit into account at once', async () => {
    const slow = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 1, perSeconds: 3600 });
    const rig = await engineRig([...smallConfig(), slow]);
    for (let n = 0; n < 10; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.length).toBe(1);
    await rig.configure([{ ...slow, body: null }]);
    await rig.clock.advance(100);
    expect(rig.remote.deliveries.length).toBe(10);
  });

  it('sends what waits on a path whose provider changed after its route was forgotten', async () => {
    const slow = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 1, perSeconds: 3600 });
    const rig = await engineRig([...smallConfig(), slow]);
    for (let n = 0; n < 10; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(600_000);
    await rig.configure([providerEntity(1, 'acme', 'x.example')]);
    await rig.inject({ recipients: ['late@x.example'] });
    await rig.clock.advance(1000);
    await rig.configure([{ ...slow, body: null }]);
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.length).toBe(11);
    expect(rig.engine.status().entries).toBe(0);
  });

  it('moves waiting mail to a static route that a revision brings', async () => {
    const rig = await engineRig(smallConfig(), { refuse: (path) => (path.site === 'mx.x.example' ? 'connection refused' : null) });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    await rig.configure([{ kind: 'route', id: id(700), body: { domain: 'x.example', host: '127.0.0.9', port: 2525 } }]);
    await rig.clock.advance(1000);
    expect(rig.remote.deliveries.map((delivery) => delivery.site)).toEqual(['127.0.0.9:2525']);
  });
});
