import { describe, expect, it } from 'vitest';
import { actionText, automationWhereText, lengthText, triggerText } from './automation-text.ts';
import { automationAction, automationTrigger } from './automation.ts';

describe('a rule of automation in words', () => {
  it('says times in the largest unit that is whole', () => {
    expect([90, 300, 3600, 172_800].map(lengthText)).toEqual(['90 s', '5 minutes', '1 hour', '2 days']);
  });

  it('says when it acts', () => {
    const of = (trigger: object) => triggerText(automationTrigger.parse({ windowSeconds: 300, ...trigger }));
    expect(of({ kind: 'share', of: 'deferred', percent: 20, minimumVolume: 100 })).toBe(
      'more than 20 % of at least 100 attempts in 5 minutes are deferred',
    );
    expect(of({ kind: 'replies', count: 2, match: { enhanced: ['4.7.28'], pattern: 'rate' } })).toBe(
      '2 refusals in 5 minutes with code 4.7.28, whose text matches "rate"',
    );
    expect(of({ kind: 'matching_share', percent: 30, minimumVolume: 20, match: { remedies: ['disable_source', 'slow_down'] } })).toBe(
      'more than 30 % of at least 20 attempts in 5 minutes are refused that call for: disable source or slow down',
    );
    expect(of({ kind: 'latency', percentile: 90, aboveMs: 5000, minimumVolume: 20 })).toBe(
      '10 % of at least 20 attempts in 5 minutes take longer than 5 s',
    );
  });

  it('says what it does and to which mail', () => {
    const of = (action: object) => actionText(automationAction.parse(action), 'warm');
    expect(of({ kind: 'reduce', toPercent: 50, floorPerMinute: 6, quietSeconds: 600, stepPercent: 10 })).toBe(
      'cuts the rate to 50 %, not below 6 a minute; after 10 minutes without trouble up again by 10 %',
    );
    expect(of({ kind: 'limit', of: 'connections', count: 2, perSeconds: 1 })).toBe('opens at most 2 connections');
    expect(of({ kind: 'move', poolId: '00000000-0000-4000-8000-000000000001' })).toBe('moves mail to pool warm');
    expect(automationWhereText({ where: { provider: 'gmail', tenant: 'x' } }, { tenant: 'Acme' })).toBe('provider gmail, tenant Acme');
    expect(automationWhereText({ where: {} })).toBe('');
  });
});
