// Precedence of delivery settings.
import { defaultDeliverySettings, type SettingBody } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { SettingRules, type SettingRule } from './delivery-settings.ts';

const rule = (id: string, where: SettingBody['where'], values: SettingBody['values'], enabled = true): SettingRule => ({
  ...{ schemaVersion: 1 as const, name: id, id, where, values, enabled },
});

describe('SettingRules', () => {
  it('gives the defaults where no rule matches', () => {
    const rules = new SettingRules([rule('a', { provider: 'gmail' }, { messagesPerConnection: 5 })]);
    expect(rules.resolve({ provider: 'yahoo' }).values).toEqual(defaultDeliverySettings);
    expect(new SettingRules([]).resolve({}).origins.tls).toBeNull();
  });

  it('lets provider, site, domain, source, tenant and stream win over what stands before them, whatever the order of rules', () => {
    const context = { provider: 'p', site: 's', domain: 'd', source: 'x', tenant: 't', stream: 'm' };
    const ordered = [{}, ...Object.entries(context).map(([dimension, value]) => ({ [dimension]: value }))];
    for (let last = 0; last < ordered.length; last += 1) {
      const rules = ordered.slice(0, last + 1).map((where, index) => rule(`r${index}`, where, { messagesPerConnection: index + 1 }));
      const { values, origins } = new SettingRules(rules.reverse()).resolve(context);
      expect(values.messagesPerConnection).toBe(last + 1);
      expect(origins.messagesPerConnection).toBe(`r${last}`);
    }
  });

  it('prefers a stronger dimension to several weaker ones together', () => {
    const rules = new SettingRules([
      rule('weak', { provider: 'p', site: 's', domain: 'd' }, { idleTimeoutMs: 1 }),
      rule('strong', { source: 'x' }, { idleTimeoutMs: 2 }),
    ]);
    expect(rules.resolve({ provider: 'p', site: 's', domain: 'd', source: 'x' }).values.idleTimeoutMs).toBe(2);
  });

  it('takes each key from its own rule, and of equal rules the later made', () => {
    const rules = new SettingRules([
      rule('2', { domain: 'd' }, { idleTimeoutMs: 2 }),
      rule('1', { domain: 'd' }, { idleTimeoutMs: 1, pipelining: false }),
    ]);
    const { values, origins } = rules.resolve({ domain: 'd' });
    expect([values.idleTimeoutMs, origins.idleTimeoutMs, values.pipelining, origins.pipelining]).toEqual([2, '2', false, '1']);
  });

  it('leaves out rules that are off, and rules whose dimension is not known', () => {
    const rules = new SettingRules([rule('off', {}, { idleTimeoutMs: 1 }, false), rule('tenant', { tenant: 't' }, { idleTimeoutMs: 2 })]);
    expect(rules.resolve({ source: 'x' }).values.idleTimeoutMs).toBe(defaultDeliverySettings.idleTimeoutMs);
  });
});
