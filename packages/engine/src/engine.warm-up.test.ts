// A source that warms up: what its day allows leaves through it first, the rest by its mates or later, and no crash, clock or command gives
// it more than its ceiling.
import { describe, expect, it } from 'vitest';
import type { Answer } from '@sluice/contract';
import { noOptions, type RecipientEntry } from './entry.ts';
import { engineRig, providerEntity, warmUpEntity, type EngineRig } from './testing/engine-rig.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';
import { fakeClock, type FakeClock } from './testing/fake-clock.ts';
import type { Script } from './testing/simulated-attempter.ts';

const warmRig = (entities: SampleEntity[], script: Script = {}, clock = fakeClock()): Promise<EngineRig> =>
  engineRig(entities, script, clock, { frames: false });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const planId = id(1001);

function config(sources: number, plan: Record<string, unknown> = {}): SampleEntity[] {
  const numbers = Array.from({ length: sources }, (_, index) => index + 1);
  const members = numbers.map((number) => ({ sourceId: id(100 + number), weight: 1 }));
  const pool = poolEntity(1, members);
  return [
    ...numbers.map((number) => sourceEntity(number)),
    pool,
    ...tenantEntities(1, 1, { expirySeconds: 14 * 86_400 }),
    providerEntity(1, 'gmail', 'gmail.example'),
    warmUpEntity(1, plan),
  ];
}

/** The same clock for a process that can die: its timers never fire then. */
function mortal(clock: FakeClock, alive: { is: boolean }): FakeClock {
  return { ...clock, setTimer: (delayMs, fn) => clock.setTimer(delayMs, () => alive.is && fn()) };
}

async function injectMany(rig: EngineRig, count: number, domain: (n: number) => string = () => 'gmail.example'): Promise<void> {
  for (let n = 0; n < count; n++) await rig.inject({ recipients: [`r${n}@${domain(n)}`], lifeMs: 14 * dayMs });
}
const by = (rig: EngineRig, source: number): RecipientEntry[] =>
  rig.remote.deliveries.filter(({ sourceId }) => sourceId === id(100 + source)).flatMap(({ entries }) => entries);
async function ladders(rig: EngineRig) {
  const answer: Answer = await rig.ask({ kind: 'warm_ups', planId, sourceId: null, group: null });
  if (answer.kind !== 'warm_ups') throw new Error(answer.kind);
  return answer;
}
const told = (rig: EngineRig): string[] => [...rig.decided.values()].map(({ sentence }) => sentence);

describe('a source that warms up', () => {
  it('takes mail first until its day is used up, and its mate takes the rest', async () => {
    const rig = await warmRig(config(2));
    await injectMany(rig, 100);
    await rig.clock.advance(10_000);
    expect([by(rig, 1).length, by(rig, 2).length]).toEqual([10, 90]);
    expect(rig.spool.entries()).toEqual([]);
  });

  it('counts for each group of providers apart', async () => {
    const rig = await warmRig(config(2));
    await injectMany(rig, 60, (n) => (n % 2 === 0 ? 'gmail.example' : `d${n}.example`));
    await rig.clock.advance(10_000);
    const domains = by(rig, 1).map(({ domain }) => (domain === 'gmail.example' ? 'gmail' : 'others'));
    expect([domains.filter((one) => one === 'gmail').length, domains.filter((one) => one === 'others').length]).toEqual([10, 10]);
  });

  it('without a mate keeps what exceeds its day until the next, and says so', async () => {
    const rig = await warmRig(config(1));
    await injectMany(rig, 75);
    await rig.clock.advance(60_000);
    expect(by(rig, 1).length).toBe(10);
    const queue = { tenantId: id(1), streamId: id(301), campaign: null, domain: 'gmail.example' };
    const said = await rig.ask({ kind: 'explain', queue });
    expect(said.kind === 'explain' && said.holds[0]).toMatchObject({ kind: 'warm_up', entries: 65, sourceId: id(101) });
    expect(said.kind === 'explain' && said.holds[0]?.detail).toBe('warm-up warm-up 1: source 1 for Gmail has had its 10 of day 1 of 3');
    expect(said.kind === 'explain' && said.holds[0]?.clearsAt).toBe(Date.UTC(2027, 0, 16));
    await rig.clock.advance(dayMs);
    expect(by(rig, 1).length).toBe(30);
    await rig.clock.advance(dayMs);
    expect(by(rig, 1).length).toBe(70);
    await rig.clock.advance(dayMs);
    expect(rig.spool.entries()).toEqual([]);
    expect(told(rig)).toEqual([
      'Gmail x source 1, warm-up warm-up 1: day 1 of 3 (10) counted with 10 attempts; next is day 2 of 3 (20)',
      'Gmail x source 1, warm-up warm-up 1: day 2 of 3 (20) counted with 20 attempts; next is day 3 of 3 (40)',
      'Gmail x source 1, warm-up warm-up 1: warm after day 3 of 3 (40), no ceiling from now on: its last day counted',
    ]);
  });

  it('with a mate keeps it as well where the plan says so', async () => {
    const rig = await warmRig(config(2, { overflow: 'wait' }));
    await injectMany(rig, 40);
    await rig.clock.advance(10_000);
    expect([by(rig, 1).length, by(rig, 2).length]).toEqual([10, 0]);
  });

  it('spreads its day evenly, and mail that comes late over what is left of it', async () => {
    const rig = await warmRig(config(1, { spread: true, schedule: { kind: 'linear', first: 480, step: 1, days: 3 } }));
    await rig.clock.advance(4 * hourMs);
    await injectMany(rig, 1_000);
    const counts: number[] = [];
    for (let hour = 0; hour < 11; hour++) {
      await rig.clock.advance(hourMs);
      counts.push(by(rig, 1).length);
    }
    const perHour = counts.map((count, at) => count - (counts[at - 1] ?? 0));
    expect(counts.at(-1)).toBe(480);
    expect(Math.max(...perHour)).toBeLessThanOrEqual(75);
    expect(Math.min(...perHour)).toBeGreaterThanOrEqual(35);
  });

  it('keeps to its hours', async () => {
    const rig = await warmRig(config(1, { schedule: { kind: 'table', stages: [{ perDay: 100, perHour: 7 }] } }));
    await injectMany(rig, 60);
    await rig.clock.advance(hourMs / 2);
    expect(by(rig, 1).length).toBe(7);
    await rig.clock.advance(hourMs);
    expect(by(rig, 1).length).toBe(14);
  });

  it('takes none of its mail before the plan begins', async () => {
    const rig = await warmRig(config(1, { startsOn: '2027-01-17' }));
    await injectMany(rig, 20);
    await rig.clock.advance(dayMs);
    expect(by(rig, 1).length).toBe(0);
    await rig.clock.advance(dayMs);
    expect(by(rig, 1).length).toBe(10);
  });

  it('takes marked recipients before others, who have a share of the room until late in the day', async () => {
    const rig = await warmRig(config(1, { schedule: { kind: 'linear', first: 100, step: 1, days: 3 } }));
    const options = { ...noOptions, engaged: true };
    await rig.inject({ recipients: ['first@gmail.example'], options });
    await injectMany(rig, 200);
    await rig.clock.advance(60_000);
    expect(by(rig, 1).length).toBe(51);
    for (let n = 0; n < 30; n++) await rig.inject({ recipients: [`m${n}@gmail.example`], options });
    await rig.clock.advance(60_000);
    expect(by(rig, 1).filter((entry) => entry.options?.engaged === true).length).toBe(31);
    expect(by(rig, 1).length).toBe(81);
    await rig.clock.advance(9 * hourMs);
    expect(by(rig, 1).length).toBe(100);
  });
});

describe('a day of warm-up', () => {
  const deferEach = (every: number): Script => ({
    outcome: ({ recipient }) =>
      Number(/\d+/.exec(recipient)?.[0] ?? 0) % every === 0
        ? {
            kind: 'deferred',
            bounceClass: 'rate_limited',
            reply: { code: 421, enhanced: '4.7.28', text: 'slow down', command: 'mail' },
            scope: 'transaction',
          }
        : {},
  });

  it('comes again when too little of it was attempted', async () => {
    const rig = await warmRig(config(1));
    await injectMany(rig, 5);
    await rig.clock.advance(dayMs);
    expect((await ladders(rig)).ladders[0]).toMatchObject({ stage: 1, used: 0 });
    expect(told(rig)).toEqual(['Gmail x source 1, warm-up warm-up 1: day 1 of 3 (10) comes again: 5 attempts are less than 90 % of it']);
  });

  it('does not count when a gate is reached, and says which', async () => {
    const gates = { minimumAttempts: 5, deferral: { hold: 20, stepBack: null } };
    const rig = await warmRig(config(1, { gates }), deferEach(4));
    await injectMany(rig, 11);
    await rig.clock.advance(dayMs);
    expect((await ladders(rig)).ladders[0]).toMatchObject({ stage: 1 });
    expect(told(rig)[0]).toMatch(
      /^Gmail x source 1, warm-up warm-up 1: day 1 of 3 \(10\) does not count and comes again: \d+ % of 10 attempts were deferred \(the plan holds at 20 %\)$/,
    );
    expect([...rig.decided.values()][0]).toMatchObject({ kind: 'warm_up', action: 'hold', alert: true, planId });
  });

  it('ends at once when it is to step back, and the one before is all that is left of it', async () => {
    const gates = { minimumAttempts: 5, deferral: { hold: 20, stepBack: 40 } };
    const script: Script = {};
    const rig = await warmRig(config(1, { gates, schedule: { kind: 'table', stages: [{ perDay: 10 }, { perDay: 200 }] } }), script);
    await injectMany(rig, 10);
    await rig.clock.advance(dayMs);
    expect((await ladders(rig)).ladders[0]).toMatchObject({ stage: 2 });
    Object.assign(rig.remote.script, deferEach(2));
    await injectMany(rig, 300);
    await rig.clock.advance(60_000);
    const {
      ladders: [gmail],
    } = await ladders(rig);
    expect(gmail).toMatchObject({ stage: 1, ceiling: 10, heldBy: 'it stepped back today' });
    expect(gmail?.used).toBeLessThanOrEqual(12);
    await rig.clock.advance(1_000);
    expect(told(rig).at(-1)).toMatch(
      /: back from day 2 of 2 \(200\) to day 1 of 2 \(10\) at once: \d+ % of \d+ attempts were deferred \(the plan steps back at 40 %\)$/,
    );
  });

  it('is skipped, taken back and begun again by operators, each command once', async () => {
    const rig = await warmRig(config(1));
    const give = (kind: 'warm_up_skip' | 'warm_up_step_back' | 'warm_up_restart', number: number) =>
      rig.command(commandOf(kind, { source: id(101), group: 'Gmail' }, { number, nowMs: rig.clock.nowMs(), targetId: planId }));
    expect(await give('warm_up_skip', 1)).toMatchObject({ status: 'applied', matched: 1 });
    await injectMany(rig, 100);
    await rig.clock.advance(1_000);
    expect(by(rig, 1).length).toBe(20);
    expect(await give('warm_up_skip', 1)).toMatchObject({ matched: 0 });
    await give('warm_up_skip', 2);
    await rig.clock.advance(1_000);
    expect(by(rig, 1).length).toBe(40);
    await give('warm_up_step_back', 3);
    const again = await rig.restart();
    await again.configure([]);
    expect((await ladders(again)).ladders.map(({ stage }) => stage)).toEqual([2, 1]);
    expect(
      await again.command(
        commandOf('warm_up_step_back', { source: id(101), group: 'Gmail' }, { number: 3, nowMs: rig.clock.nowMs(), targetId: planId }),
      ),
    ).toMatchObject({ matched: 0 });
    const all = commandOf('warm_up_restart', { node: 'n1' }, { number: 4, nowMs: rig.clock.nowMs(), targetId: planId });
    expect(await again.command(all)).toMatchObject({ matched: 2 });
    expect((await ladders(again)).ladders.map(({ stage }) => stage)).toEqual([1, 1]);
  });

  it('begins anew after thirty days without mail', async () => {
    const rig = await warmRig(config(1));
    await injectMany(rig, 30);
    await rig.clock.advance(2 * dayMs);
    await rig.clock.advance(31 * dayMs);
    expect((await ladders(rig)).ladders[0]).toMatchObject({ status: 'warming', stage: 1 });
    expect(told(rig).at(-1)).toMatch(/begins again at day 1 of 3 \(10\): nothing was sent for 30 days$/);
  });
});

describe('a ceiling', () => {
  it('holds over crashes, which cost at most a block each', async () => {
    const clock = fakeClock();
    let sent = 0;
    const script: Script = { deliverMs: () => (sent++, 400) };
    const plan = { schedule: { kind: 'linear', first: 1_000, step: 1, days: 9 } };
    let alive = { is: true };
    let rig = await warmRig(config(1, plan), script, mortal(clock, alive));
    for (let crash = 0; crash < 6; crash++) {
      await injectMany(rig, 150);
      await clock.advance(1_000 + crash * 130);
      alive.is = false;
      alive = { is: true };
      rig = await rig.restart(mortal(clock, alive));
    }
    await injectMany(rig, 1_000);
    await clock.advance(hourMs);
    expect(sent).toBeLessThanOrEqual(1_000);
    expect(sent).toBeGreaterThanOrEqual(1_000 - 6 * 10);
  });

  it('loses nothing over a stop in order', async () => {
    let rig = await warmRig(config(1, { schedule: { kind: 'linear', first: 1_000, step: 1, days: 9 } }));
    await injectMany(rig, 333);
    await rig.clock.advance(10_000);
    expect(by(rig, 1).length).toBe(333);
    await rig.engine.stop();
    rig = await rig.restart();
    expect((await ladders(rig)).ladders[0]).toMatchObject({ used: 333 });
    await injectMany(rig, 1_000);
    await rig.clock.advance(10_000);
    expect(by(rig, 1).length).toBe(667);
  });

  it('is not given when it cannot be kept on disk', async () => {
    const rig = await warmRig(config(2));
    rig.warmUpFile.failing = true;
    await injectMany(rig, 50);
    await rig.clock.advance(10_000);
    expect([by(rig, 1).length, by(rig, 2).length]).toEqual([0, 50]);
    rig.warmUpFile.failing = false;
    await rig.clock.advance(2_000);
    await injectMany(rig, 50);
    await rig.clock.advance(2_000);
    expect(by(rig, 1).length).toBe(10);
  });

  it('is the same after the plan was taken away and put back', async () => {
    const rig = await warmRig(config(1));
    await injectMany(rig, 10);
    await rig.clock.advance(1_000);
    const { kind, id: plan } = warmUpEntity(1);
    await rig.configure([{ kind, id: plan, body: null }]);
    await rig.clock.advance(2 * hourMs);
    await rig.configure([warmUpEntity(1)]);
    await injectMany(rig, 10);
    await rig.clock.advance(1_000);
    expect(by(rig, 1).length).toBe(10);
  });

  it('holds for what stood ready before there was a plan', async () => {
    const rig = await warmRig(config(1).slice(0, -1), { deliverMs: () => 1_000, connectMs: () => 5_000 });
    await injectMany(rig, 100);
    await rig.configure([warmUpEntity(1)]);
    await rig.clock.advance(hourMs);
    expect(by(rig, 1).length).toBe(10);
  });

  it('is given back by what leaves the ready queue unsent', async () => {
    const rig = await warmRig(config(2), { refuse: ({ source }) => (source.id === id(101) ? 'refused' : null) });
    await injectMany(rig, 50);
    await rig.clock.advance(10_000);
    expect(by(rig, 2).length).toBe(50);
    expect((await ladders(rig)).ladders[0]).toMatchObject({ used: 0, reserved: 0 });
  });
});

it('a hundred thousand that wait for a day cost nothing while they do', async () => {
  const rig = await warmRig(config(1));
  const recipients = Array.from({ length: 1_000 }, (_, n) => `r${n}@gmail.example`);
  for (let n = 0; n < 100; n++) await rig.inject({ recipients, lifeMs: 14 * dayMs });
  await rig.clock.advance(1_000);
  const before = performance.now();
  await rig.clock.advance(12 * hourMs);
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(by(rig, 1).length).toBe(10);
}, 60_000);
