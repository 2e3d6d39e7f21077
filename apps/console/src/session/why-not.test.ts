// The reason beside what is not offered names the lowest role that may, or that one is bound.
import { expect, test } from 'vitest';
import type { ProcedureAsks, Role } from '@sluice/contract/api';
import { whyNot } from './why-not.ts';

const one = (path: string, role: Role, bound = true): ProcedureAsks => ({ path, verb: 'write', role, bound, stepUp: false });
const asked = [one('pools.create', 'engineer', false), one('sources.setEnabled', 'operator', false), one('users.create', 'admin', false)];
const asker = (role: Role, may: readonly string[] = [], tenantId: string | null = null) => ({ actor: { role, tenantId }, may });

test('the lowest role that may is named', () => {
  expect(whyNot(asker('analyst'), asked, ['pools.create'])).toBe('Changes here are for Engineers and above.');
  expect(whyNot(asker('analyst'), asked, ['pools.create', 'sources.setEnabled'])).toBe('Changes here are for Operators and above.');
  expect(whyNot(asker('operator', ['sources.setEnabled']), asked, ['pools.create', 'sources.setEnabled'])).toBe(
    'Some of what can be done here is for Engineers and above.',
  );
});

test('whoever has the role and is bound to a tenant is told so', () => {
  expect(whyNot(asker('owner', [], 'a tenant'), asked, ['pools.create'])).toContain('bound to one tenant');
});

test('nothing is said when all may be done', () => {
  expect(whyNot(asker('engineer', ['pools.create']), asked, ['pools.create'])).toBeNull();
});
