// What limits promise, under random use and a clock that the test moves.
import { describe, expect, it } from 'vitest';
import { LimitBook } from './limit-book.ts';
import { burstOf, compilingLimits, type LimitRule } from './limit-set.ts';
import type { Reservation } from './reservation.ts';
import { atOnce } from './steps.ts';
import type { Waiter } from './waiting-line.ts';

function rule(id: string, changes: Partial<LimitRule>): LimitRule {
  return { id, where: {}, by: [], kind: 'message_rate', count: 1, perSeconds: 1, burst: 0, enabled: true, ...changes };
}

/** Repeatable numbers in [0, 1). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** On whose behalf those wait of whom it does not matter. */
const someone = { tenant: 't', stream: 's', weight: 1 };

function refused(reservation: Reservation): Extract<Reservation, { ok: false }> {
  if (reservation.ok) throw new Error('expected a refusal');
  return reservation;
}
function granted(reservation: Reservation): Extract<Reservation, { ok: true }> {
  if (!reservation.ok) throw new Error(`refused by ${reservation.bindingKey}`);
  return reservation;
}

function bookOf(limits: readonly LimitRule[], bound?: number): LimitBook {
  return new LimitBook(atOnce(compilingLimits(limits)), bound === undefined ? {} : { bound });
}

/** The limits are others now, and every counter was told. */
function swapped(book: LimitBook, limits: readonly LimitRule[], nowMs: number): void {
  book.swap(atOnce(compilingLimits(limits)));
  for (const _ of book.settling(() => nowMs));
}

/** Whether every window keeps rate * T + burst + 1. Of all windows that end with a unit, the one in which the level rose most counts. */
function keepsBound(times: readonly number[], limit: LimitRule): boolean {
  const perMs = limit.count / (limit.perSeconds * 1000);
  let level = 0;
  let last = -Infinity;
  for (const at of times) {
    level = Math.max(0, level - (at - last) * perMs) + 1;
    last = at;
    if (level > burstOf(limit) + 1 + 1e-6 + perMs * 0.001) return false;
  }
  return true;
}

describe('bytes', () => {
  it('count as on the wire once that is known, in both directions, and give the same back', () => {
    const book = bookOf([rule('octets', { kind: 'byte_rate', count: 1_000, burst: 0 })]);
    const first = granted(book.reserve('mail', {}, 1, 0, 1_300)).token;
    book.weigh(first, 1_000, 10);
    expect(refused(book.reserve('mail', {}, 1, 10, 500)).retryAtMs).toBe(1_000);
    const second = granted(book.reserve('mail', {}, 1, 1_000, 400)).token;
    book.weigh(second, 900, 1_010);
    book.weigh(second, 900, 1_020);
    expect(refused(book.reserve('mail', {}, 1, 1_020, 500)).retryAtMs).toBe(1_900);
    book.release(second, 1_030);
    granted(book.reserve('mail', {}, 1, 1_030, 500));
  });

  it('wake who waits as soon as they turn out to be fewer', () => {
    const book = bookOf([rule('octets', { kind: 'byte_rate', count: 1_000, burst: 0 })]);
    const { token } = granted(book.reserve('mail', {}, 1, 0, 2_000));
    const woken: number[] = [];
    book.park(refused(book.reserve('mail', {}, 1, 0, 500)), { wake: (nowMs) => void woken.push(nowMs) }, someone, 0);
    book.weigh(token, 600, 5);
    expect(book.nextLookMs()).toBe(600);
    book.wakeDue(600);
    expect(woken).toEqual([600]);
  });
});

describe('message rates', () => {
  it('never pass more than rate * T + burst + 1 in any window, and not less under steady demand', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = chance(seed);
      const limit = rule('r', {
        count: 1 + Math.floor(random() * 50),
        perSeconds: 1 + Math.floor(random() * 5),
        burst: Math.floor(random() * 20),
      });
      const book = bookOf([limit]);
      const times: number[] = [];
      const lengthMs = 20_000;
      for (let now = 1_000_000; now < 1_000_000 + lengthMs; now += 1 + Math.floor(random() * 20)) {
        const asked = 1 + Math.floor(random() * 3);
        for (let n = 0; n < asked; n++) if (book.reserve('mail', {}, 1, now).ok) times.push(now);
      }
      expect(keepsBound(times, limit), `seed ${seed}`).toBe(true);
    }
    const steady = rule('r', { count: 20, burst: 5 });
    const book = bookOf([steady]);
    let passed = 0;
    for (let now = 0; now < 60_000; now++) if (book.reserve('mail', {}, 1, now).ok) passed++;
    expect(passed).toBeGreaterThanOrEqual(20 * 60);
    expect(passed).toBeLessThanOrEqual(20 * 60 + 6);
  });

  it('name the time at which a refused reservation passes, and that time is right', () => {
    const book = bookOf([rule('r', { count: 7, perSeconds: 3, burst: 2 })]);
    let now = 5_000;
    for (let n = 0; n < 200; n++) {
      const reservation = book.reserve('mail', {}, 1, now);
      if (reservation.ok) continue;
      const at = reservation.retryAtMs ?? Infinity;
      expect(book.reserve('mail', {}, 1, at - 1).ok).toBe(false);
      granted(book.reserve('mail', {}, 1, at));
      now = at;
    }
  });

  it('count apart by each combination of the dimensions, and only what matches', () => {
    const book = bookOf([rule('r', { where: { provider: 'gmail' }, by: ['source', 'tenant'] })]);
    granted(book.reserve('mail', { provider: 'gmail', source: 'a', tenant: '1' }, 1, 0));
    granted(book.reserve('mail', { provider: 'gmail', source: 'a', tenant: '2' }, 1, 0));
    granted(book.reserve('mail', { provider: 'gmail', source: 'b', tenant: '1' }, 1, 0));
    refused(book.reserve('mail', { provider: 'gmail', source: 'a', tenant: '1' }, 1, 0));
    for (let n = 0; n < 100; n++) granted(book.reserve('mail', { provider: 'yahoo', source: 'a', tenant: '1' }, 1, 0));
    expect(book.counters).toBe(3);
  });

  it('say whether the limit is the same for a whole path, and for every source', () => {
    const book = bookOf([
      rule('path', { where: { provider: 'a' }, by: ['source', 'site'] }),
      rule('lane', { where: { provider: 'b' }, by: ['source', 'tenant'] }),
      rule('all', { where: { provider: 'c' }, by: ['site'] }),
    ]);
    granted(book.reserve('mail', { provider: 'a' }, 1, 0));
    granted(book.reserve('mail', { provider: 'b' }, 1, 0));
    granted(book.reserve('mail', { provider: 'c', source: 'x' }, 1, 0));
    expect(refused(book.reserve('mail', { provider: 'c', source: 'y' }, 1, 0))).toMatchObject({ bindsAllSources: true });
    expect(refused(book.reserve('mail', { provider: 'a' }, 1, 0))).toMatchObject({ bindsPath: true, bindsAllSources: false });
    expect(refused(book.reserve('mail', { provider: 'b' }, 1, 0)).bindsPath).toBe(false);
  });

  it('say without reserving whether they stop whatever source mail takes', () => {
    const book = bookOf([
      rule('all', { where: { provider: 'a' }, by: ['tenant'] }),
      rule('one', { where: { provider: 'b' }, by: ['source'] }),
    ]);
    const [first, second] = [
      { provider: 'a', tenant: '1' },
      { provider: 'b', source: 'x' },
    ];
    expect(book.refusedToAll('mail', first, 0)).toBeNull();
    granted(book.reserve('mail', { ...first, source: 'x' }, 1, 0));
    granted(book.reserve('mail', second, 1, 0));
    expect(book.refusedToAll('mail', first, 0)).toMatchObject({ bindsAllSources: true, retryAtMs: 1_000 });
    expect(book.refusedToAll('mail', { provider: 'a', tenant: '2' }, 0)).toBeNull();
    expect(book.refusedToAll('mail', second, 0)).toBeNull();
    expect(book.refusedToAll('mail', first, 1_000)).toBeNull();
  });

  it('give back what was not used', () => {
    const book = bookOf([rule('r', {})]);
    const { token } = granted(book.reserve('mail', {}, 1, 0));
    refused(book.reserve('mail', {}, 1, 0));
    book.release(token, 0);
    granted(book.reserve('mail', {}, 1, 0));
  });
});

describe('several limits', () => {
  it('are reserved all or none', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = chance(seed);
      const tight = rule('tight', { by: ['source'], count: 2, perSeconds: 1, burst: 1 });
      const wide = rule('wide', { by: [], count: 5, perSeconds: 1, burst: 4 });
      const both = bookOf([tight, wide]);
      const counted = { all: [] as number[], bySource: new Map<string, number[]>() };
      for (let now = 0; now < 10_000; now += Math.floor(random() * 60)) {
        const source = `s${Math.floor(random() * 4)}`;
        if (!both.reserve('mail', { source }, 1, now).ok) continue;
        counted.all.push(now);
        counted.bySource.set(source, [...(counted.bySource.get(source) ?? []), now]);
      }
      expect(keepsBound(counted.all, wide)).toBe(true);
      for (const times of counted.bySource.values()) expect(keepsBound(times, tight)).toBe(true);
      // Had refusals cost the wide limit anything, less than its rate would have passed.
      expect(counted.all.length).toBeGreaterThanOrEqual(48);
    }
  });

  it('name the one that binds longest', () => {
    const book = bookOf([rule('short', { count: 10 }), rule('long', { count: 1, perSeconds: 60 })]);
    granted(book.reserve('mail', {}, 1, 0));
    expect(refused(book.reserve('mail', {}, 1, 0))).toMatchObject({ bindingKey: 'long', retryAtMs: 60_000 });
  });
});

describe('connections', () => {
  it('never exceed the count over random opening and closing', () => {
    const random = chance(7);
    const book = bookOf([rule('c', { kind: 'connections', by: ['source'], count: 3 })]);
    const open: Extract<Reservation, { ok: true }>[] = [];
    for (let step = 0; step < 2000; step++) {
      if (random() < 0.6) {
        const reservation = book.reserve('connections', { source: 'a' }, 1, step);
        if (reservation.ok) open.push(reservation);
        else expect(open.length).toBe(3);
      } else {
        const last = open.pop();
        if (last) book.release(last.token, step);
      }
      expect(open.length).toBeLessThanOrEqual(3);
    }
  });

  it('are not counted by message rates and the other way round', () => {
    const book = bookOf([rule('c', { kind: 'connections', count: 1 })]);
    granted(book.reserve('connections', {}, 1, 0));
    for (let n = 0; n < 10; n++) granted(book.reserve('mail', {}, 1, 0));
  });
});

describe('connection rates', () => {
  it('pass as message rates do, apart from these and from open connections', () => {
    const book = bookOf([rule('c', { kind: 'connection_rate', by: ['source'], count: 2, perSeconds: 60, burst: 1 })]);
    for (let n = 0; n < 2; n++) granted(book.reserve('connection_rate', { source: 'a' }, 1, 0));
    expect(refused(book.reserve('connection_rate', { source: 'a' }, 1, 0))).toMatchObject({
      retryAtMs: 30_000,
      bindsPath: true,
      bindsAllSources: false,
    });
    granted(book.reserve('connection_rate', { source: 'b' }, 1, 0));
    for (let n = 0; n < 10; n++) for (const door of ['mail', 'connections'] as const) granted(book.reserve(door, { source: 'a' }, 1, 0));
    expect(book.binding('connection_rate', { source: 'a' }, 0)).toMatchObject([{ used: 2, of: 2, clearsAt: 30_000 }]);
  });
});

describe('waiters', () => {
  it('are woken in turn, each for what there is to take, and a newcomer does not pass them', () => {
    const book = bookOf([rule('r', { count: 1 })]);
    granted(book.reserve('mail', {}, 1, 0));
    const order: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      const waiter: Waiter = {
        wake: (now) => {
          granted(book.reserve('mail', {}, 1, now));
          order.push(`${name}@${now}`);
        },
      };
      book.park(refused(book.reserve('mail', {}, 1, 0)), waiter, someone, 0);
    }
    expect(book.nextLookMs()).toBe(1000);
    refused(book.reserve('mail', {}, 1, 1000));
    for (let next = book.nextLookMs(); next !== null; next = book.nextLookMs()) book.wakeDue(next);
    expect(order).toEqual(['a@1000', 'b@2000', 'c@3000']);
  });

  it('that do not use their turn pass it on at once', () => {
    const book = bookOf([rule('c', { kind: 'connections', count: 1 })]);
    const { token } = granted(book.reserve('connections', {}, 1, 0));
    const woken: string[] = [];
    const idle: Waiter = { wake: () => woken.push('idle') };
    const eager: Waiter = {
      wake: (now) => {
        woken.push('eager');
        granted(book.reserve('connections', {}, 1, now));
      },
    };
    const late: Waiter = { wake: () => woken.push('late') };
    for (const waiter of [idle, eager, late]) book.park(refused(book.reserve('connections', {}, 1, 0)), waiter, someone, 0);
    expect(book.contended(token)).toBe(true);
    expect(book.nextLookMs()).toBeNull();
    book.release(token, 5);
    book.wakeDue(5);
    expect(woken).toEqual(['idle', 'eager']);
  });

  it('of a limit that was removed or widened try again at once', () => {
    const narrow = rule('r', { count: 1, perSeconds: 3600 });
    for (const next of [[], [{ ...narrow, count: 3600, burst: 1 }]]) {
      const book = bookOf([narrow]);
      granted(book.reserve('mail', {}, 1, 0));
      let wokenAt = -1;
      book.park(refused(book.reserve('mail', {}, 1, 0)), { wake: (now) => (wokenAt = now) }, someone, 0);
      swapped(book, next, 100);
      for (let look = book.nextLookMs(); look !== null && look < 5000; look = book.nextLookMs()) book.wakeDue(look);
      expect(wokenAt).toBeGreaterThanOrEqual(100);
      expect(wokenAt).toBeLessThan(2000);
    }
  });
});

describe('wakes that come late', () => {
  /** Stands in line all the time and takes one unit a turn; told when. */
  function taker(book: LimitBook, times: number[]): { stand(nowMs: number): void } {
    const waiter: Waiter = {
      wake(nowMs) {
        if (book.reserve('mail', {}, 1, nowMs).ok) times.push(nowMs);
        stand(nowMs);
      },
    };
    const stand = (nowMs: number): void => book.park(refused(book.reserve('mail', {}, 1_000, nowMs)), waiter, someone, nowMs);
    return { stand };
  }

  function underLateTimers(limit: LimitRule): { times: number[]; lengthMs: number } {
    const random = chance(3);
    const book = bookOf([limit]);
    const times: number[] = [];
    granted(book.reserve('mail', {}, 1, 0));
    times.push(0);
    for (let n = 0; n < 200; n++) taker(book, times).stand(0);
    let now = 0;
    while (now < 10_000) {
      // As a timer comes: up to two milliseconds late, and at times much later.
      now = Math.max(book.nextLookMs() ?? now, now + 1) + random() * 2 + (random() < 0.01 ? 15 : 0);
      book.wakeDue(now);
    }
    return { times, lengthMs: now };
  }

  it('cost a limit whose burst is its own nothing, and give it nothing: its rate, and no window with more', () => {
    for (const count of [1, 20, 200, 1000]) {
      const limit = rule('r', { count, burst: null });
      const { times, lengthMs } = underLateTimers(limit);
      expect(times.length, `${count}/s`).toBeGreaterThanOrEqual(Math.floor((lengthMs * count * 0.99) / 1000));
      expect(keepsBound(times, limit), `${count}/s`).toBe(true);
    }
  });

  it('are lost to a limit whose burst is 0, which never lets two pass together', () => {
    const limit = rule('r', { count: 100, burst: 0 });
    const { times } = underLateTimers(limit);
    expect(keepsBound(times, limit)).toBe(true);
    for (let n = 1; n < times.length; n++) expect((times[n] ?? 0) - (times[n - 1] ?? 0)).toBeGreaterThanOrEqual(10 - 1e-3);
    expect(times.length).toBeGreaterThan(850);
  });
});

describe('a swap of the limits', () => {
  it('holds for whoever asks before its counter was told', () => {
    const book = bookOf([rule('r', { by: ['source'], count: 1, perSeconds: 100 }), rule('c', { kind: 'connections', count: 1 })]);
    granted(book.reserve('mail', { source: 'a' }, 1, 0));
    granted(book.reserve('connections', {}, 1, 0));
    let woken = 0;
    book.park(refused(book.reserve('connections', {}, 1, 0)), { wake: () => woken++ }, someone, 0);
    book.swap(
      atOnce(compilingLimits([rule('r', { by: ['source'], count: 1, perSeconds: 10 }), rule('c', { kind: 'connection_rate', count: 1 })])),
    );
    expect(refused(book.reserve('mail', { source: 'a' }, 1, 0)).retryAtMs).toBe(10_000);
    expect(book.passes('connections', {}, 0)).toBe(true);
    granted(book.reserve('connection_rate', {}, 1, 0));
    book.wakeDue(0);
    expect(woken).toBe(1);
  });

  it('that sets very many free wakes them in turn, some at a time where others are to have their turn', () => {
    const book = bookOf([rule('r', { perSeconds: 3600 })]);
    granted(book.reserve('mail', {}, 1, 0));
    const woken: number[] = [];
    for (let n = 0; n < 1000; n++) book.park(refused(book.reserve('mail', {}, 1, 0)), { wake: () => woken.push(n) }, someone, 0);
    swapped(book, [], 0);
    let most = 0;
    for (let look = book.nextLookMs(); look !== null; look = book.nextLookMs()) {
      const before = woken.length;
      book.wakeDue(look, () => false);
      most = Math.max(most, woken.length - before);
    }
    expect(woken).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(most).toBeLessThan(200);
  });

  it('keeps what is used of limits that count the same way', () => {
    const rate = rule('r', { by: ['source'], count: 1, perSeconds: 10 });
    const connections = rule('c', { kind: 'connections', count: 2 });
    const book = bookOf([rate, connections]);
    granted(book.reserve('mail', { source: 'a' }, 1, 0));
    const { token } = granted(book.reserve('connections', {}, 1, 0));
    swapped(book, [rate, { ...connections, count: 1 }], 0);
    refused(book.reserve('mail', { source: 'a' }, 1, 0));
    refused(book.reserve('connections', {}, 1, 0));
    book.release(token, 0);
    granted(book.reserve('connections', {}, 1, 0));
  });

  it('keeps debt in units when the rate changes', () => {
    const book = bookOf([rule('r', { count: 1, perSeconds: 100 })]);
    granted(book.reserve('mail', {}, 1, 0));
    swapped(book, [rule('r', { count: 1, perSeconds: 10 })], 0);
    expect(refused(book.reserve('mail', {}, 1, 0)).retryAtMs).toBe(10_000);
  });

  it('ignores disabled limits', () => {
    const book = bookOf([rule('r', { enabled: false })]);
    for (let n = 0; n < 10; n++) granted(book.reserve('mail', {}, 1, 0));
  });
});

describe('memory', () => {
  it('forgets idle counters, and refuses for a second when it is full of busy ones', () => {
    const book = bookOf([rule('r', { by: ['domain'], count: 1000 })], 5000);
    for (let n = 0; n < 50_000; n++) granted(book.reserve('mail', { domain: `d${n}` }, 1, n));
    expect(book.counters).toBeLessThanOrEqual(5000);
    const busy = bookOf([rule('c', { kind: 'connections', by: ['domain'], count: 1 })], 100);
    for (let n = 0; n < 100; n++) granted(busy.reserve('connections', { domain: `d${n}` }, 1, 0));
    const refusal = refused(busy.reserve('connections', { domain: 'one too many' }, 1, 0));
    expect(refusal.retryAtMs).toBe(1000);
    let woken = 0;
    busy.park(refusal, { wake: () => woken++ }, someone, 0);
    expect(busy.nextLookMs()).toBe(1000);
    busy.wakeDue(1000);
    expect(woken).toBe(1);
  });
});
