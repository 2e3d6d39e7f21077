import { expect, test } from 'vitest';
import { filterOf } from './filter.ts';

test('an empty value filters nothing, a valid one becomes a scope, another says what is wrong', () => {
  expect(filterOf('domain', '  ')).toEqual({ scope: null, problem: null });
  expect(filterOf('domain', ' Gmail.COM ')).toEqual({ scope: { domain: 'gmail.com' }, problem: null });
  expect(filterOf('campaign', 'spring')).toEqual({ scope: { campaign: 'spring' }, problem: null });
  expect(filterOf('domain', 'not a domain').problem).toContain('not a domain');
  expect(filterOf('tenant', 'acme').scope).toBeNull();
});
