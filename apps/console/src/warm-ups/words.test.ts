import { describe, expect, it } from 'vitest';
import { dayWords, groupOfLine, lineOfGroup, percentWords, scheduleOfFields, stateOf } from './words.ts';

const progress = { ladders: 4, finished: 0, held: 0, fromStage: 2, toStage: 2, stages: 45 };

describe('warm-up in words', () => {
  it('tells how far a plan is', () => {
    expect(dayWords(progress)).toBe('day 2 of 45');
    expect(dayWords({ ...progress, toStage: 7 })).toBe('days 2 to 7 of 45');
    expect(dayWords({ ...progress, finished: 4 })).toBe('warm');
    expect(stateOf({ paused: false, progress: { ...progress, held: 2 } })).toEqual({ tone: 'warn', word: '2 held today' });
    expect(stateOf({ paused: false, progress: null }).word).toBe('No node reports it');
  });

  it('reads a group of providers from a line, and writes it back', () => {
    for (const line of ['Gmail = gmail', 'Others = *', 'Yahoo = yahoo, aol : 50%']) {
      const group = groupOfLine(line);
      expect(group && lineOfGroup(group)).toBe(line);
    }
    expect(groupOfLine('nothing')).toBeNull();
    expect(groupOfLine('A = ')).toBeNull();
  });

  it('reads a schedule only from fields that say one', () => {
    expect(scheduleOfFields('linear', { first: '10', step: '5', days: '3' })).toEqual({ kind: 'linear', first: 10, step: 5, days: 3 });
    expect(scheduleOfFields('linear', { first: '', step: '5', days: '3' })).toBeNull();
    expect(scheduleOfFields('hourly', {})).toEqual({ kind: 'built_in', key: 'hourly' });
  });

  it('shows small shares with their digits', () => {
    expect([percentWords(0.1), percentWords(24.6), percentWords(null)]).toEqual(['0.10%', '25%', 'too few yet']);
  });
});
