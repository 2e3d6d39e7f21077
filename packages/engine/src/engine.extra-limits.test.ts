// Limits that the engine is given while it runs, beside those of the configuration.
import type { LimitRule } from '@sluice/policy';
import { expect, it } from 'vitest';
import { engineRig, limitEntity } from './testing/engine-rig.ts';
import { id, smallConfig } from './testing/sample-config.ts';

const slower = (count: number): LimitRule => ({
  ...{ id: 'slow:x', name: 'slowed down', where: { site: 'mx.x.example' }, by: [], kind: 'message_rate', enabled: true },
  ...{ count, perSeconds: 10, burst: 0 },
});

it('hold at once, keep what is counted when they change, are named to who asks, and let go when they are taken away', async () => {
  const rig = await engineRig([...smallConfig(), limitEntity(1, { where: {}, by: [], kind: 'message_rate', count: 100, perSeconds: 1 })]);
  const sent = (): number => rig.remote.deliveries.length;
  await rig.engine.setExtraLimits([slower(1)]);
  for (let n = 0; n < 30; n++) await rig.inject({ recipients: [`r${n}@x.example`] });
  await rig.clock.advance(9_000);
  expect(sent()).toBe(1);
  const answer = await rig.ask({ kind: 'explain', queue: { tenantId: id(1), streamId: id(301), campaign: null, domain: 'x.example' } });
  expect(answer).toMatchObject({ holds: [{ kind: 'limit', limit: { id: 'slow:x', name: 'slowed down' } }] });
  await rig.engine.setExtraLimits([slower(10)]);
  // What is owed is kept in units: a tenth of one, a tenth of a second now.
  await rig.clock.advance(50);
  expect(sent()).toBe(1);
  await rig.clock.advance(850);
  expect(sent()).toBe(2);
  const before = sent();
  await rig.configure([limitEntity(2, { where: {}, by: [], kind: 'message_rate', count: 1_000, perSeconds: 1 })]);
  await rig.clock.advance(1_000);
  expect(sent()).toBeLessThanOrEqual(before + 1);
  await rig.engine.setExtraLimits([]);
  await rig.clock.advance(1_000);
  expect(sent()).toBe(30);
});
