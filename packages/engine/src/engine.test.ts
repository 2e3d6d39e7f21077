// The whole engine over simulated remotes and a spool in memory, under a clock that the test moves.
import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '@sluice/contract';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';
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
const suspend = (rig: { clock: { nowMs(): number } }, source: number, minutes = 60, number = 1): EngineCommand => ({
  id: id(5000 + number),
  kind: 'suspend',
  scope: { sourceId: id(100 + source) },
  reason: 'a test says so',
  issuedBy: 'test',
  issuedAt: new Date(rig.clock.nowMs()).toISOString(),
  expiresAt: new Date(rig.clock.nowMs() + minutes * 60_000).toISOString(),
});
const resume = (rig: { clock: { nowMs(): number } }, source: number, number = 2): EngineCommand => ({
  ...suspend(rig, source, 60, number),
  kind: 'resume',
  expiresAt: null,
});

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

describe('isolation', () => {
  it('delivers to one provider at once while 50,000 entries wait for another', async () => {
    const rig = await engineRig(
      [...smallConfig(), providerEntity(1, 'stuck', 'stuck.example'), providerEntity(2, 'swift', 'swift.example')],
      {
        refuse: (path) => (path.provider === 'stuck' ? 'connection timed out' : null),
      },
    );
    for (let batch = 0; batch < 50; batch++)
      await rig.inject({ recipients: Array.from({ length: 1000 }, (_, index) => `r${index}@stuck.example`) });
    await rig.clock.advance(100);
    const before = rig.clock.nowMs();
    await rig.inject({ recipients: ['a@swift.example'] });
    await rig.clock.advance(50);
    const delivered = rig.spool.events.find((event) => event.type === 'delivered');
    expect(delivered).toMatchObject({ recipient: 'a@swift.example' });
    expect((delivered?.at ?? Infinity) - before).toBeLessThan(50);
    expect(rig.engine.frame().queue.ready).toBeLessThan(1000);
    expect(rig.engine.status().entries).toBe(50_000);
  });

  it('does not delay a tenant by the exhausted limit of another', async () => {
    const limit = limitEntity(1, { where: { tenant: id(1) }, by: ['tenant'], kind: 'message_rate', count: 1, perSeconds: 60 });
    const rig = await engineRig([...smallConfig(), ...tenantEntities(2, 1), limit]);
    await rig.inject({ tenant: 1, recipients: ['a@x.example'] });
    for (let n = 0; n < 20; n++) await rig.inject({ tenant: 1, recipients: [`b${n}@x.example`] });
    for (let n = 0; n < 20; n++) await rig.inject({ tenant: 2, recipients: [`c${n}@x.example`] });
    await rig.clock.advance(1000);
    const delivered = rig.spool.events.filter((event) => event.type === 'delivered');
    expect(delivered.filter((event) => event.tenantId === id(2)).length).toBe(20);
    expect(delivered.filter((event) => event.tenantId === id(1)).length).toBe(1);
  });

  it('shares a busy path between streams by weight', async () => {
    const config = [
      sourceEntity(1),
      poolEntity(1, [{ sourceId: id(101), weight: 1 }]),
      ...tenantEntities(1, 1, { weight: 30 }),
      ...tenantEntities(2, 1, { weight: 10 }),
    ];
    const limit = limitEntity(1, { where: {}, by: ['source'], kind: 'message_rate', count: 10, perSeconds: 1 });
    const rig = await engineRig([...config, limit]);
    for (let n = 0; n < 400; n++) for (const tenant of [1, 2]) await rig.inject({ tenant, recipients: [`r${n}@x.example`] });
    await rig.clock.advance(32_000);
    const shares = [1, 2].map(
      (tenant) => rig.spool.events.filter((event) => event.type === 'delivered' && event.tenantId === id(tenant)).length,
    );
    expect(shares[0]).toBeGreaterThan(200);
    expect((shares[0] ?? 0) / (shares[1] ?? 1)).toBeGreaterThan(2.6);
    expect((shares[0] ?? 0) / (shares[1] ?? 1)).toBeLessThan(3.4);
  });

  it('shares a pool between its sources by weight', async () => {
    const rig = await engineRig(twoSources([3, 1]));
    for (let n = 0; n < 400; n++) await rig.inject({ recipients: [`r${n}@d${n % 40}.example`] });
    await rig.clock.advance(60_000);
    const bySource = (source: number): number => rig.remote.deliveries.filter((delivery) => delivery.sourceId === id(100 + source)).length;
    expect(bySource(1) + bySource(2)).toBe(400);
    expect(bySource(1)).toBeGreaterThanOrEqual(290);
    expect(bySource(1)).toBeLessThanOrEqual(310);
  });

  it('keeps two tenants with equal stream and domain names in queues and pools of their own', async () => {
    const config = [
      sourceEntity(1),
      sourceEntity(2),
      poolEntity(1, [{ sourceId: id(101), weight: 1 }]),
      poolEntity(2, [{ sourceId: id(102), weight: 1 }]),
    ];
    const rig = await engineRig([...config, ...tenantEntities(1, 1), ...tenantEntities(2, 2)], { deliverMs: () => 1000 });
    for (const tenant of [1, 2]) await rig.inject({ tenant, recipients: ['same@x.example'] });
    await rig.clock.advance(10);
    expect(
      rig.engine
        .frame()
        .topQueues.map((queue) => queue.tenantId)
        .sort(),
    ).toEqual([id(1), id(2)]);
    await rig.clock.advance(5000);
    expect(rig.spool.events.map((event) => [event.tenantId, event.sourceId]).sort()).toEqual([
      [id(1), id(101)],
      [id(2), id(102)],
    ]);
  });

  it('never sends through a pool that is not in the list of the stream', async () => {
    const config = [
      sourceEntity(1),
      sourceEntity(2),
      poolEntity(1, [{ sourceId: id(101), weight: 1 }]),
      poolEntity(2, [{ sourceId: id(102), weight: 1 }]),
    ];
    const rig = await engineRig([...config, ...tenantEntities(1, 1)]);
    await rig.inject({ recipients: ['a@x.example'], pool: id(202) });
    await rig.clock.advance(10);
    expect(rig.remote.deliveries.map((delivery) => delivery.sourceId)).toEqual([id(101)]);
  });

  it('attempts no entry of the other egress mode', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@x.example'], egress: 'internet' });
    await rig.clock.advance(hour);
    expect(rig.remote.connects).toEqual([]);
    expect(rig.engine.status().setAside).toBe(1);
  });
});

describe('limits', () => {
  it('opens no more connections than the limit grants and lets sites of one provider take turns', async () => {
    const limit = limitEntity(1, { where: { provider: 'big' }, by: ['source', 'provider'], kind: 'connections', count: 2 });
    const rig = await engineRig([...smallConfig(), providerEntity(1, 'big', 'example'), limit], { deliverMs: () => 20, perSession: 5 });
    for (let n = 0; n < 30; n++) for (let domain = 0; domain < 10; domain++) await rig.inject({ recipients: [`r${n}@d${domain}.example`] });
    await rig.clock.advance(60_000);
    expect(rig.remote.mostOpen).toBe(2);
    expect(rig.remote.deliveries.length).toBe(300);
    const firstOf = (domain: number): number => rig.remote.deliveries.findIndex((delivery) => delivery.site === `mx.d${domain}.example`);
    expect(Math.max(...Array.from({ length: 10 }, (_, domain) => firstOf(domain)))).toBeLessThan(150);
  });

  it('holds a message rate over many sites of one provider without losing throughput', async () => {
    const limit = limitEntity(1, {
      where: { provider: 'big' },
      by: ['source', 'provider'],
      kind: 'message_rate',
      count: 10,
      perSeconds: 1,
      burst: 5,
    });
    const rig = await engineRig([...smallConfig(), providerEntity(1, 'big', 'example'), limit], {
      connectMs: () => 30,
      deliverMs: () => 20,
    });
    const start = rig.clock.nowMs();
    for (let n = 0; n < 20; n++) for (let domain = 0; domain < 20; domain++) await rig.inject({ recipients: [`r${n}@d${domain}.example`] });
    await rig.clock.advance(20_000);
    const times = rig.remote.deliveries.map((delivery) => delivery.atMs - start);
    expect(times.length).toBeGreaterThanOrEqual(190);
    expect(times.length).toBeLessThanOrEqual(206);
    for (let from = 0; from < 19_000; from += 500) {
      const inWindow = times.filter((time) => time >= from && time < from + 1000).length;
      // The wire is 50 ms behind the reservation where a connection had to be opened first.
      expect(inWindow).toBeLessThanOrEqual(17);
    }
  });

  it('closes an idle connection after five seconds and reuses it before', async () => {
    const rig = await engineRig(smallConfig());
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(3000);
    await rig.inject({ recipients: ['b@x.example'] });
    await rig.clock.advance(4000);
    expect(rig.remote.connects.length).toBe(1);
    expect(rig.remote.quits).toBe(0);
    await rig.clock.advance(2000);
    expect(rig.remote.quits).toBe(1);
  });

  it('gives an idle connection up at once when another site waits for the limit', async () => {
    const limit = limitEntity(1, { where: {}, by: ['source'], kind: 'connections', count: 1 });
    const rig = await engineRig([...smallConfig(), limit]);
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(100);
    await rig.inject({ recipients: ['a@y.example'] });
    await rig.clock.advance(100);
    expect(rig.remote.deliveries.map((delivery) => delivery.site)).toEqual(['mx.x.example', 'mx.y.example']);
    expect(rig.remote.mostOpen).toBe(1);
  });
});

describe('paths', () => {
  it('delays a path once for a failed connect, with one event, and costs no entry an attempt', async () => {
    let down = true;
    const rig = await engineRig(smallConfig(), { refuse: () => (down ? 'connection refused' : null), connectMs: () => 100 });
    for (let n = 0; n < 200; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(5000);
    expect(rig.spool.events).toMatchObject([
      { type: 'path_deferred', heldCount: 200, site: 'mx.x.example', tenantId: null, bounceClass: 'network', detail: 'connection refused' },
    ]);
    await rig.clock.advance(60_000);
    const gaps = rig.spool.events.map((event) => (event.nextAttemptAt ?? 0) - event.at);
    expect(gaps.length).toBe(3);
    expect(gaps[1]).toBeGreaterThan((gaps[0] ?? 0) * 1.7);
    down = false;
    await rig.clock.advance(hour);
    const delivered = rig.spool.events.filter((event) => event.type === 'delivered');
    expect(delivered.length).toBe(200);
    expect(delivered.every((event) => event.attempt === 1)).toBe(true);
  });

  it('sends by another source of the pool while one cannot connect', async () => {
    const rig = await engineRig(twoSources(), { refuse: (path) => (path.source.id === id(101) ? 'address not available' : null) });
    for (let n = 0; n < 50; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(2000);
    expect(rig.remote.deliveries.length).toBe(50);
    expect(new Set(rig.remote.deliveries.map((delivery) => delivery.sourceId))).toEqual(new Set([id(102)]));
  });

  it('repeats without an attempt what an idle connection lost before anything was offered', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: (_entry, _path, transaction) =>
        transaction === 2 ? { kind: 'deferred', scope: 'session', reply: null, detail: 'connection lost' } : {},
      perSession: 2,
    });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    await rig.inject({ recipients: ['b@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.spool.events.map((event) => [event.type, event.attempt])).toEqual([
      ['delivered', 1],
      ['delivered', 1],
    ]);
    expect(rig.remote.connects.length).toBe(2);
  });

  it('rests a path whose host answers 421', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: () => ({ kind: 'deferred', scope: 'session', reply: { code: 421, enhanced: '4.7.0', text: 'slow down', command: 'mail' } }),
      perSession: 1,
    });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10);
    await rig.inject({ recipients: ['b@x.example'] });
    await rig.clock.advance(5000);
    expect(rig.remote.connects.length).toBe(1);
    expect(rig.spool.events.map((event) => event.type).sort()).toEqual(['deferred', 'path_deferred']);
  });
});

describe('suspension', () => {
  it('holds the mail of a suspended source and releases it when it is resumed', async () => {
    const rig = await engineRig(smallConfig());
    const command = suspend(rig, 1);
    expect(await rig.command(command)).toMatchObject({ status: 'applied', node: 'n1' });
    for (let n = 0; n < 5; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
    await rig.clock.advance(60_000);
    expect(rig.remote.connects).toEqual([]);
    expect(rig.engine.frame()).toMatchObject({
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
    expect(rig.engine.frame().queue.held).toBe(1);
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

  it('moves waiting mail to a static route that a revision brings', async () => {
    const rig = await engineRig(smallConfig(), { refuse: (path) => (path.site === 'mx.x.example' ? 'connection refused' : null) });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    await rig.configure([{ kind: 'route', id: id(700), body: { domain: 'x.example', host: '127.0.0.9', port: 2525 } }]);
    await rig.clock.advance(1000);
    expect(rig.remote.deliveries.map((delivery) => delivery.site)).toEqual(['127.0.0.9:2525']);
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
    rig.spool.unreadable.add('m1');
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
    const inFlight = rig.engine.frame().queue.inFlight;
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
    expect([...rig.remote.open.values()].every((open) => open === 0)).toBe(true);
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
