// A message through the whole engine, over simulated remotes and a spool in memory, under a clock that the test moves.
import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '@sluice/contract';
import { id, smallConfig, tenantEntities } from './testing/sample-config.ts';
import { commandOf } from './testing/sample-command.ts';
import { engineRig, rigMessageId } from './testing/engine-rig.ts';

const hour = 3_600_000;
const suspend = (rig: { clock: { nowMs(): number } }, source: number, minutes = 60, number = 1): EngineCommand =>
  commandOf('suspend', { source: id(100 + source) }, { number, nowMs: rig.clock.nowMs(), lastsMs: minutes * 60_000 });

describe('delivery', () => {
  it('delivers, records the event with its facts and forgets the entry', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10);
    expect(rig.spool.entries()).toEqual([]);
    expect(rig.spool.events).toMatchObject([
      {
        type: 'delivered',
        recipient: 'a@x.example',
        attempt: 1,
        sourceId: id(101),
        poolId: id(201),
        site: 'mx.x.example',
        mxHost: 'mx.x.example',
        tenantId: id(1),
        sizeBytes: 5,
      },
    ]);
    expect(rig.engine.status()).toMatchObject({ state: 'running', entries: 0 });
  });

  it('tries a deferred recipient again at the times of its stream, and only that recipient', async () => {
    const rig = await engineRig([...smallConfig().slice(0, 2), ...tenantEntities(1, 1, { retrySeconds: [60, 600] })]);
    rig.remote.script.outcome = (entry) =>
      entry.recipient.startsWith('full') && entry.attempts < 3 ? { kind: 'deferred', bounceClass: 'mailbox_full' } : {};
    const start = rig.clock.nowMs();
    await rig.inject({ recipients: ['full@x.example', 'ok@x.example'] });
    await rig.clock.advance(hour);
    const times = rig.remote.deliveries
      .filter((delivery) => delivery.entries.some((entry) => entry.recipient === 'full@x.example'))
      .map((delivery) => (delivery.atMs - start) / 1000);
    expect(times.length).toBe(4);
    expect(times[1]).toBeGreaterThanOrEqual(60);
    expect(times[1]).toBeLessThanOrEqual(66.1);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(600);
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeLessThanOrEqual(660.1);
    expect(rig.spool.events.filter((event) => event.recipient === 'ok@x.example').map((event) => event.type)).toEqual(['delivered']);
    expect(rig.spool.events.filter((event) => event.type === 'deferred').map((event) => event.attempt)).toEqual([1, 2, 3]);
  });

  it("hands a path its provider's reply rules, as they are at each attempt, and names the rule in the event", async () => {
    const provider = (key: string) => {
      const samples = [{ code: 451, enhanced: null, text: 'busy' }];
      const rule = { key, meaning: 'for a test', match: { codes: [4] }, bounceClass: 'other', samples };
      return {
        kind: 'provider',
        id: id(901),
        body: { key: 'big', name: 'Big', mxSuffixes: ['mx.x.example'], replyRules: [rule] },
      } as const;
    };
    const rig = await engineRig([...smallConfig(), provider('big.first')], {
      outcome: (_entry, path) => ({ kind: 'deferred', bounceClass: 'other', replyRule: path.replyRules?.[0]?.key }),
    });
    await rig.inject({ recipients: ['a@x.example', 'b@y.example'] });
    await rig.clock.advance(10);
    await rig.configure([provider('big.second')]);
    await rig.clock.advance(90_000);
    const named = (recipient: string) => rig.spool.events.filter((event) => event.recipient === recipient).map((event) => event.replyRule);
    expect(named('a@x.example')).toEqual(['big.first', 'big.second']);
    expect(named('b@y.example')).toEqual([undefined, undefined]);
  });

  it('ends an entry at its expiry, whatever holds it', async () => {
    const held = await engineRig(smallConfig());
    await held.command(suspend(held, 1, 24 * 60));
    await held.inject({ recipients: ['a@x.example'], lifeMs: hour });
    await held.clock.advance(hour + 20_000);
    expect(held.spool.events.map((event) => event.type)).toEqual(['expired']);
    expect(held.spool.entries()).toEqual([]);
    const resting = await engineRig(smallConfig(), { refuse: () => 'connection refused' });
    await resting.inject({ recipients: ['a@x.example'], lifeMs: hour });
    await resting.clock.advance(2 * hour);
    expect(resting.spool.events.at(-1)).toMatchObject({ type: 'expired', bounceClass: 'expired', attempt: 0 });
    expect(resting.engine.status().entries).toBe(0);
    const deferring = await engineRig(smallConfig(), { outcome: () => ({ kind: 'deferred' }) });
    await deferring.inject({ recipients: ['a@x.example'], lifeMs: hour });
    await deferring.clock.advance(2 * hour);
    expect(deferring.spool.events.at(-1)).toMatchObject({ type: 'expired' });
    expect(deferring.spool.entries()).toEqual([]);
  });

  it('goes on with what waits behind a full lane when all of the lane expires', async () => {
    const rig = await engineRig(smallConfig(), { refuse: () => 'connection refused' });
    for (let n = 0; n < 200; n++) await rig.inject({ recipients: [`short${n}@x.example`], lifeMs: 120_000 });
    for (let n = 0; n < 50; n++) await rig.inject({ recipients: [`long${n}@x.example`] });
    await rig.clock.advance(200_000);
    expect(rig.spool.events.filter((event) => event.type === 'expired').length).toBe(200);
    rig.remote.script = {};
    await rig.clock.advance(2 * hour);
    expect(rig.remote.deliveries.length).toBe(50);
  });

  it('ends a recipient of a domain that does not exist or takes no mail without any attempt', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@nxdomain.example', 'a@nullmx.example'] });
    await rig.clock.advance(10);
    expect(rig.remote.connects).toEqual([]);
    expect(rig.spool.events.map((event) => [event.type, event.bounceClass, event.detail?.slice(0, 6)])).toEqual([
      ['bounced', 'bad_domain', '5.1.2 '],
      ['bounced', 'bad_domain', '5.1.10'],
    ]);
  });

  it('keeps mail while DNS gives no answer, at the cost of no attempt', async () => {
    const rig = await engineRig(smallConfig());
    rig.dns.failing = true;
    await rig.inject({ recipients: ['a@x.example', 'b@x.example'] });
    await rig.clock.advance(60_000);
    expect(rig.spool.events.every((event) => event.type === 'path_deferred' && event.heldCount === 2 && event.tenantId === null)).toBe(
      true,
    );
    rig.dns.failing = false;
    await rig.clock.advance(hour);
    expect(rig.spool.events.filter((event) => event.type === 'delivered').map((event) => event.attempt)).toEqual([1, 1]);
  });

  it('puts neighbours of one injection into one transaction of at most 100, never those of two', async () => {
    const rig = await engineRig(smallConfig(), { deliverMs: () => 10 });
    const many = Array.from({ length: 150 }, (_, index) => `r${index}@x.example`);
    await rig.inject({ recipients: many });
    await rig.inject({ recipients: ['other@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.remote.deliveries.map((delivery) => delivery.entries.length).sort((a, b) => b - a)).toEqual([100, 50, 1]);
    for (const delivery of rig.remote.deliveries) expect(new Set(delivery.entries.map((entry) => entry.messageId)).size).toBe(1);
  });
});

describe('spool', () => {
  it('attempts nothing while outcomes cannot be recorded, and goes on when they can', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@x.example'], accepted: false });
    rig.spool.setTrouble({ code: 'io_error', message: 'input/output error', deliveryMayGoOn: false });
    rig.enqueueAccepted();
    await rig.clock.advance(60_000);
    expect(rig.remote.connects).toEqual([]);
    rig.spool.setTrouble(null);
    await rig.clock.advance(2000);
    expect(rig.remote.deliveries.length).toBe(1);
  });

  it('sets aside an entry whose content cannot be read, with an event, and delivers the others', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['bad@x.example'], accepted: false });
    rig.spool.unreadable.add(rigMessageId(1));
    rig.enqueueAccepted();
    await rig.inject({ recipients: ['good@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.remote.deliveries.map((delivery) => delivery.entries[0]?.recipient)).toEqual(['good@x.example']);
    expect(rig.spool.events.find((event) => event.recipient === 'bad@x.example')).toMatchObject({
      type: 'deferred',
      detail: expect.stringContaining('set aside'),
    });
    expect(rig.spool.entries().map((entry) => entry.recipient)).toEqual(['bad@x.example']);
    expect(rig.engine.status()).toMatchObject({ entries: 0, setAside: 1 });
  });

  it('sets aside an entry whose content turns out unreadable while it is sent, and no attempt is made again', async () => {
    const lost = { kind: 'deferred', scope: 'transaction', bounceClass: 'other', detail: 'message: damaged', contentLost: true } as const;
    const rig = await engineRig(smallConfig(), { outcome: ({ recipient }) => (recipient === 'bad@x.example' ? lost : {}) });
    await rig.inject({ recipients: ['bad@x.example'] });
    await rig.inject({ recipients: ['good@x.example'] });
    await rig.clock.advance(2 * 86_400_000);
    expect(rig.spool.events.filter((event) => event.recipient === 'bad@x.example').map(({ type, detail }) => [type, detail])).toEqual([
      ['deferred', expect.stringContaining('set aside')],
    ]);
    expect(rig.spool.entries().map((entry) => entry.recipient)).toEqual(['bad@x.example']);
    expect(rig.engine.status()).toMatchObject({ entries: 0, setAside: 1 });
  });

  it('does not try an entry again before the outcome of its last attempt is on disk', async () => {
    const rig = await engineRig([...smallConfig().slice(0, 2), ...tenantEntities(1, 1, { retrySeconds: [1] })], {
      outcome: () => ({ kind: 'deferred' }),
    });
    const release = rig.spool.stall();
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(60_000);
    expect(rig.remote.deliveries.length).toBe(1);
    release();
    await rig.clock.advance(3000);
    expect(rig.remote.deliveries.length).toBeGreaterThan(1);
  });

  it('resumes after a restart where the journal left it: attempts, due times and what was over', async () => {
    const rig = await engineRig(smallConfig(), { outcome: (entry) => (entry.recipient.startsWith('later') ? { kind: 'deferred' } : {}) });
    await rig.inject({ recipients: ['later@x.example', 'done@x.example'] });
    await rig.clock.advance(10);
    const again = await rig.restart();
    again.remote.script = {};
    await again.clock.advance(30_000);
    expect(again.remote.deliveries).toEqual([]);
    await again.clock.advance(60_000);
    expect(again.remote.deliveries.map((delivery) => delivery.entries.map((entry) => entry.recipient))).toEqual([['later@x.example']]);
    expect(again.spool.events.at(-1)).toMatchObject({ type: 'delivered', attempt: 2 });
  });
});

describe('drain', () => {
  it('lets attempts in flight finish and be recorded, starts no others, and ends every session', async () => {
    const rig = await engineRig(smallConfig(), { deliverMs: () => 3000, perSession: 3 });
    for (let n = 0; n < 100; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(100);
    const inFlight = (await rig.engine.frame()).queue.inFlight;
    expect(inFlight).toBeGreaterThan(0);
    let ended = false;
    const stopped = rig.engine.stop().then(() => (ended = true));
    await rig.clock.advance(2000);
    expect(ended).toBe(false);
    await rig.clock.advance(2000);
    expect(ended).toBe(true);
    await stopped;
    expect(rig.spool.events.filter((event) => event.type === 'delivered').length).toBe(inFlight);
    expect(rig.spool.entries().length).toBe(100 - inFlight);
    expect(rig.remote.open.size).toBe(0);
    expect(rig.clock.timers).toBe(0);
  });

  it('cuts what is open after the grace', async () => {
    const rig = await engineRig(smallConfig(), { deliverMs: () => hour });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(100);
    let ended = false;
    const stopped = rig.engine.stop(5000).then(() => (ended = true));
    await rig.clock.advance(4000);
    expect(ended).toBe(false);
    await rig.clock.advance(4000);
    expect(ended).toBe(true);
    await stopped;
    expect(rig.spool.entries().length).toBe(1);
  });
});

describe('frames', () => {
  it('publishes one a second, with counters, gauges and the largest queues', async () => {
    const rig = await engineRig(smallConfig(), { deliverMs: () => 500 });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(3500);
    expect(rig.frames.length).toBe(3);
    expect(rig.frames[2]).toMatchObject({
      node: 'n1',
      egress: 'sandbox',
      revision: 1,
      accepting: true,
      counters: { accepted: 1, delivered: 1 },
      queue: { scheduled: 0, ready: 0, inFlight: 0, held: 0 },
    });
  });
});
