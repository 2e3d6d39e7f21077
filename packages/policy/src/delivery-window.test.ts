// Delivery windows by the wall clock of their zone, over midnight and over changes of the clocks.
import { describe, expect, it } from 'vitest';
import { readWindow, windowOpensAt } from './delivery-window.ts';

const at = (text: string): number => Date.parse(text);
const opens = (window: string, now: string): string => {
  const read = readWindow(window);
  if (!read) throw new Error(`no window: ${window}`);
  return new Date(windowOpensAt(read, at(now))).toISOString();
};

describe('a delivery window', () => {
  it('is open between its times on its days, by the clock of its zone', () => {
    // 2026-11-23 is a Monday; Berlin is an hour ahead of UTC.
    expect(opens('mon-fri 08:00-20:00 Europe/Berlin', '2026-11-23T06:59:00Z')).toBe('2026-11-23T07:00:00.000Z');
    expect(opens('mon-fri 08:00-20:00 Europe/Berlin', '2026-11-23T07:00:00Z')).toBe('2026-11-23T07:00:00.000Z');
    expect(opens('mon-fri 08:00-20:00 Europe/Berlin', '2026-11-23T18:59:59.999Z')).toBe('2026-11-23T18:59:59.999Z');
    expect(opens('mon-fri 08:00-20:00 Europe/Berlin', '2026-11-23T19:00:00Z')).toBe('2026-11-24T07:00:00.000Z');
    expect(opens('mon-fri 08:00-20:00 Europe/Berlin', '2026-11-27T19:00:00Z')).toBe('2026-11-30T07:00:00.000Z');
    expect(opens('mon 08:00-09:00 UTC', '2026-11-23T09:00:00Z')).toBe('2026-11-30T08:00:00.000Z');
  });

  it('goes over midnight with the day it began on', () => {
    expect(opens('fri 22:00-06:00 UTC', '2026-11-28T05:59:00Z')).toBe('2026-11-28T05:59:00.000Z');
    expect(opens('fri 22:00-06:00 UTC', '2026-11-28T06:00:00Z')).toBe('2026-12-04T22:00:00.000Z');
    expect(opens('sat 00:00-00:00 UTC', '2026-11-28T23:59:00Z')).toBe('2026-11-28T23:59:00.000Z');
    expect(opens('sat 00:00-00:00 UTC', '2026-11-29T00:00:00Z')).toBe('2026-12-05T00:00:00.000Z');
  });

  it('keeps its wall times across a change of the clocks', () => {
    // Berlin goes from +1 to +2 on 2027-03-28 at 02:00 and back on 2027-10-31 at 03:00.
    expect(opens('mon-sun 08:00-20:00 Europe/Berlin', '2027-03-27T20:00:00Z')).toBe('2027-03-28T06:00:00.000Z');
    expect(opens('mon-sun 08:00-20:00 Europe/Berlin', '2027-10-30T20:00:00Z')).toBe('2027-10-31T07:00:00.000Z');
  });

  it('opens at the jump when its time does not exist, and at the first of two times', () => {
    expect(opens('sun 02:30-05:00 Europe/Berlin', '2027-03-27T22:00:00Z')).toBe('2027-03-28T01:00:00.000Z');
    expect(opens('sun 02:30-05:00 Europe/Berlin', '2027-10-30T22:00:00Z')).toBe('2027-10-31T00:30:00.000Z');
    expect(opens('sun 02:15-05:00 Australia/Lord_Howe', '2026-10-03T12:00:00Z')).toBe('2026-10-03T15:30:00.000Z');
  });

  it('never counts by another clock when its zone is gone from the machine: then it holds no mail', () => {
    const window = { days: ['tue' as const], from: '08:00', to: '09:00', zone: 'Mars/Base' };
    expect(windowOpensAt(window, at('2026-11-23T20:00:00Z'))).toBe(at('2026-11-23T20:00:00Z'));
  });

  it('is answered alike whichever time is asked first', () => {
    const window = 'tue-thu 09:30-17:00 America/St_Johns';
    const times = ['2026-11-24T12:59:00Z', '2026-11-24T13:00:00Z', '2026-11-26T20:31:00Z', '2026-11-24T20:29:00Z', '2026-11-24T12:59:00Z'];
    expect(times.map((time) => opens(window, time))).toEqual([
      '2026-11-24T13:00:00.000Z',
      '2026-11-24T13:00:00.000Z',
      '2026-12-01T13:00:00.000Z',
      '2026-11-24T20:29:00.000Z',
      '2026-11-24T13:00:00.000Z',
    ]);
  });
});

describe('the text of a window', () => {
  it('names days by list and range', () => {
    expect(readWindow('sat-mon,Wed 08:00-20:00 UTC')?.days).toEqual(['mon', 'wed', 'sat', 'sun']);
  });

  it('is refused when any part of it is no day, time or zone', () => {
    for (const text of [
      '',
      'mon',
      'mon 8:00-20:00 UTC',
      'mon 08:00-24:00 UTC',
      'foo 08:00-20:00 UTC',
      'mon 08:00-20:00 Mars/Base',
      'mon-tue-wed 08:00-20:00 UTC',
    ])
      expect(readWindow(text), text).toBeNull();
  });
});
