// Very many sites behind one limit: past a bound of paths their queues stand in the limit's line themselves, and nobody who waits, watches
// or commands can tell, but by what it costs.
import type { QueueName } from '@sluice/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { maxStandingPaths } from './queue/limit-line.ts';
import { engineRig, limitEntity, providerEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, smallConfig } from './testing/sample-config.ts';

const domains = maxStandingPaths + 2_000;
const domainOf = (n: number): string => `d${n}.big.example`;
const queueOf = (n: number): QueueName => ({ tenantId: id(1), streamId: id(301), campaign: null, domain: domainOf(n) });
/** Of the last thousand, in line by then. */
const campaignOf = (n: number): string | undefined => (n >= domains - 1_000 ? 'gone' : undefined);

async function crowded(perSecond: number): Promise<EngineRig> {
  const limit = limitEntity(1, { where: { provider: 'big' }, by: [], kind: 'message_rate', count: perSecond, perSeconds: 1 });
  const rig = await engineRig([...smallConfig(), providerEntity(1, 'big', 'big.example'), limit], { deliverMs: () => 10 });
  for (let n = 0; n < domains; n++) await rig.inject({ recipients: [`r@${domainOf(n)}`], campaign: campaignOf(n) });
  await rig.clock.advance(1);
  return rig;
}

/** What takes its time in slices that the clock gives. */
async function meanwhile<T>(rig: EngineRig, answer: Promise<T>): Promise<T> {
  await rig.clock.advance(100);
  return answer;
}

describe('more sites behind one limit than have paths of their own', () => {
  let rig: EngineRig;
  beforeAll(async () => {
    rig = await crowded(250);
  }, 30_000);

  it('have a bounded number of them ready; the others say that the limit holds them', async () => {
    const { ready } = (await meanwhile(rig, rig.engine.frame())).queue;
    expect(ready).toBeLessThanOrEqual(maxStandingPaths + 1);
    expect(ready).toBeGreaterThan(maxStandingPaths / 2);
    const answer = await meanwhile(rig, rig.ask({ kind: 'explain', queue: queueOf(domains - 1_001) }));
    expect(answer).toMatchObject({ row: { due: 1, ready: 0 }, holds: [{ kind: 'limit', entries: 1, limit: { name: 'limit 1' } }] });
  });

  it('do not delay mail of another provider', async () => {
    await rig.inject({ recipients: ['a@swift.example'] });
    await rig.clock.advance(15);
    expect(rig.remote.deliveries.some(({ site }) => site === 'mx.swift.example')).toBe(true);
  });

  it('end at once when a command cancels them', async () => {
    await meanwhile(rig, rig.command(commandOf('cancel', { campaign: 'gone' }, { number: 1, nowMs: rig.clock.nowMs() })));
    expect(rig.spool.events.filter(({ type }) => type === 'cancelled').length).toBe(1_000);
  });

  it('are delivered in the order in which they came, at the full rate, though their routes have to be found anew', async () => {
    await meanwhile(rig, rig.command(commandOf('flush_dns', {}, { number: 2, nowMs: rig.clock.nowMs() })));
    await rig.clock.advance((domains - 1_000) * 4);
    const sites = rig.remote.deliveries.map(({ site }) => site).filter((site) => site.includes('.big.'));
    expect(sites.length).toBe(domains - 1_000);
    let furthestBack = 0;
    let last = 0;
    for (const site of sites) {
      const number = Number(/\d+/.exec(site)?.[0]);
      furthestBack = Math.max(furthestBack, last - number);
      last = Math.max(last, number);
    }
    expect(furthestBack).toBeLessThan(20);
  }, 30_000);
});

it('a site that has something ready takes what comes into its lanes, whatever stands in line', async () => {
  const rig = await crowded(50);
  for (let n = 0; n < 100; n++) await rig.inject({ recipients: [`r${n}@${domainOf(1_000)}`] });
  const answer = await meanwhile(rig, rig.ask({ kind: 'explain', queue: queueOf(1_000) }));
  expect(answer).toMatchObject({ row: { ready: 101, due: 0 } });
}, 30_000);
