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
      const rules = ordered.slice(0, last + 1).map((where, index) => rule(`r${index}`, where, { recipientsPerTransaction: index + 1 }));
      const { values, origins } = new SettingRules(rules.reverse()).resolve(context);
      expect(values.recipientsPerTransaction).toBe(last + 1);
      expect(origins.recipientsPerTransaction).toBe(`r${last}`);
    }
  });

  it('prefers a stronger dimension to several weaker ones together', () => {
    const rules = new SettingRules([
      rule('weak', { provider: 'p', site: 's' }, { idleTimeoutMs: 1 }),
      rule('strong', { source: 'x' }, { idleTimeoutMs: 2 }),
    ]);
    expect(rules.resolve({ provider: 'p', site: 's', domain: 'd', source: 'x' }).values.idleTimeoutMs).toBe(2);
  });

  it('takes each key from its own rule, and of equal rules the later made', () => {
    const rules = new SettingRules([
      rule('2', { site: 's' }, { idleTimeoutMs: 2 }),
      rule('1', { site: 's' }, { idleTimeoutMs: 1, pipelining: false }),
    ]);
    const { values, origins } = rules.resolve({ site: 's' });
    expect([values.idleTimeoutMs, origins.idleTimeoutMs, values.pipelining, origins.pipelining]).toEqual([2, '2', false, '1']);
  });

  it('leaves out rules that are off, and rules whose dimension is not known', () => {
    const rules = new SettingRules([rule('off', {}, { idleTimeoutMs: 1 }, false), rule('site', { site: 's' }, { idleTimeoutMs: 2 })]);
    expect(rules.resolve({ source: 'x' }).values.idleTimeoutMs).toBe(defaultDeliverySettings.idleTimeoutMs);
  });

  it('hears of connections only where a rule names no more than provider, site and source, and of waiting where it names no source', () => {
    const rules = new SettingRules([
      rule('domain', { domain: 'd' }, { pipelining: false, tls: 'required', maxAgeSeconds: 60 }),
      rule('source', { source: 'x' }, { chunking: true, maxAgeSeconds: 120 }),
    ]);
    const { values, origins } = rules.resolve({ site: 's', domain: 'd', source: 'x', tenant: 't', stream: 'm' });
    expect([origins.pipelining, origins.tls, origins.maxAgeSeconds, origins.chunking]).toEqual([null, 'domain', 'domain', 'source']);
    expect([values.pipelining, values.maxAgeSeconds]).toEqual([defaultDeliverySettings.pipelining, 60]);
  });
});
