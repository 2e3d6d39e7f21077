// What sessions are told comes from the configuration and changes with it.
import { describe, expect, it } from 'vitest';
import { engineRig } from './testing/engine-rig.ts';
import { id, smallConfig, type SampleEntity } from './testing/sample-config.ts';

const rule = (number: number, where: Record<string, string>, values: Record<string, unknown>): SampleEntity => ({
  kind: 'setting',
  id: id(700 + number),
  body: { name: `rule ${number}`, where, values },
});
const people = (domain: string, count: number): string[] => Array.from({ length: count }, (_, n) => `r${n}@${domain}`);

describe('delivery settings', () => {
  it('reach the session that is opened: the rule of its site and source, not of a domain or tenant', async () => {
    const rig = await engineRig([
      ...smallConfig(),
      rule(1, { site: 'mx.a.example' }, { messagesPerConnection: 7 }),
      rule(2, { source: id(101) }, { ehloName: 'told.example' }),
      rule(3, { tenant: id(1) }, { messagesPerConnection: 9 }),
    ]);
    await rig.inject({ recipients: ['r@a.example'] });
    await rig.inject({ recipients: ['r@b.example'] });
    await rig.clock.advance(1000);
    const told = rig.remote.connects.map(({ path }) => [path.site, path.settings.messagesPerConnection, path.settings.ehloName]);
    expect(told).toEqual([
      ['mx.a.example', 7, 'told.example'],
      ['mx.b.example', 100, 'told.example'],
    ]);
  });

  it('bound the recipients of one transaction, by tenant and domain too', async () => {
    const rig = await engineRig([
      ...smallConfig(),
      rule(1, {}, { recipientsPerTransaction: 4 }),
      rule(2, { tenant: id(1), domain: 'b.example' }, { recipientsPerTransaction: 2 }),
    ]);
    await rig.inject({ recipients: people('a.example', 8) });
    await rig.inject({ recipients: people('b.example', 8) });
    await rig.clock.advance(1000);
    const sizes = (site: string) => rig.remote.deliveries.filter((one) => one.site === site).map((one) => one.entries.length);
    expect([sizes('mx.a.example'), sizes('mx.b.example')]).toEqual([
      [4, 4],
      [2, 2, 2, 2],
    ]);
  });

  it('bound the connections of one path, and take effect at once when they change', async () => {
    const rig = await engineRig([...smallConfig(), rule(1, {}, { connectionsPerPath: 2, recipientsPerTransaction: 1 })], {
      deliverMs: () => 1000,
    });
    await rig.inject({ recipients: people('a.example', 60) });
    await rig.clock.advance(2500);
    expect(rig.remote.mostOpen).toBe(2);
    await rig.configure([rule(1, {}, { connectionsPerPath: 4, recipientsPerTransaction: 1 })]);
    await rig.clock.advance(2500);
    expect(rig.remote.mostOpen).toBe(4);
    expect(rig.remote.connects.at(-1)?.path.settings.connectionsPerPath).toBe(4);
  });

  it('end idle connections that were opened under others, and leave those of unchanged paths', async () => {
    const rig = await engineRig([...smallConfig(), rule(1, {}, { idleTimeoutMs: 60_000 })]);
    await rig.inject({ recipients: ['r@a.example'] });
    await rig.inject({ recipients: ['r@b.example'] });
    await rig.clock.advance(20_000);
    expect((await rig.engine.frame()).connections.outbound).toBe(2);
    await rig.configure([rule(2, { site: 'mx.a.example' }, { ehloName: 'other.example' })]);
    await rig.clock.advance(10);
    expect((await rig.engine.frame()).connections.outbound).toBe(1);
    await rig.inject({ recipients: ['r2@b.example'] });
    await rig.clock.advance(1000);
    expect(rig.remote.connects).toHaveLength(2);
  });

  it('say how many connects may fail before the path rests', async () => {
    const connects = async (connectFailuresBeforeRest: number) => {
      const rig = await engineRig([...smallConfig(), rule(1, {}, { connectFailuresBeforeRest })], { refuse: () => 'refused' });
      await rig.inject({ recipients: ['r@a.example'] });
      await rig.clock.advance(9_000);
      return rig.remote.connects.length;
    };
    expect(await connects(100)).toBeGreaterThanOrEqual((await connects(1)) + 5);
  });
});
