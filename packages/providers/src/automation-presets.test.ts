import { automationBody, automationProblem, remedies } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { automationPresets, providerPresets } from './index.ts';

describe('automation presets', () => {
  it.each(automationPresets.map((preset) => [preset.key, preset] as const))('%s is a sound rule', (_key, { rule, key, version }) => {
    const body = automationBody.parse({ ...rule, preset: { key, version } });
    expect(automationProblem(body)).toBeNull();
    expect(body.mode).toBe('on');
  });

  it('have keys and names of their own', () => {
    expect(new Set(automationPresets.map(({ key }) => key)).size).toBe(automationPresets.length);
    expect(new Set(automationPresets.map(({ rule }) => rule.name)).size).toBe(automationPresets.length);
  });

  it('act on every remedy that a provider preset names, but for those that others see to', () => {
    const acted = new Set(automationPresets.flatMap(({ rule: { trigger } }) => ('match' in trigger ? (trigger.match.remedies ?? []) : [])));
    const named = new Set(providerPresets.flatMap(({ replyRules }) => replyRules.map(({ remedy }) => remedy)));
    // A recipient is suppressed by his refusal; a connection carries what a session takes.
    const elsewhere = ['none', 'suppress_recipient', 'fewer_messages_per_connection'];
    expect([...named].filter((remedy) => !acted.has(remedy) && !elsewhere.includes(remedy))).toEqual([]);
    expect([...acted].every((remedy) => remedies.includes(remedy))).toBe(true);
  });
});
