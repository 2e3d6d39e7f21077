// Limits over the end of the process that keeps them, and between several that share them: what passed is counted whoever let it pass.
import type { LeaseRecord } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { calendarStretch } from './calendar.ts';
import { LimitBook } from './limit-book.ts';
import { LimitLedger } from './limit-ledger.ts';
import { leaseBlock, type LeaseTerms } from './limit-lease.ts';
import { burstOf, compilingLimits, type LimitRule } from './limit-set.ts';
import { atOnce } from './steps.ts';

const minuteMs = 60_000;
const start = Date.parse('2026-11-29T10:00:00Z');

function chance(seed: number): (below: number) => number {
  let state = seed * 104_729;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function rule(changes: Partial<LimitRule>): LimitRule {
  return { id: 'r', where: {}, by: [], kind: 'message_rate', count: 1, perSeconds: 1, burst: 0, enabled: true, ...changes };
}

/** A process under one limit: its book, and answers of the ledger that come when `answer` is called. */
class Process {
  readonly book: LimitBook;
  readonly #ledger: LimitLedger;

  constructor(limit: LimitRule, ledger: LimitLedger, unknownUntilMs: number) {
    const covers = (terms: LeaseTerms): boolean => terms.kind === 'cap' || terms.intervalMs * (terms.burst + 1) > minuteMs;
    this.book = new LimitBook(atOnce(compilingLimits([limit])), { store: { covers, unknownUntilMs } });
    this.#ledger = ledger;
  }

  answer(nowMs: number): void {
    const asked = this.book.leases.take(nowMs);
    if (asked.length === 0) return;
    const leases = asked.map(({ request }) => this.#ledger.lease(request, nowMs));
    this.book.leases.answered(asked, leases, nowMs);
  }

  sends(nowMs: number, bytes = 0): boolean {
    return this.book.reserve('mail', {}, 1, nowMs, bytes).ok;
  }

  /** The same of mail that waits for the answer when one has to be asked for. */
  sendsSoon(nowMs: number, bytes = 0): boolean {
    if (this.sends(nowMs, bytes)) return true;
    this.answer(nowMs + 1);
    return this.sends(nowMs + 1, bytes);
  }

  stop(nowMs: number): void {
    for (const request of this.book.leases.returning()) this.#ledger.lease(request, nowMs);
  }
}

/** What a file holds of a ledger. */
function reread(ledger: LimitLedger): LimitLedger {
  const again = new LimitLedger();
  const lines = JSON.stringify([...ledger.records()]);
  for (const record of JSON.parse(lines) as LeaseRecord[]) again.restore(record.key, record);
  return again;
}

function mostOver(limit: LimitRule, events: readonly { at: number; units: number }[]): number {
  const perMs = limit.count / (limit.perSeconds * 1000);
  let level = 0;
  let last = start;
  let most = -Infinity;
  for (const { at, units } of events) {
    level = Math.max(0, level - (at - last) * perMs) + units;
    last = at;
    most = Math.max(most, level - burstOf(limit) - perMs - (limit.kind === 'byte_rate' ? units : 1));
  }
  return most;
}

describe('a rate', () => {
  const limits = [
    rule({ count: 5, perSeconds: 3600, burst: 0 }),
    rule({ count: 100, perSeconds: 3600, burst: 50 }),
    rule({ count: 1000, perSeconds: 3600, burst: 1000 }),
    rule({ count: 20, perSeconds: 1, burst: 40 }),
    rule({ count: 60, perSeconds: 60, burst: 0 }),
    rule({ kind: 'byte_rate', count: 10_000, perSeconds: 60, burst: 50_000 }),
  ];

  it.each(limits)('of $count in $perSeconds s, burst $burst ($kind), holds over a process that is killed again and again', (limit) => {
    for (let seed = 1; seed <= 10; seed++) {
      const draw = chance(seed);
      const events: { at: number; units: number }[] = [];
      let ledger = new LimitLedger();
      let process = new Process(limit, ledger, 0);
      const intervalMs = (limit.perSeconds * 1000) / limit.count;
      for (let step = 0, now = start; step < 3_000; step++) {
        now += draw(Math.ceil(intervalMs * (limit.kind === 'byte_rate' ? 4_000 : 1)));
        const units = limit.kind === 'byte_rate' ? 500 + draw(20_000) : 1;
        if (process.sendsSoon(now, units)) events.push({ at: now + 1, units });
        now += 1 + draw(4);
        process.answer(now);
        if (draw(100) !== 0) continue;
        ledger = reread(ledger);
        process = new Process(limit, ledger, now + minuteMs);
      }
      expect(mostOver(limit, events), `seed ${seed}`).toBeLessThanOrEqual(1e-3);
      expect(events.length).toBeGreaterThan(60);
    }
  });

  it('that is slow goes on after a crash when its time has come, not when a burst that nobody used would have', () => {
    const limit = rule({ count: 10, perSeconds: 3600, burst: 20 });
    const ledger = new LimitLedger();
    const first = new Process(limit, ledger, 0);
    for (let n = 0; n < 5; n++) {
      first.sends(start + n);
      first.answer(start + n);
    }
    const second = new Process(limit, reread(ledger), start + 2 * minuteMs);
    let sent = 0;
    for (let n = 0; n < 40; n++) {
      second.answer(start + 1_000 + n);
      if (second.sends(start + 1_000 + n)) sent++;
    }
    expect(sent).toBeGreaterThanOrEqual(15);
    expect(sent).toBeLessThanOrEqual(17);
  });

  it('is used in full where every unit has to be leased first', () => {
    for (const limit of [rule({ count: 50, perSeconds: 3600 }), rule({ count: 600, perSeconds: 3600, burst: 100 })]) {
      const process = new Process(limit, new LimitLedger(), 0);
      let sent = 0;
      const hours = 10;
      for (let now = start; now < start + hours * 60 * minuteMs; now += 250) {
        if (process.sends(now)) sent++;
        process.answer(now + 20);
      }
      expect(sent).toBeGreaterThanOrEqual(limit.count * hours * 0.99);
      expect(sent).toBeLessThanOrEqual(limit.count * hours + burstOf(limit) + 1);
    }
  });

  it('does not wait longer than its burst and one unit take though the clock was set back by a day', () => {
    const limit = rule({ count: 10, perSeconds: 3600, burst: 5 });
    const ledger = new LimitLedger();
    const first = new Process(limit, ledger, 0);
    for (let n = 0; n < 20; n++) {
      first.sends(start + n);
      first.answer(start + n);
    }
    const yesterday = start - 24 * 60 * minuteMs;
    const second = new Process(limit, reread(ledger), yesterday + minuteMs);
    let sentAt: number | null = null;
    for (let now = yesterday; sentAt === null && now < start; now += 5_000) {
      if (second.sendsSoon(now)) sentAt = now;
    }
    expect((sentAt ?? Infinity) - yesterday).toBeLessThanOrEqual(7 * 6 * minuteMs);
  });
});

describe('a cap', () => {
  it('is never exceeded over kills, restarts and a clock set back, and is used but for a hundredth a crash', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const draw = chance(seed);
      const limit = rule({ kind: draw(2) === 0 ? 'daily_cap' : 'hourly_cap', count: 20 + draw(3_000), zone: 'America/New_York' });
      let ledger = new LimitLedger();
      let process = new Process(limit, ledger, 0);
      const passed = new Map<number, number>();
      let crashes = 0;
      let now = start + draw(3_600_000);
      const { startMs, endMs } = calendarStretch(limit.kind === 'daily_cap' ? 'day' : 'hour', 'America/New_York', now);
      const stepMs = Math.max(1, Math.floor((endMs - now) / 8_000));
      for (; now < endMs; now += stepMs) {
        if (process.sends(now)) passed.set(startMs, (passed.get(startMs) ?? 0) + 1);
        process.answer(now);
        const chanceOf = draw(1_000);
        if (chanceOf === 0) {
          crashes++;
          ledger = reread(ledger);
          process = new Process(limit, ledger, now + minuteMs);
        } else if (chanceOf === 1) {
          process.stop(now);
          ledger = reread(ledger);
          process = new Process(limit, ledger, now + minuteMs);
        } else if (chanceOf === 2) {
          // Another process on a clock that is a day behind: it finds the same stretch used.
          const before = passed.get(startMs) ?? 0;
          process = new Process(limit, ledger, now + minuteMs);
          let more = 0;
          for (let n = 0; n < 5; n++) {
            if (process.sends(now - 86_400_000)) more++;
            process.answer(now - 86_400_000);
          }
          passed.set(startMs, before + more);
          process = new Process(limit, ledger, now + minuteMs);
          crashes += 2;
        }
      }
      const total = passed.get(startMs) ?? 0;
      expect(total, `seed ${seed}`).toBeLessThanOrEqual(limit.count);
      expect(total, `seed ${seed}, ${crashes} crashes`).toBeGreaterThanOrEqual(
        Math.min(limit.count, 7_900) - crashes * Math.max(1, Math.ceil(limit.count / 100)),
      );
      const terms = { kind: 'cap', count: limit.count, startMs, endMs } as const;
      expect(2 * leaseBlock(terms)).toBeLessThanOrEqual(Math.max(2, limit.count / 100));
    }
  });

  it('begins anew with the day of its zone, and not a second time when the zone is changed within it', () => {
    const limit = rule({ kind: 'daily_cap', count: 10, zone: 'Europe/Berlin' });
    const ledger = new LimitLedger();
    const process = new Process(limit, ledger, 0);
    const sendAll = (at: number): number => {
      let sent = 0;
      for (let n = 0; n < 30; n++) {
        if (process.sends(at + n)) sent++;
        process.answer(at + n);
      }
      return sent;
    };
    expect(sendAll(Date.parse('2026-11-29T22:59:00Z'))).toBe(10);
    expect(sendAll(Date.parse('2026-11-29T22:59:59Z'))).toBe(0);
    expect(sendAll(Date.parse('2026-11-29T23:00:00Z'))).toBe(10);
    process.book.swap(atOnce(compilingLimits([{ ...limit, zone: 'Asia/Tokyo' }])));
    expect(sendAll(Date.parse('2026-11-30T15:30:00Z'))).toBe(0);
    expect(sendAll(Date.parse('2026-11-30T23:00:01Z'))).toBe(10);
  });
});

describe('several processes that share a store', () => {
  it('keep one limit between them, each with its part', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const draw = chance(seed);
      const cap = rule({ kind: 'daily_cap', count: 200 + draw(2_000), zone: 'UTC' });
      const ledger = new LimitLedger();
      const processes = Array.from({ length: 3 }, () => new Process(cap, ledger, 0));
      const sent = [0, 0, 0];
      for (let now = start; now < start + 60 * minuteMs; now += 1_000) {
        processes.forEach((process, index) => {
          if (process.sends(now)) sent[index] = (sent[index] ?? 0) + 1;
          if (draw(3) > 0) process.answer(now);
        });
      }
      const total = sent.reduce((sum, one) => sum + one, 0);
      expect(total).toBeLessThanOrEqual(cap.count);
      expect(total).toBeGreaterThanOrEqual(Math.min(cap.count * 0.97, 6_000));
      for (const one of sent) expect(one).toBeGreaterThan(total / 5);
    }
  });

  it('keep one rate between them: no more than it and what their leases hold in any window', () => {
    const limit = rule({ count: 600, perSeconds: 3600, burst: 60 });
    const ledger = new LimitLedger();
    const processes = Array.from({ length: 3 }, () => new Process(limit, ledger, 0));
    const events: { at: number; units: number }[] = [];
    for (let now = start; now < start + 6 * 60 * minuteMs; now += 500) {
      for (const process of processes) {
        if (process.sends(now)) events.push({ at: now, units: 1 });
        process.answer(now);
      }
    }
    expect(mostOver(limit, events)).toBeLessThanOrEqual(1e-3);
    expect(events.length).toBeGreaterThanOrEqual(600 * 6 * 0.99);
  });
});

it('mail waits while the store cannot be asked, and goes on when it can', () => {
  const process = new Process(rule({ kind: 'daily_cap', count: 10 }), new LimitLedger(), 0);
  expect(process.sends(start)).toBe(false);
  const asked = process.book.leases.take(start);
  process.book.leases.failed(asked, start);
  expect(process.sends(start + 500)).toBe(false);
  expect(process.book.leases.take(start + 500)).toEqual([]);
  expect(process.sends(start + 1_000)).toBe(false);
  process.answer(start + 1_000);
  expect(process.sends(start + 1_001)).toBe(true);
});
