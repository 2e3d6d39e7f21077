// A machine that is short of something slows down; neither paths nor entries pay for it. And nobody waits for what stops somebody else.
import { describe, expect, it } from 'vitest';
import { engineRig, limitEntity, providerEntity } from './testing/engine-rig.ts';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities } from './testing/sample-config.ts';

const minute = 60_000;

describe('a shortage of sockets', () => {
  it('pauses connecting, costs no attempt and no path failure, and is one event', async () => {
    let short = true;
    const rig = await engineRig(smallConfig(), { shortage: () => (short ? 'EMFILE' : null) });
    for (let n = 0; n < 200; n++) await rig.inject({ recipients: [`a@d${n}.example`] });
    await rig.clock.advance(20_000);
    expect(rig.engine.status().pressure).toBe('EMFILE');
    expect(rig.spool.events).toMatchObject([{ type: 'path_deferred', detail: 'slowed down: EMFILE', sourceId: null }]);
    short = false;
    await rig.clock.advance(15_000);
    expect(rig.spool.events.slice(1).map((event) => `${event.type} ${event.attempt}`)).toEqual(Array(200).fill('delivered 1'));
    await rig.clock.advance(minute);
    expect(rig.engine.status().pressure).toBeNull();
  });
});

describe('an overload of DNS', () => {
  it('makes queues ask again later without a failure of their own', async () => {
    const rig = await engineRig(smallConfig());
    rig.dns.failing = true;
    rig.dns.pressure = true;
    for (let n = 0; n < 200; n++) await rig.inject({ recipients: [`a@d${n}.example`] });
    await rig.clock.advance(30_000);
    expect(rig.spool.events.map((event) => event.type)).toEqual(['path_deferred']);
    rig.dns.failing = false;
    await rig.clock.advance(30_000);
    expect(rig.spool.events.slice(1).map((event) => `${event.type} ${event.attempt}`)).toEqual(Array(200).fill('delivered 1'));
  });
});

/** Share of what `subject` delivers in a minute when the rest of the load is there, against what it delivers alone. */
async function share(entities: Parameters<typeof engineRig>[0], script: Parameters<typeof engineRig>[1], blocked: number): Promise<number> {
  const delivered = async (others: number): Promise<number> => {
    const rig = await engineRig(entities, script);
    for (let n = 0; n < others; n++) await rig.inject({ recipients: [`b${n}@big${n % 50}.example`] });
    for (let n = 0; n < 1000; n++) await rig.inject({ recipients: [`a${n}@small${n % 20}.test`], tenant: 2 });
    await rig.clock.advance(10_000);
    return rig.remote.deliveries
      .filter((delivery) => delivery.site.endsWith('.test'))
      .reduce((sum, delivery) => sum + delivery.entries.length, 0);
  };
  return (await delivered(blocked)) / (await delivered(0));
}
const twoTenants = [...smallConfig(), ...tenantEntities(2, 1)];

describe('fairness', () => {
  it('keeps the rate of everybody else while thousands wait for a provider that defers', async () => {
    const script = {
      deliverMs: () => 50,
      outcome: (entry: { domain: string }) => (entry.domain.startsWith('big') ? { kind: 'deferred' as const } : {}),
    };
    const provider = providerEntity(1, 'big', 'example');
    const perProvider = limitEntity(1, { where: { provider: 'big' }, by: ['provider'], kind: 'connections', count: 2 });
    expect(await share([...twoTenants, provider, perProvider], script, 10_000)).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps the rate of other tenants when one has used up its limit', async () => {
    const limit = limitEntity(1, { where: { tenant: id(1) }, by: ['tenant'], kind: 'message_rate', count: 1, perSeconds: 60 });
    expect(await share([...twoTenants, limit], { deliverMs: () => 50 }, 10_000)).toBeGreaterThanOrEqual(0.95);
  });

  it('lets transactional mail through at its weight though bulk for the same site came first', async () => {
    const rig = await engineRig(
      [
        sourceEntity(1),
        poolEntity(1, [{ sourceId: id(101), weight: 1 }]),
        ...tenantEntities(1, 1, { weight: 1 }),
        ...tenantEntities(2, 1, { weight: 100 }),
      ],
      { deliverMs: () => 100 },
    );
    await rig.configure([limitEntity(1, { where: {}, by: ['site'], kind: 'message_rate', count: 10 })]);
    for (let n = 0; n < 5000; n++) await rig.inject({ recipients: [`bulk${n}@x.example`] });
    await rig.clock.advance(5000);
    const start = rig.clock.nowMs();
    for (let n = 0; n < 50; n++) await rig.inject({ recipients: [`now${n}@x.example`], tenant: 2 });
    await rig.clock.advance(minute);
    const times = rig.remote.deliveries.filter(({ entries }) => entries[0]?.recipient.startsWith('now')).map(({ atMs }) => atMs - start);
    expect(times.length).toBe(50);
    expect(Math.max(...times)).toBeLessThan(8000);
  });
});
