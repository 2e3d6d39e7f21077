// Shares of what waits in line, against what was promised: tenants equally, whatever number of queues they have, and streams by weight.
import { describe, expect, it } from 'vitest';
import { LimitBook } from './limit-book.ts';
import { compilingLimits, type LimitRule } from './limit-set.ts';
import { atOnce } from './steps.ts';
import { WaitingLine, type Waiter } from './waiting-line.ts';

type Member = { tenant: string; stream: string; weight: number; queues: number };

/** Serves `turns` units in a row to queues that come back after each; who got them, in order. */
function served(members: readonly Member[], turns: number, units = (_: string): number => 1): string[] {
  const line = new WaitingLine();
  const order: string[] = [];
  const join = (standing: Member): void => {
    const waiter: Waiter = {
      wake() {
        order.push(standing.stream);
        line.add(waiter, standing);
      },
    };
    line.add(waiter, standing);
  };
  for (const member of members) for (let n = 0; n < member.queues; n++) join(member);
  for (let turn = 0; turn < turns; turn++) {
    line.next()?.wake(0);
    line.charge(units(order.at(-1) ?? ''));
  }
  return order;
}
const shareOf = (order: readonly string[], stream: string): number => order.filter((one) => one === stream).length / order.length;

describe('those in line for one limit', () => {
  it('have equal shares by tenant: one queue gets what ten thousand get', () => {
    const order = served(
      [
        { tenant: 'big', stream: 'b', weight: 10, queues: 10_000 },
        { tenant: 'small', stream: 's', weight: 10, queues: 1 },
      ],
      2_000,
    );
    expect(shareOf(order, 's')).toBeCloseTo(0.5, 2);
    // And smoothly: never two behind.
    for (let at = 2; at < order.length; at++) expect(order.slice(at - 2, at + 1)).toContain('s');
  });

  it('have shares by the weights of their streams, between tenants and within one', () => {
    const between = served(
      [
        { tenant: '1', stream: 'light', weight: 5, queues: 500 },
        { tenant: '2', stream: 'heavy', weight: 15, queues: 3 },
      ],
      4_000,
    );
    expect(shareOf(between, 'heavy')).toBeCloseTo(0.75, 2);
    const within = served(
      [
        { tenant: '1', stream: 'light', weight: 10, queues: 50 },
        { tenant: '1', stream: 'heavy', weight: 40, queues: 2 },
        { tenant: '2', stream: 'other', weight: 10, queues: 1 },
      ],
      8_000,
    );
    expect(shareOf(within, 'heavy') / shareOf(within, 'light')).toBeCloseTo(4, 1);
    expect(shareOf(within, 'other')).toBeGreaterThan(0.25);
  });

  it('pay for what they used, not for turns: a transaction of many recipients costs that many', () => {
    const order = served(
      [
        { tenant: '1', stream: 'single', weight: 10, queues: 5 },
        { tenant: '2', stream: 'many', weight: 10, queues: 5 },
      ],
      11_000,
      (stream) => (stream === 'many' ? 10 : 1),
    );
    expect(shareOf(order, 'single')).toBeCloseTo(10 / 11, 2);
  });

  it('save nothing up while away, and lose nothing by coming and going', () => {
    const line = new WaitingLine();
    const order: string[] = [];
    const stands = (name: string): Waiter => ({ wake: () => void order.push(name) });
    const at = (tenant: string) => ({ tenant, stream: tenant, weight: 1 });
    const turn = (): void => {
      line.next()?.wake(0);
      line.charge(1);
    };
    for (let n = 0; n < 100; n++) line.add(stands('a'), at('a'));
    for (let n = 0; n < 50; n++) turn();
    for (let n = 0; n < 100; n++) line.add(stands('late'), at('late'));
    for (let n = 0; n < 60; n++) turn();
    expect(order.slice(50).filter((name) => name === 'late').length).toBeGreaterThanOrEqual(29);
    expect(order.slice(50).filter((name) => name === 'late').length).toBeLessThanOrEqual(31);
  });

  it('of a book are woken so', () => {
    const rule: LimitRule = { id: 'r', where: {}, by: [], kind: 'message_rate', count: 100, perSeconds: 1, burst: 2, enabled: true };
    const book = new LimitBook(atOnce(compilingLimits([rule])));
    const got = { big: 0, small: 0 };
    const stand = (tenant: 'big' | 'small', nowMs: number): void => {
      const reservation = book.reserve('mail', {}, 1, nowMs);
      if (reservation.ok) {
        got[tenant]++;
        stand(tenant, nowMs);
      } else book.park(reservation, { wake: (at) => stand(tenant, at) }, { tenant, stream: 's', weight: 10 }, nowMs);
    };
    for (let n = 0; n < 1_000; n++) stand('big', 0);
    stand('small', 0);
    Object.assign(got, { big: 0, small: 0 });
    for (let next = book.nextLookMs(); next !== null && next < 60_000; next = book.nextLookMs()) book.wakeDue(next);
    expect(got.big + got.small).toBeGreaterThan(5_900);
    expect(got.small / (got.big + got.small)).toBeCloseTo(0.5, 1);
  });
});
