// What one provider, tenant, site or path may do to another in a whole engine: nothing.
import { describe, expect, it } from 'vitest';
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
    expect((await rig.engine.frame()).queue.ready).toBeLessThan(1000);
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
    expect((await rig.engine.frame()).topQueues.map((queue) => queue.tenantId).sort()).toEqual([id(1), id(2)]);
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

  it('uses a rate in full when two thousand sites wait for it and for few connections', async () => {
    const rate = limitEntity(1, { where: { provider: 'big' }, by: ['source'], kind: 'message_rate', count: 500, perSeconds: 1, burst: 10 });
    const connections = limitEntity(2, { where: { provider: 'big' }, by: ['source'], kind: 'connections', count: 20 });
    const config = [...smallConfig(), providerEntity(1, 'big', 'example'), rate, connections];
    const rig = await engineRig(config, { deliverMs: () => 10, connectMs: () => 10 });
    for (let n = 0; n < 2000; n++) await rig.inject({ recipients: [`r@d${n}.example`] });
    await rig.clock.advance(4100);
    expect(rig.remote.deliveries.length).toBeGreaterThanOrEqual(1900);
    expect(rig.remote.mostOpen).toBeLessThanOrEqual(20);
  });

  it('begins connections at the rate of the limit, uses those that are open, and takes the rate of no connection that another limit refuses', async () => {
    const rate = limitEntity(1, {
      where: { provider: 'big' },
      by: ['source'],
      kind: 'connection_rate',
      count: 1,
      perSeconds: 10,
      burst: 1,
    });
    const open = limitEntity(2, { where: { provider: 'big' }, by: ['source'], kind: 'connections', count: 3 });
    const config = [...smallConfig(), providerEntity(1, 'big', 'example'), rate, open];
    const rig = await engineRig(config, { deliverMs: () => 10, perSession: 2 });
    const start = rig.clock.nowMs();
    for (let n = 0; n < 4; n++) for (let domain = 0; domain < 4; domain++) await rig.inject({ recipients: [`r${n}@d${domain}.example`] });
    await rig.clock.advance(65_000);
    const times = rig.remote.connects.map(({ atMs }) => Math.round((atMs - start) / 10_000));
    expect(times).toEqual([0, 0, 1, 2, 3, 4, 5, 6]);
    expect(rig.remote.deliveries.length).toBe(16);
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

  it('a host that says 421 to the second message of every connection costs no message an attempt, and every message its own connection', async () => {
    const reply = { code: 421, enhanced: '4.3.2', text: 'enough', command: 'mail' as const };
    const rig = await engineRig(smallConfig(), {
      outcome: (_entry, _path, transaction) =>
        transaction === 2 ? { kind: 'deferred', scope: 'session', reply, detail: 'mail: closing', unoffered: true } : {},
      perSession: 2,
    });
    for (let n = 0; n < 6; n++) {
      await rig.inject({ recipients: [`r${n}@x.example`] });
      await rig.clock.advance(1000);
    }
    expect(rig.spool.events.map((event) => `${event.type} ${event.attempt}`)).toEqual(Array.from({ length: 6 }, () => 'delivered 1'));
    expect(rig.remote.connects).toHaveLength(6);
  });

  it('a host that says 421 to the first message of every connection makes it wait and costs it an attempt', async () => {
    const reply = { code: 421, enhanced: '4.3.2', text: 'no', command: 'mail' as const };
    const rig = await engineRig(smallConfig(), {
      outcome: () => ({ kind: 'deferred', scope: 'session', reply, detail: 'mail: closing', unoffered: true }),
      perSession: 1,
    });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.spool.events.map((event) => event.type)).toEqual(['deferred', 'path_deferred']);
    expect(rig.remote.connects).toHaveLength(1);
  });

  it('repeats without an attempt what an idle connection lost before anything was offered', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: (_entry, _path, transaction) =>
        transaction === 2 ? { kind: 'deferred', scope: 'session', reply: null, detail: 'connection lost', unoffered: true } : {},
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

  it('counts an attempt that broke after the peer had answered, on a connection used before', async () => {
    const rig = await engineRig(smallConfig(), {
      outcome: (_entry, _path, transaction) =>
        transaction === 2 ? { kind: 'deferred', scope: 'session', reply: null, detail: 'message: the connection was lost' } : {},
      perSession: 2,
    });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
    await rig.inject({ recipients: ['b@x.example'] });
    await rig.clock.advance(1000);
    expect(rig.spool.events.map((event) => [event.type, event.attempt])).toEqual([
      ['delivered', 1],
      ['deferred', 1],
    ]);
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
