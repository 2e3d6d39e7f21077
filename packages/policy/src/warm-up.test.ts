// Days, pace, gates and ladders of warm-up under clocks that go wrong and nodes that die.
import { describe, expect, it } from 'vitest';
import { warmUpBody, type LadderRecord } from '@sluice/contract';
import { dayAt } from './calendar.ts';
import { CalendarClock, dateOf, dayNumber, endOfDay } from './warm-up-calendar.ts';
import { readScheduleCsv, scheduleCsv } from './warm-up-csv.ts';
import { forecast } from './warm-up-forecast.ts';
import { gateStates, judge } from './warm-up-gates.ts';
import { dayOfRow, type DayRow } from './warm-up-history.ts';
import { WarmUpLadder } from './warm-up-ladder.ts';
import { Pace } from './warm-up-pace.ts';
import { builtInSchedules, scheduleProblem, stagesOf } from './warm-up-schedule.ts';
import { compilingWarmUps, type WarmUpWay } from './warm-up-set.ts';
import { atOnce } from './steps.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const start = Date.UTC(2027, 0, 15);
const planId = '00000000-0000-7000-8000-000000000001';
const sourceId = '00000000-0000-7000-8000-000000000002';

function wayOf(body: Record<string, unknown> = {}): WarmUpWay {
  const plan = warmUpBody.parse({
    name: 'plan',
    sourceIds: [sourceId],
    groups: [{ name: 'Gmail', providers: ['gmail'] }],
    schedule: { kind: 'table', stages: [{ perDay: 100 }, { perDay: 200 }, { perDay: 400 }] },
    startsOn: '2027-01-01',
    spread: false,
    ...body,
  });
  const way = atOnce(compilingWarmUps([{ ...plan, id: planId }])).way(sourceId, 'gmail');
  if (!way) throw new Error('no way');
  return way;
}

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Reserves and commits as many as it lets; grants come at once. */
function send(ladder: WarmUpLadder, count: number, nowMs: number): number {
  let sent = 0;
  while (sent < count && ladder.stop(false, nowMs) === 'none') {
    ladder.account.reserve(false);
    const to = ladder.wish();
    if (to !== null) ladder.grant(to, ladder.account.day.startsMs);
    if (ladder.commit(1, nowMs) !== 'done') return sent;
    ladder.seen({ deferred: false, blocked: false, hardBounced: false }, nowMs);
    sent++;
  }
  return sent;
}

describe('a day of a zone', () => {
  it('is as long as its clocks make it', () => {
    const spring = dayAt('Europe/Berlin', Date.UTC(2027, 2, 28, 12));
    expect([dateOf(spring.number), spring.endsMs - spring.startsMs]).toEqual(['2027-03-28', 23 * hourMs]);
    const autumn = dayAt('Europe/Berlin', Date.UTC(2027, 9, 31, 12));
    expect([dateOf(autumn.number), autumn.endsMs - autumn.startsMs]).toEqual(['2027-10-31', 25 * hourMs]);
    expect(dayNumber('2027-03-28')).toBe(spring.number);
  });

  it('ends no sooner than twenty hours after it began, whatever becomes of its zone', () => {
    const zones = [
      'UTC',
      'Asia/Tokyo',
      'America/Los_Angeles',
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Asia/Kathmandu',
      'Europe/Berlin',
    ];
    for (const from of zones)
      for (const to of zones)
        for (let day = 0; day < 400; day += 13) {
          const { startsMs } = dayAt(from, start + day * dayMs);
          const endsMs = endOfDay(to, startsMs);
          expect(endsMs - startsMs, `${from} ${to}`).toBeGreaterThanOrEqual(20 * hourMs);
          expect(endsMs - startsMs, `${from} ${to}`).toBeLessThanOrEqual(46 * hourMs);
          expect(dayAt(to, endsMs).startsMs).toBe(endsMs);
        }
  });
});

describe('the clock of days', () => {
  it('never goes back, and believes a jump ahead only after an hour', () => {
    const clock = new CalendarClock(start, 0);
    expect(clock.now(start + 60_000, 60_000)).toBe(start + 60_000);
    expect(clock.now(start + 30 * dayMs, 120_000)).toBe(start + 120_000);
    expect(clock.now(start + 180_000, 180_000)).toBe(start + 180_000);
    expect(clock.now(start - dayMs, 240_000)).toBeGreaterThan(start + 180_000);
    expect(clock.now(start + dayMs, 300_000)).toBeLessThan(start + hourMs);
    expect(clock.now(start + dayMs + hourMs, 300_000 + hourMs)).toBe(start + dayMs + hourMs);
  });
});

describe('a pace', () => {
  it('opens a day evenly and all of it by an hour before its end', () => {
    const pace = new Pace();
    pace.begin({ startsMs: 0, endsMs: dayMs }, 2_300, 0, 0);
    let used = 0;
    for (let hour = 1; hour <= 23; hour++) {
      const before = used;
      for (let step = 1; step <= 60; step++) used = pace.open(used, (hour - 1) * hourMs + step * 60_000);
      expect(Math.abs(used - before - 100)).toBeLessThanOrEqual(2);
    }
    expect(used).toBe(2_300);
  });

  it('lets no more than an hour pile up, and says when the next opens', () => {
    const pace = new Pace();
    pace.begin({ startsMs: 0, endsMs: dayMs }, 2_400, 0, 0);
    expect(pace.open(0, 12 * hourMs)).toBe(100);
    const opensMs = pace.opensMs(100, 12 * hourMs);
    expect(pace.open(100, opensMs - 1)).toBe(100);
    expect(pace.open(100, opensMs)).toBe(101);
  });
});

describe('a ladder', () => {
  it('goes a day up when enough was attempted, and is warm after its last', () => {
    const ladder = new WarmUpLadder(wayOf(), null, [], start);
    const said: (string | undefined)[] = [];
    for (let day = 0; day < 4; day++) {
      ladder.roll(start + day * dayMs);
      send(ladder, day === 1 ? 150 : 1_000, start + day * dayMs);
      said.push(ladder.roll(start + (day + 1) * dayMs)?.action);
    }
    expect(said).toEqual(['advance', 'short', 'advance', 'finish']);
    expect(ladder.history.map((row) => dayOfRow(row)).map(({ stage, attempted, verdict }) => [stage, attempted, verdict])).toEqual([
      [1, 100, 'counted'],
      [2, 150, 'short'],
      [2, 200, 'counted'],
      [3, 400, 'finished'],
    ]);
    expect(send(ladder, 10_000, start + 5 * dayMs)).toBe(10_000);
  });

  it('gives each day once, over every clock that goes back', () => {
    const next = random(3);
    for (let round = 0; round < 50; round++) {
      let ladder = new WarmUpLadder(
        wayOf({ zone: round % 2 === 0 ? 'UTC' : 'America/New_York', schedule: { kind: 'linear', first: 100, step: 9, days: 120 } }),
        null,
        [],
        start,
      );
      let nowMs = start;
      const sentOf = new Map<number, number>();
      let latest = 0;
      for (let step = 0; step < 80; step++) {
        nowMs = Math.max(start, nowMs + (next() < 0.3 ? -next() * 30 * hourMs : next() * 8 * hourMs));
        if (next() < 0.2) ladder = new WarmUpLadder(ladder.way, ladder.record(), ladder.history, nowMs);
        ladder.roll(nowMs);
        const { startsMs } = ladder.account.day;
        expect(startsMs).toBeGreaterThanOrEqual(latest);
        if (startsMs > latest && latest > 0) expect(startsMs - latest).toBeGreaterThanOrEqual(20 * hourMs);
        latest = startsMs;
        sentOf.set(startsMs, (sentOf.get(startsMs) ?? 0) + send(ladder, Math.floor(next() * 80), nowMs));
        expect(sentOf.get(startsMs)).toBeLessThanOrEqual(ladder.ceiling);
      }
    }
  });

  it('never gives one too many over crashes, and loses at most a block to each', () => {
    const next = random(11);
    for (let round = 0; round < 200; round++) {
      const perDay = Math.ceil(next() * 2_000);
      const perHour = next() < 0.5 ? Math.ceil(next() * perDay) : null;
      const block = Math.max(1, Math.floor(perDay / 100));
      const way = wayOf({ schedule: { kind: 'table', stages: [{ perDay, perHour }] } });
      let nowMs = start;
      let ladder = new WarmUpLadder(way, null, [], nowMs);
      ladder.roll(nowMs);
      let disk: LadderRecord | null = null;
      let sent = 0;
      let crashes = 0;
      const hours = new Map<number, number>();
      for (let step = 0; step < 300; step++) {
        const what = next();
        const count = Math.min(1 + Math.floor(next() * 3), block);
        if (what < 0.6 && ladder.stop(false, nowMs) === 'none') ladder.account.reserve(false);
        else if (what < 0.8 && ladder.account.reserved >= count) {
          if (ladder.commit(count, nowMs) === 'done') {
            sent += count;
            const hour = Math.floor(nowMs / hourMs);
            hours.set(hour, (hours.get(hour) ?? 0) + count);
          }
        } else if (what < 0.92) {
          const to: number | null = ladder.wish(count);
          const record = ladder.record();
          if (to !== null) {
            disk = { ...record, granted: to };
            // It is on disk; the engine may die before it learns of that.
            if (next() < 0.8) ladder.grant(to, record.startsMs);
          }
        } else if (what < 0.95 && ladder.account.reserved > 0) ladder.account.release(false);
        else if (what < 0.97) nowMs += next() * 2 * hourMs;
        else {
          crashes++;
          ladder = new WarmUpLadder(way, disk, [], nowMs);
          ladder.roll(nowMs);
        }
        if (nowMs >= start + dayMs) break;
        expect(ladder.account.granted - ladder.account.committed).toBeLessThanOrEqual(block);
      }
      expect(sent).toBeLessThanOrEqual(perDay);
      if (perHour !== null) for (const count of hours.values()) expect(count).toBeLessThanOrEqual(perHour);
      if (nowMs < start + dayMs) expect(ladder.account.committed - sent).toBeLessThanOrEqual(crashes * block);
    }
  });

  it('steps back at once by a gate, once a day, and holds by another at its end', () => {
    const gates = { minimumAttempts: 10, deferral: { hold: 20, stepBack: 50 } };
    const ladder = new WarmUpLadder(wayOf({ gates }), null, [], start);
    ladder.roll(start);
    send(ladder, 100, start);
    ladder.roll(start + dayMs);
    expect(ladder.stage).toBe(1);
    const turns = Array.from({ length: 40 }, () => ladder.seen({ deferred: true, blocked: false, hardBounced: false }, start + dayMs));
    expect(turns.filter((turn) => turn !== null).map((turn) => turn?.text)).toEqual([
      'back from day 2 of 3 (200) to day 1 of 3 (100) at once: 100 % of 10 attempts were deferred (the plan steps back at 50 %)',
    ]);
    send(ladder, 100, start + dayMs);
    expect(ladder.roll(start + 2 * dayMs)).toBeNull();
    expect(ladder.stage).toBe(0);
    send(ladder, 100, start + 2 * dayMs);
    for (let n = 0; n < 40; n++) ladder.seen({ deferred: true, blocked: false, hardBounced: false }, start + 2 * dayMs);
    expect(ladder.roll(start + 3 * dayMs)?.text).toBe(
      'day 1 of 3 (100) does not count and comes again: 29 % of 140 attempts were deferred (the plan holds at 20 %)',
    );
  });

  it('keeps a share for marked recipients as soon as there are some, until two thirds of the day are over', () => {
    const ladder = new WarmUpLadder(wayOf({ engagedPercent: 40 }), null, [], start);
    ladder.roll(start);
    expect(ladder.stop(true, start)).toBe('none');
    expect(send(ladder, 1_000, start + hourMs)).toBe(60);
    expect(ladder.stop(false, start + hourMs)).toBe('kept');
    expect(ladder.stop(true, start + hourMs)).toBe('none');
    expect(send(ladder, 1_000, start + 17 * hourMs)).toBe(40);
  });

  it('keeps nothing where nobody marks', () => {
    const ladder = new WarmUpLadder(wayOf({ engagedPercent: 100 }), null, [], start);
    ladder.roll(start);
    expect(send(ladder, 1_000, start)).toBe(100);
  });

  it('stays where it is while its plan is paused', () => {
    const ladder = new WarmUpLadder(wayOf({ paused: true }), null, [], start);
    ladder.roll(start);
    send(ladder, 100, start);
    expect(ladder.roll(start + dayMs)).toBeNull();
    expect([ladder.stage, ladder.history.map((row) => dayOfRow(row).verdict)]).toEqual([0, ['paused']]);
  });
});

describe('gates', () => {
  const { gates } = warmUpBody.parse({ ...wayOf().plan });
  const counts = { attempted: 1_000, deferred: 0, blocked: 0, hardBounced: 0, complaints: 0 };

  it('judge by the worst of the shares, and not by few attempts', () => {
    expect(judge(gates, { ...counts, complaints: 1 })).toEqual({
      state: 'holds',
      reason: '0.10 % of 1000 attempts drew a complaint (the plan holds at 0.1 %)',
    });
    expect(judge(gates, { ...counts, deferred: 250, blocked: 120 }).state).toBe('steps_back');
    expect(judge(gates, { ...counts, attempted: 19, blocked: 19 }).state).toBe('fine');
    expect(gateStates(gates, counts).map(({ state }) => state)).toEqual(['fine', 'fine', 'fine', 'fine']);
  });

  it('that are off do nothing', () => {
    const off = { hold: null, stepBack: null };
    expect(judge({ ...gates, deferral: off }, { ...counts, deferred: 1_000 }).state).toBe('fine');
  });
});

describe('a schedule', () => {
  it('that comes along is usable, rises and ends', () => {
    expect(builtInSchedules.length).toBe(9);
    for (const { key, stages } of builtInSchedules) {
      expect(scheduleProblem({ kind: 'built_in', key }), key).toBeNull();
      expect(stages.length, key).toBeGreaterThanOrEqual(7);
      expect(
        stages.map(({ perDay }) => perDay),
        key,
      ).toEqual(stages.map(({ perDay }) => perDay).toSorted((a, b) => a - b));
    }
    expect(builtInSchedules[0]?.stages.at(-1)?.perDay).toBe(50_000);
    expect(scheduleProblem({ kind: 'built_in', key: 'nothing' })).toContain('nothing');
  });

  it('is read from a table and written as one', () => {
    const text = '\uFEFFday;per_day;per_hour\r\n1;1.000;50\r\n2;2000;\r\n# later\r\n3;"4000";\r\n';
    const read = readScheduleCsv(text);
    expect(read).toEqual({
      stages: [
        { perDay: 1_000, perHour: 50 },
        { perDay: 2_000, perHour: null },
        { perDay: 4_000, perHour: null },
      ],
      problems: [],
    });
    expect(readScheduleCsv(scheduleCsv(read.stages))).toEqual(read);
  });

  it('says of each line of a table what is wrong with it', () => {
    expect(
      readScheduleCsv('day,per_day\n1,0\n3,100\n2,100,200\nx\n1,5,5,5').problems.map(({ line, message }) => `${line}: ${message}`),
    ).toEqual([
      '2: day 1: “0” is no number from 1 to 50000000',
      '3: day 3 where day 1 is expected',
      '4: day 2 where day 1 is expected',
      '5: “x” where the number of a day is expected',
      '6: more than three columns: day, per day, per hour',
    ]);
    expect(readScheduleCsv('').problems).toEqual([{ line: 1, message: 'no day in it' }]);
  });

  it('is for each group a share of its figures', () => {
    expect(stagesOf({ kind: 'linear', first: 10, step: 5, days: 3 })?.map(({ perDay }) => perDay)).toEqual([10, 15, 20]);
    expect(stagesOf({ kind: 'geometric', first: 10, factor: 2, days: 3 })?.map(({ perDay }) => perDay)).toEqual([10, 20, 40]);
    expect(wayOf({ groups: [{ name: 'G', providers: ['gmail'], percent: 50 }] }).stages.map(({ perDay }) => perDay)).toEqual([
      50, 100, 200,
    ]);
  });
});

it('a forecast is the schedule, slowed by how the last days went', () => {
  const row = (day: number, verdict: number): DayRow => [day, 0, 100, 100, 0, 0, 0, 0, verdict];
  expect(forecast([], 0, 10, 100)).toEqual({ earliest: 110, expected: 110 });
  expect(forecast([row(98, 0), row(99, 0)], 2, 10, 100)).toEqual({ earliest: 108, expected: 108 });
  expect(forecast([row(97, 2), row(98, 2), row(99, 0)], 1, 10, 100)).toEqual({ earliest: 109, expected: 118 });
  expect(forecast([row(98, 3), row(99, 3)], 0, 10, 100)).toEqual({ earliest: 110, expected: null });
});
