import { automationBody } from '@sluice/contract';
import type { AutomationRule } from '@sluice/policy';
import { describe, expect, it } from 'vitest';
import { limitEntity } from '../testing/engine-rig.ts';
import { generationOf, id, smallConfig, sourceEntity } from '../testing/sample-config.ts';
import type { Action } from './action.ts';
import { actionOfLimit, configuredPerMinute, limitsOf } from './limits-of.ts';

const reduce = { kind: 'reduce', toPercent: 50, floorPerMinute: 10, quietSeconds: 600, stepPercent: 10 };
const ruleOf = (over: object = {}): AutomationRule => {
  const trigger = { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 50, windowSeconds: 300 };
  return { ...automationBody.parse({ name: 'slow', trigger, action: reduce, forSeconds: 600, ...over }), id: id(600) };
};
const action = (over: Partial<Action> = {}, ratePerMinute = 100): Action => ({
  ...{ id: id(700), ruleId: id(600), ruleName: 'slow', key: 'k', kind: 'reduce', dry: false, sentence: '', startedMs: 0, lastHitMs: 0 },
  ...{ subject: { source: id(101), provider: 'gmail' }, endsMs: 1, pinned: null, pool: null, commandId: null },
  throttle: {
    fromPerMinute: 200,
    ratePerMinute,
    quietPerMinute: null,
    hitPerMinute: 200,
    capPerMinute: null,
    patience: 1,
    above: 0,
    pausedUntilMs: 0,
    stepAtMs: 0,
  },
  ...over,
});
const nowMs = 1;
const generation = generationOf([...smallConfig(), sourceEntity(2), sourceEntity(3, { publicAddress: '192.0.2.1' })]);

describe('the limits of an action', () => {
  it('hold what it names to its rate, under an id that stays', () => {
    const [limit] = limitsOf(action(), ruleOf(), generation, nowMs);
    expect(limit).toMatchObject({
      kind: 'message_rate',
      where: { source: id(101), provider: 'gmail' },
      by: [],
      count: 100,
      perSeconds: 60,
    });
    expect([limit?.id, actionOfLimit(limit?.id ?? ''), actionOfLimit('another')]).toEqual([`automation:${id(700)}`, id(700), null]);
  });

  it('keep rates below one a minute', () => {
    const [slow] = limitsOf(action({}, 0.5), ruleOf(), generation, nowMs);
    expect([slow?.count, slow?.perSeconds]).toEqual([1, 120]);
    const [odd] = limitsOf(action({}, 2.4), ruleOf(), generation, nowMs);
    expect((odd?.count ?? 0) / (odd?.perSeconds ?? 1)).toBeCloseTo(2.4 / 60, 5);
  });

  it('let nothing pass while it pauses after a hit', () => {
    const paused = action();
    const throttle = paused.throttle && { ...paused.throttle, pausedUntilMs: nowMs + 1 };
    expect(limitsOf({ ...paused, throttle }, ruleOf(), generation, nowMs)).toMatchObject([{ count: 1, perSeconds: 86_400 }]);
  });

  it('of a network hold every source in it, and no other', () => {
    const limits = limitsOf(action({ subject: { source: id(101), provider: 'gmail', identity: 'network' } }), ruleOf(), generation, nowMs);
    expect(limits.map(({ where }) => where.source).toSorted()).toEqual([id(101), id(102)]);
    expect(new Set(limits.map((limit) => limit.id)).size).toBe(2);
  });

  it('of an address hold its pool to what it sent less what the source gave up', () => {
    const limits = limitsOf(action({ pool: { id: id(201), fromPerMinute: 500 } }), ruleOf(), generation, nowMs);
    expect(limits[1]).toMatchObject({ where: { pool: id(201), provider: 'gmail' }, count: 400, perSeconds: 60 });
  });

  it('set connections as the rule says', () => {
    const rule = ruleOf({ action: { kind: 'limit', of: 'connections', count: 2, perSeconds: 1 } });
    expect(limitsOf(action({ kind: 'limit', throttle: null }), rule, generation, nowMs)).toMatchObject([{ kind: 'connections', count: 2 }]);
  });
});

it('the configured rate is the least of those that are counted by what is known', () => {
  const rate = (number: number, body: object) => limitEntity(number, { kind: 'message_rate', ...body });
  const config = generationOf([
    ...smallConfig(),
    rate(1, { where: { provider: 'gmail' }, by: ['source'], count: 20 }),
    rate(2, { where: {}, by: ['source', 'provider'], count: 10 }),
    rate(3, { where: {}, by: ['domain'], count: 1 }),
    rate(4, { where: { provider: 'yahoo' }, by: [], count: 1 }),
  ]);
  expect(configuredPerMinute({ source: id(101), provider: 'gmail' }, 'n1', config)).toBe(600);
  expect(configuredPerMinute({ tenant: id(1) }, 'n1', config)).toBeNull();
});
