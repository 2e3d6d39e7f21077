import { describe, expect, it } from 'vitest';
import { anyGroupsBeforeOut, ConnectStreak, longestProbeMs, probeDelayMs, streakWindowMs } from './source-health.ts';

const second = 1000;
const group = (name: string, known = true) => ({ group: name, known, detail: 'connect ETIMEDOUT' });

describe('a streak of failed connects', () => {
  it('without the address ends at once', () => {
    expect(new ConnectStreak().failed('address', group('gmail'), 0)).toMatchObject({ reason: 'address_missing' });
  });

  it('of the proxy ends with the third in a row', () => {
    const streak = new ConnectStreak();
    expect([0, 1, 2].map((at) => streak.failed('proxy', group('gmail'), at)?.reason ?? null)).toEqual([null, null, 'proxy_dead']);
  });

  it('of one site, however long, is the failure of that site', () => {
    const streak = new ConnectStreak();
    for (let at = 0; at < 3_600 * second; at += 10 * second) expect(streak.failed('network', group('mx.dead.example'), at)).toBeNull();
  });

  it('over three known providers ends once they lie apart in time', () => {
    const streak = new ConnectStreak();
    const said = ['gmail', 'yahoo', 'outlook'].map((name, index) => streak.failed('network', group(name), index));
    expect(said).toEqual([null, null, null]);
    const end = streak.failed('network', group('gmail'), 20 * second);
    expect(end).toMatchObject({ reason: 'connects_fail', detail: expect.stringContaining('gmail, yahoo, outlook') });
  });

  it('begins anew with anything that is reached', () => {
    const streak = new ConnectStreak();
    for (const name of ['gmail', 'yahoo']) streak.failed('network', group(name), 0);
    streak.failed('proxy', group('gmail'), 0);
    streak.failed('proxy', group('gmail'), 0);
    streak.reached();
    expect(streak.failed('network', group('outlook'), 30 * second)).toBeNull();
    expect(streak.failed('proxy', group('outlook'), 30 * second)).toBeNull();
  });

  it('over sites that nobody ever reached takes very many of them: lists have dead domains', () => {
    const streak = new ConnectStreak();
    const reasons = Array.from({ length: anyGroupsBeforeOut }, (_, n) =>
      streak.failed('network', group(`mx${n}.dead.example`, false), n * 30 * second),
    );
    expect(reasons.filter((reason) => reason !== null)).toHaveLength(1);
    expect(reasons.at(-1)).not.toBeNull();
  });

  it('forgets what is long ago', () => {
    const streak = new ConnectStreak();
    for (const name of ['gmail', 'yahoo']) streak.failed('network', group(name), 0);
    expect(streak.failed('network', group('outlook'), streakWindowMs + 1)).toBeNull();
    expect(streak.isOver(2 * streakWindowMs + 2)).toBe(true);
  });
});

it('probes double their distance up to five minutes and never come together', () => {
  expect([0, 1, 2, 3].map((failed) => probeDelayMs(failed, 0))).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(probeDelayMs(1000, 0)).toBe(longestProbeMs);
  expect(probeDelayMs(0, 0.5)).toBe(5_500);
});
