// Automation in a whole engine under a fake clock: a provider that defers makes it slow down, quiet time brings it back, and what goes on
// survives a restart as it was.
import { describe, expect, it } from 'vitest';
import type { ActiveAction, Decision } from '@sluice/contract';
import { engineRig, limitEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, smallConfig, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';
import type { Script } from './testing/simulated-attempter.ts';

const minute = 60_000;
const reply = (enhanced: string, text = 'unusual rate of mail') => ({ code: 421, enhanced, text, command: 'rcpt' as const });
const replyRule = (key: string, identity: string, remedy: string, pattern: string) => ({
  ...{ key, identity, remedy, meaning: 'a refusal', bounceClass: 'rate_limited' },
  match: { enhanced: ['4.7.28'], pattern },
  samples: [{ code: 421, enhanced: '4.7.28', text: pattern }],
});
const gmail: SampleEntity = {
  ...{ kind: 'provider', id: id(901) },
  body: {
    ...{ key: 'gmail', name: 'Gmail', mxSuffixes: ['mx.gmail.example'] },
    replyRules: [
      replyRule('gmail.rate-dkim', 'dkim_domain', 'slow_identity', 'dkim domain'),
      replyRule('gmail.rate-ip', 'source', 'slow_down', 'unusual'),
    ],
  },
};
const reduce = { kind: 'reduce', toPercent: 50, floorPerMinute: 10, quietSeconds: 1800, stepPercent: 10 };
const share = { kind: 'share', of: 'deferred', percent: 10, minimumVolume: 50, windowSeconds: 300 };
const ruleEntity = (number: number, body: Record<string, unknown> = {}): SampleEntity => ({
  ...{ kind: 'automation', id: id(600 + number) },
  body: { name: `rule ${number}`, trigger: share, action: reduce, forSeconds: 6 * 3600, ...body },
});
const limit200 = limitEntity(1, { where: { provider: 'gmail' }, by: ['source'], kind: 'message_rate', count: 200, perSeconds: 60 });
const config = (...more: SampleEntity[]): SampleEntity[] => [...smallConfig(), gmail, limit200, ...more];

/** What a remote says from now on: a share of the attempts is deferred. */
function remote() {
  const now = { every: 0, reply: reply('4.7.28'), bounceClass: 'rate_limited' as const, replyRule: undefined as string | undefined };
  let count = 0;
  const script: Script = {
    outcome() {
      if (now.every === 0 || ++count % now.every !== 0) return {};
      const { reply: said, bounceClass, replyRule: rule } = now;
      return { kind: 'deferred', reply: said, bounceClass, ...(rule !== undefined && { replyRule: rule }) };
    },
  };
  return { now, script };
}
let sent = 0;
async function send(rig: EngineRig, count: number, over: Partial<Parameters<EngineRig['inject']>[0]> = {}): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [`r${++sent}@gmail.example`], lifeMs: 12 * 3_600_000, ...over });
}
const actionsOf = async (rig: EngineRig): Promise<ActiveAction[]> => {
  const answer = await rig.ask({ kind: 'active_actions' });
  return answer.kind === 'active_actions' ? answer.actions : [];
};
const told = (rig: EngineRig): Decision[] => [...rig.decided.values()].toSorted((a, b) => a.at - b.at);
/** Recipients attempted in the next minute. */
async function nextMinute(rig: EngineRig): Promise<number> {
  const before = rig.remote.deliveries.length;
  await rig.clock.advance(minute);
  return rig.remote.deliveries.length - before;
}
let commands = 0;
const act = (rig: EngineRig, kind: 'cancel_action' | 'pin_action' | 'unpin_action', targetId: string) =>
  rig.command(commandOf(kind, { node: 'n1' }, { number: (commands += 1), nowMs: rig.clock.nowMs(), targetId }));

/** Slowed down once, after fifty attempts. */
async function slowed(...more: SampleEntity[]) {
  const { now, script } = remote();
  now.every = 5;
  const rig = await engineRig(config(ruleEntity(1), ...more), script);
  await send(rig, 900);
  await rig.clock.advance(17_000);
  now.every = 0;
  return { rig, now };
}

describe('a provider that defers too much', () => {
  it('halves the rate at once and says why, and quiet time brings it back step by step until the limit is what it was', async () => {
    const { rig } = await slowed();
    const [action] = await actionsOf(rig);
    expect(action).toMatchObject({
      kind: 'reduce',
      fromPerMinute: 200,
      ratePerMinute: 100,
      subject: { source: id(101), provider: 'gmail' },
    });
    expect(told(rig)[0]?.sentence).toMatch(
      /^Gmail x source 1 127\.0\.1\.1: 200 -> 100\/min at \d\d:\d\d UTC because (?:1|2)\d(?:\.\d)? % of 5\d attempts were deferred in 5 min; next step up \d\d:\d\d UTC \(rule rule 1\)$/,
    );
    await rig.clock.advance(minute);
    expect(await nextMinute(rig)).toBeLessThanOrEqual(101);
    await rig.clock.advance(31 * minute);
    expect((await actionsOf(rig))[0]?.ratePerMinute).toBe(150);
    await rig.clock.advance(6 * 3_600_000);
    expect(await actionsOf(rig)).toEqual([]);
    expect(told(rig).map(({ action: what }) => what)).toEqual(['reduce', 'recover', 'recover', 'recover', 'end']);
    await send(rig, 600);
    await rig.clock.advance(minute);
    expect(await nextMinute(rig)).toBeGreaterThan(190);
  });

  it('is cut once more when it defers while the rate comes back, and never below the floor', async () => {
    const { rig, now } = await slowed();
    now.every = 2;
    await rig.clock.advance(20 * minute);
    const [action] = await actionsOf(rig);
    expect(action?.ratePerMinute).toBe(10);
    expect(told(rig).some(({ sentence }) => sentence.includes('100 -> 50/min') && sentence.includes('while it recovered'))).toBe(true);
    expect(await nextMinute(rig)).toBeLessThanOrEqual(11);
  });

  it('holds no other source, no other provider and no mail that a rule does not name', async () => {
    const { now, script } = remote();
    now.every = 3;
    const rule = ruleEntity(1, { where: { tenant: id(2) } });
    const rig = await engineRig(config(rule, ...tenantEntities(2, 1)), script);
    await send(rig, 200);
    await rig.clock.advance(minute);
    expect(await actionsOf(rig)).toEqual([]);
  });

  it('only tells what it would do when the rule is tried out, and that once', async () => {
    const { now, script } = remote();
    now.every = 5;
    const rig = await engineRig(config(ruleEntity(1, { mode: 'dry_run' })), script);
    await send(rig, 700);
    await rig.clock.advance(4 * minute);
    expect(await actionsOf(rig)).toEqual([]);
    expect(told(rig)).toMatchObject([{ action: 'would_act', sentence: expect.stringMatching(/^Would have acted \(dry run\): Gmail/) }]);
    expect(rig.remote.deliveries.length).toBeGreaterThan(600);
  });
});

describe('an action', () => {
  it('goes on after a crash with the rate, the end and the step that it had, and so do its limits', async () => {
    const { rig } = await slowed();
    const before = await actionsOf(rig);
    const again = await rig.restart();
    expect(await actionsOf(again)).toEqual(before);
    expect(await nextMinute(again)).toBeLessThanOrEqual(102);
    await again.clock.advance(31 * minute);
    expect((await actionsOf(again))[0]?.ratePerMinute).toBe(150);
  });

  it('whose time passed while the engine was away is over when it comes back', async () => {
    const { rig } = await slowed();
    await rig.engine.stop();
    await rig.clock.advance(7 * 3_600_000);
    const again = await rig.restart();
    expect(await actionsOf(again)).toEqual([]);
    await again.clock.advance(1000);
    expect(told(again).at(-1)).toMatchObject({ action: 'end' });
  });

  it('is ended by an operator, who is named, and its rule leaves that place alone for a while', async () => {
    const { rig, now } = await slowed();
    const [action] = await actionsOf(rig);
    expect(await act(rig, 'cancel_action', action?.id ?? '')).toMatchObject({ status: 'applied', matched: 1 });
    expect(await actionsOf(rig)).toEqual([]);
    now.every = 2;
    await rig.clock.advance(5 * minute);
    expect(await actionsOf(rig)).toEqual([]);
    await rig.clock.advance(11 * minute);
    await send(rig, 200);
    await rig.clock.advance(minute);
    expect((await actionsOf(rig)).length).toBe(1);
    expect(told(rig).some(({ sentence }) => sentence.includes('ended by test: a test says so'))).toBe(true);
    expect(await act(rig, 'cancel_action', id(4))).toMatchObject({ status: 'applied', matched: 0 });
  });

  it('that is pinned neither steps nor ends, over a restart as well, until it is let go', async () => {
    const { rig } = await slowed();
    const [action] = await actionsOf(rig);
    await act(rig, 'pin_action', action?.id ?? '');
    const again = await rig.restart();
    await again.clock.advance(4 * 3_600_000);
    expect(await actionsOf(again)).toMatchObject([{ pinned: true, ratePerMinute: 100, nextStepAt: null }]);
    await act(again, 'unpin_action', action?.id ?? '');
    await again.clock.advance(31 * minute);
    expect(await actionsOf(again)).toMatchObject([{ pinned: false, ratePerMinute: 150 }]);
  });

  it('ends when its rule is switched off, and what it held goes on', async () => {
    const { rig } = await slowed();
    await rig.configure([ruleEntity(1, { mode: 'off' })]);
    expect(await actionsOf(rig)).toEqual([]);
    await rig.clock.advance(minute);
    expect(await nextMinute(rig)).toBeGreaterThan(190);
  });

  it('is named to who asks what holds mail', async () => {
    const { rig } = await slowed();
    await rig.clock.advance(minute);
    const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'gmail.example' };
    const answer = await rig.ask({ kind: 'explain', queue });
    const holds = answer.kind === 'explain' ? answer.holds : [];
    expect(
      holds.some(({ kind, detail }) => kind === 'automation' && detail.startsWith('slowed down by the rule rule 1: 200 -> 100/min')),
    ).toBe(true);
  });
});

describe('what a reply blames', () => {
  const blamed = { trigger: { kind: 'replies', count: 2, windowSeconds: 300, match: { enhanced: ['4.7.28'] } }, per: 'identity' };

  it('as a domain is held over all sources through its tenant; no source takes over', async () => {
    const { now, script } = remote();
    Object.assign(now, { every: 20, replyRule: 'gmail.rate-dkim', reply: reply('4.7.28', 'dkim domain') });
    const two = [
      sourceEntity(2),
      poolEntity(
        1,
        [101, 102].map((one) => ({ sourceId: id(one), weight: 1 })),
      ),
    ];
    const rig = await engineRig(config(ruleEntity(1, blamed), ...two, ...tenantEntities(2, 1)), script);
    await send(rig, 900);
    await rig.clock.advance(20_000);
    now.every = 0;
    const [action] = await actionsOf(rig);
    expect(action?.subject).toMatchObject({ tenant: id(1), provider: 'gmail', identity: 'tenant1.example' });
    expect(await nextMinute(rig)).toBeLessThanOrEqual((action?.ratePerMinute ?? 0) + 2);
    await send(rig, 50, { tenant: 2 });
    const others = (): number => rig.remote.deliveries.filter(({ entries }) => entries[0]?.tenantId === id(2)).length;
    await rig.clock.advance(minute);
    expect(others()).toBe(50);
  });

  it('as an address slows its source down, and the pool does not send the rest from another', async () => {
    const { now, script } = remote();
    Object.assign(now, { replyRule: 'gmail.rate-ip' });
    const two = [
      sourceEntity(2),
      poolEntity(
        1,
        [101, 102].map((one) => ({ sourceId: id(one), weight: 1 })),
      ),
    ];
    const rig = await engineRig(config(ruleEntity(1, blamed), ...two), {
      outcome: (entry, path, n) => (now.every > 0 && path.source.id === id(101) ? (script.outcome?.(entry, path, n) ?? {}) : {}),
    });
    await send(rig, 1900);
    await rig.clock.advance(minute);
    now.every = 20;
    await rig.clock.advance(20_000);
    now.every = 0;
    const [action] = await actionsOf(rig);
    expect(action?.subject).toMatchObject({ source: id(101), provider: 'gmail' });
    await rig.clock.advance(minute);
    const inAll = await nextMinute(rig);
    expect(inAll).toBeLessThanOrEqual(400 - (200 - (action?.ratePerMinute ?? 0)) + 10);
    expect(inAll).toBeGreaterThan(200);
  });
});

describe('other actions', () => {
  const two = { kind: 'replies', count: 2, windowSeconds: 300, match: { enhanced: ['4.7.28'] } };
  const hitBy = async (body: Record<string, unknown>, ...more: SampleEntity[]) => {
    const { now, script } = remote();
    now.every = 10;
    const rig = await engineRig(config(ruleEntity(1, { trigger: two, forSeconds: 600, ...body }), ...more), script);
    await send(rig, 100);
    await rig.clock.advance(20_000);
    now.every = 0;
    return rig;
  };

  it('suspend a source at a provider until their end, over a restart, and explain it', async () => {
    const rig = await hitBy({ action: { kind: 'suspend' } });
    const [action] = await actionsOf(rig);
    expect(action).toMatchObject({ kind: 'suspend', sentence: expect.stringContaining('suspended until') });
    expect(await nextMinute(rig)).toBe(0);
    const again = await rig.restart();
    expect(await nextMinute(again)).toBe(0);
    const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'gmail.example' };
    const answer = await again.ask({ kind: 'explain', queue });
    expect(JSON.stringify(answer)).toContain('source 1 suspended by the rule rule 1');
    await again.clock.advance(12 * minute);
    expect(await actionsOf(again)).toEqual([]);
    expect(again.remote.deliveries.length).toBeGreaterThan(10);
  });

  it('that an operator ends let the suspended mail go at once', async () => {
    const rig = await hitBy({ action: { kind: 'suspend' } });
    const [action] = await actionsOf(rig);
    await act(rig, 'cancel_action', action?.id ?? '');
    expect(await nextMinute(rig)).toBeGreaterThan(50);
  });

  it("leave an operator's longer suspension of the same mail as it is", async () => {
    const { now, script } = remote();
    now.every = 10;
    const rig = await engineRig(config(ruleEntity(1, { trigger: two, forSeconds: 600, action: { kind: 'suspend' } })), {
      ...script,
      deliverMs: () => 1000,
    });
    await send(rig, 100);
    await rig.clock.advance(1000);
    const scope = { source: id(101), provider: 'gmail' };
    await rig.command(commandOf('suspend', scope, { number: 999, nowMs: rig.clock.nowMs(), lastsMs: 3_600_000 }));
    await rig.clock.advance(20 * minute);
    now.every = 0;
    expect(await nextMinute(rig)).toBe(0);
    await rig.clock.advance(41 * minute);
    expect(rig.remote.deliveries.length).toBeGreaterThan(90);
  });

  it('set a limit until their end', async () => {
    const rig = await hitBy({ action: { kind: 'limit', of: 'message_rate', count: 30, perSeconds: 60 } });
    await send(rig, 1000);
    await rig.clock.advance(minute);
    expect(await nextMinute(rig)).toBeLessThanOrEqual(31);
    await rig.clock.advance(10 * minute);
    expect(await nextMinute(rig)).toBeGreaterThan(150);
  });

  it('move the mail of a tenant to another pool', async () => {
    const other = [sourceEntity(2), poolEntity(2, [{ sourceId: id(102), weight: 1 }])];
    const rig = await hitBy({ per: 'tenant_provider', action: { kind: 'move', poolId: id(202) } }, ...other);
    await send(rig, 20);
    const before = rig.remote.deliveries.length;
    await rig.clock.advance(minute);
    const sources = new Set(rig.remote.deliveries.slice(before).map(({ sourceId }) => sourceId));
    expect([...sources]).toEqual([id(102)]);
  });

  it('return what waits of a campaign to its senders, and leave what comes later', async () => {
    const { now, script } = remote();
    now.every = 10;
    const rule = ruleEntity(1, { trigger: two, forSeconds: 600, per: 'campaign', action: { kind: 'bounce' } });
    const rig = await engineRig(config(rule), script);
    await send(rig, 400, { campaign: 'spring' });
    await rig.clock.advance(20_000);
    now.every = 0;
    const bounced = rig.spool.events.filter(({ type }) => type === 'bounced');
    expect(bounced.length).toBeGreaterThan(300);
    expect(bounced[0]?.detail).toMatch(/^returned by a rule: /);
    await rig.clock.advance(minute);
    await send(rig, 20, { campaign: 'spring' });
    await rig.clock.advance(minute);
    expect(rig.spool.events.filter(({ type }) => type === 'delivered').length).toBeGreaterThanOrEqual(20);
    // What was waiting for its second attempt then is returned as it comes due.
    const later = rig.spool.events.filter(({ type }) => type === 'bounced').length - bounced.length;
    expect(later).toBeLessThanOrEqual(2);
  });

  it('tell an alert once while it lasts', async () => {
    const rig = await hitBy({ action: { kind: 'alert' } });
    await rig.clock.advance(1000);
    expect(told(rig)).toMatchObject([{ action: 'alert', alert: true }]);
    expect(await actionsOf(rig)).toEqual([]);
  });

  it('hold a warm-up, which is listed', async () => {
    const rig = await hitBy({ action: { kind: 'hold_warm_up' } });
    expect(await actionsOf(rig)).toMatchObject([{ kind: 'hold_warm_up', sentence: expect.stringContaining('warm-up held until') }]);
  });
});

describe('a rule', () => {
  it.each([
    ['a pattern that cannot be compiled', { trigger: { kind: 'replies', count: 1, windowSeconds: 60, match: { pattern: '(' } } }],
    ['a move by source', { action: { kind: 'move', poolId: id(201) } }],
    ['a pool that does not exist', { per: 'tenant', action: { kind: 'move', poolId: id(299) } }],
  ])('with %s refuses the revision', async (_what, body) => {
    const rig = await engineRig(config());
    await expect(rig.configure([ruleEntity(1, body)])).rejects.toThrow(/automation/);
  });
});
