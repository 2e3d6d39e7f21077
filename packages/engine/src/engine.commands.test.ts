// Commands with a scope reaching a running engine: what they touch, what they leave alone, and what they cost.
import { describe, expect, it } from 'vitest';
import type { CommandScope, EngineCommand } from '@sluice/contract';
import { engineRig, providerEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';

const day = 86_400_000;
let number = 10;
const give = (rig: EngineRig, kind: EngineCommand['kind'], scope: CommandScope, options: Partial<Parameters<typeof commandOf>[2]> = {}) =>
  rig.command(commandOf(kind, scope, { number: (number += 1), nowMs: rig.clock.nowMs(), lastsMs: day, ...options }));
const cut = (rig: EngineRig) => ({ cutoffMs: rig.clock.nowMs() });
const twoTenants: SampleEntity[] = [...smallConfig(), ...tenantEntities(2, 1), providerEntity(1, 'gmail', 'mx.gmail.example')];
const sent = (rig: EngineRig): string[] =>
  rig.remote.deliveries.flatMap((delivery) => delivery.entries.map((entry) => entry.recipient)).toSorted();
const types = (rig: EngineRig, type: string) => rig.spool.events.filter((event) => event.type === type);
const defers = { outcome: () => ({ kind: 'deferred' as const, bounceClass: 'rate_limited' as const }) };

const scopes: [string, CommandScope][] = [
  ['tenant', { tenant: id(1) }],
  ['stream', { stream: id(301) }],
  ['campaign', { campaign: 'spring' }],
  ['domain', { domain: 'gmail.example' }],
  ['site', { site: 'mx.gmail.example' }],
  ['provider', { provider: 'gmail' }],
  ['tenant and provider', { tenant: id(1), provider: 'gmail' }],
  ['source and domain', { source: id(101), domain: 'gmail.example' }],
];

describe('a suspension', () => {
  it.each(scopes)('by %s holds what matches without an attempt, lets the rest flow, and its end releases it', async (_name, scope) => {
    const rig = await engineRig(twoTenants);
    await give(rig, 'suspend', scope, { lastsMs: 600_000 });
    await rig.inject({ recipients: ['a@gmail.example'], campaign: 'spring' });
    await rig.inject({ recipients: ['b@other.example'], tenant: 2 });
    await rig.clock.advance(5000);
    expect(sent(rig)).toEqual(['b@other.example']);
    expect(rig.spool.entries()).toMatchObject([{ attempts: 0 }]);
    await rig.clock.advance(600_000);
    expect(sent(rig)).toEqual(['a@gmail.example', 'b@other.example']);
  });

  it('takes out of the ready queue what matches, and what does not goes on', async () => {
    const rig = await engineRig(twoTenants, { deliverMs: () => 1000 });
    for (let n = 0; n < 100; n++) {
      await rig.inject({ recipients: [`a${n}@gmail.example`] });
      await rig.inject({ recipients: [`b${n}@gmail.example`], tenant: 2 });
    }
    await rig.clock.advance(100);
    await give(rig, 'suspend', { tenant: id(1) });
    const before = (await rig.engine.frame()).queue;
    expect(before.held).toBeGreaterThan(70);
    await rig.clock.advance(60_000);
    expect(sent(rig).filter((address) => address.startsWith('b')).length).toBe(100);
    expect(sent(rig).filter((address) => address.startsWith('a')).length).toBe(100 - before.held);
  });

  it('by source and domain leaves the pool its other sources', async () => {
    const two = [
      sourceEntity(1),
      sourceEntity(2),
      poolEntity(
        1,
        [1, 2].map((n) => ({ sourceId: id(100 + n), weight: 1 })),
      ),
      ...tenantEntities(1, 1),
    ];
    const rig = await engineRig(two);
    await give(rig, 'suspend', { source: id(101), domain: 'x.example' });
    for (let n = 0; n < 10; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(5000);
    expect(sent(rig).length).toBe(10);
    expect(new Set(rig.remote.deliveries.map((delivery) => delivery.sourceId))).toEqual(new Set([id(102)]));
  });
});

describe('cancel and bounce', () => {
  it('end what waits and what is ready with an event of their own, by operator and reason, and spare what comes later', async () => {
    for (const [kind, type, bounceClass] of [
      ['cancel', 'cancelled', null],
      ['bounce', 'bounced', 'administrative'],
    ] as const) {
      const rig = await engineRig(twoTenants);
      await give(rig, 'suspend', { tenant: id(1) });
      for (let n = 0; n < 30; n++) await rig.inject({ recipients: [`r${n}@gmail.example`], campaign: 'spring' });
      await rig.inject({ recipients: ['keep@gmail.example'] });
      await rig.clock.advance(1000);
      expect(await give(rig, kind, { campaign: 'spring' }, cut(rig))).toMatchObject({ status: 'applied', matched: 30 });
      await rig.clock.advance(1000);
      expect(types(rig, type).length).toBe(30);
      expect(types(rig, type)[0]).toMatchObject({ bounceClass, detail: expect.stringContaining('a test says so'), attempt: 0 });
      await rig.inject({ recipients: ['late@gmail.example'], campaign: 'spring' });
      await give(rig, 'resume', { tenant: id(1) });
      await rig.clock.advance(1000);
      expect(sent(rig)).toEqual(['keep@gmail.example', 'late@gmail.example']);
    }
  });

  it('end what waits long before it comes due, without an attempt', async () => {
    const rig = await engineRig(twoTenants, defers);
    for (let n = 0; n < 2000; n++) await rig.inject({ recipients: [`r${n}@gmail.example`] });
    await rig.clock.advance(10_000);
    expect(rig.spool.entries().length).toBe(2000);
    await give(rig, 'cancel', { provider: 'gmail' }, cut(rig));
    const tried = sent(rig).length;
    await rig.clock.advance(1_000);
    expect(types(rig, 'cancelled').length).toBe(2000);
    expect([rig.spool.entries(), sent(rig).length]).toEqual([[], tried]);
  });

  it('by source end what is ready through it and leave the rest to other sources', async () => {
    const two = [
      sourceEntity(1),
      sourceEntity(2),
      poolEntity(
        1,
        [1, 2].map((n) => ({ sourceId: id(100 + n), weight: 1 })),
      ),
      ...tenantEntities(1, 1),
    ];
    const rig = await engineRig(two, { connectMs: () => 1000 });
    for (let n = 0; n < 40; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(10);
    await give(rig, 'cancel', { source: id(101) }, cut(rig));
    await rig.clock.advance(60_000);
    expect(types(rig, 'cancelled').length).toBe(20);
    expect(sent(rig).length).toBe(20);
  });

  it('can be withdrawn before they begin, and then nothing happened', async () => {
    const rig = await engineRig(twoTenants);
    await give(rig, 'suspend', { tenant: id(1) });
    await rig.inject({ recipients: ['a@gmail.example'] });
    const nowMs = rig.clock.nowMs();
    await give(rig, 'cancel', { tenant: id(1) }, { cutoffMs: nowMs, startsMs: nowMs + 10_000 });
    const target = id(5000 + number);
    await rig.clock.advance(5000);
    await give(rig, 'withdraw', { tenant: id(1) }, { targetId: target });
    await rig.clock.advance(60_000);
    await give(rig, 'resume', { tenant: id(1) });
    await rig.clock.advance(1000);
    expect(sent(rig)).toEqual(['a@gmail.example']);
    expect(types(rig, 'cancelled')).toEqual([]);
  });

  it('begin by themselves at their time', async () => {
    const rig = await engineRig(twoTenants);
    await give(rig, 'suspend', { tenant: id(1) });
    await rig.inject({ recipients: ['a@gmail.example'] });
    const nowMs = rig.clock.nowMs();
    await give(rig, 'cancel', { tenant: id(1) }, { cutoffMs: nowMs, startsMs: nowMs + 10_000 });
    await rig.clock.advance(9_900);
    expect(types(rig, 'cancelled')).toEqual([]);
    await rig.clock.advance(200);
    expect(types(rig, 'cancelled').length).toBe(1);
  });
});

describe('retry', () => {
  it('makes what waits due once, without a second try of what is deferred again', async () => {
    const rig = await engineRig(twoTenants, defers);
    for (let n = 0; n < 10; n++) await rig.inject({ recipients: [`r${n}@gmail.example`] });
    await rig.clock.advance(1000);
    expect(types(rig, 'deferred').length).toBe(10);
    expect(await give(rig, 'retry', { domain: 'gmail.example' }, cut(rig))).toMatchObject({ matched: 10 });
    await rig.clock.advance(1000);
    expect(types(rig, 'deferred').length).toBe(20);
    await rig.clock.advance(1000);
    expect(types(rig, 'deferred').length).toBe(20);
  });

  it('ends the rest of a path that could not connect', async () => {
    let refuse: string | null = 'connection refused';
    const rig = await engineRig(twoTenants, { refuse: () => refuse });
    await rig.inject({ recipients: ['a@gmail.example'] });
    await rig.clock.advance(1000);
    refuse = null;
    await give(rig, 'retry', { site: 'mx.gmail.example' }, cut(rig));
    await rig.clock.advance(100);
    expect(sent(rig)).toEqual(['a@gmail.example']);
  });
});

describe('move', () => {
  it('sends what matches by the other pool, what is ready included, until it ends', async () => {
    const rig = await engineRig([...twoTenants, sourceEntity(2), poolEntity(2, [{ sourceId: id(102), weight: 1 }])], {
      connectMs: () => 1000,
    });
    for (let n = 0; n < 20; n++) await rig.inject({ recipients: [`r${n}@gmail.example`] });
    await rig.clock.advance(10);
    await give(rig, 'move', { tenant: id(1) }, { poolId: id(202), ...cut(rig) });
    await rig.clock.advance(1);
    await rig.inject({ recipients: ['later@gmail.example'] });
    await rig.clock.advance(10_000);
    const by = (source: string) => rig.remote.deliveries.filter((delivery) => delivery.sourceId === source).length;
    expect([by(id(102)), by(id(101))]).toEqual([20, 1]);
  });
});

describe('flush and drain', () => {
  it('closes idle connections at once and busy ones after their message, and opens new ones', async () => {
    const rig = await engineRig(twoTenants, { deliverMs: () => 2000 });
    await rig.inject({ recipients: ['a@gmail.example'] });
    await rig.clock.advance(100);
    expect(await give(rig, 'flush_connections', { provider: 'gmail' })).toMatchObject({ matched: 1 });
    expect(rig.remote.quits).toBe(0);
    await rig.inject({ recipients: ['b@gmail.example'] });
    await rig.clock.advance(2000);
    expect(rig.remote.quits).toBe(1);
    await rig.clock.advance(3000);
    expect(sent(rig)).toEqual(['a@gmail.example', 'b@gmail.example']);
    expect(rig.remote.connects.length).toBe(2);
  });

  it('looks a flushed domain up anew', async () => {
    const rig = await engineRig(twoTenants);
    await rig.inject({ recipients: ['a@gmail.example'] });
    await rig.clock.advance(100);
    rig.dns.failing = true;
    await rig.inject({ recipients: ['b@gmail.example'] });
    await rig.clock.advance(100);
    expect(sent(rig).length).toBe(2);
    await give(rig, 'flush_dns', { domain: 'gmail.example' });
    await rig.inject({ recipients: ['c@gmail.example'] });
    await rig.clock.advance(100);
    expect(sent(rig).length).toBe(2);
  });

  it('answers a drain as applied when whoever takes mail heeds it, not before', async () => {
    const rig = await engineRig(twoTenants);
    let heeds: () => void = () => undefined;
    rig.intake.heed = () => new Promise((resolve) => (heeds = resolve));
    let answered = false;
    const answer = give(rig, 'drain', { node: 'n1' }).finally(() => (answered = true));
    await rig.clock.advance(5_000);
    expect([rig.engine.takesMail(), answered]).toEqual([false, false]);
    heeds();
    await answer;
  });

  it('takes no new mail while it drains, and goes on with what it has', async () => {
    const rig = await engineRig(twoTenants);
    await give(rig, 'drain', { node: 'n1' });
    expect(rig.engine.takesMail()).toBe(false);
    expect((await rig.engine.frame()).accepting).toBe(false);
    await rig.inject({ recipients: ['a@gmail.example'] });
    await rig.clock.advance(100);
    expect(sent(rig)).toEqual(['a@gmail.example']);
    await rig.clock.advance(10);
    await give(rig, 'undrain', { node: 'n1' });
    expect(rig.engine.takesMail()).toBe(true);
  });
});
