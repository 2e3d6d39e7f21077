// Areas and roles as the page of roles shows them.
import { expect, test } from 'vitest';
import type { ProcedureAsks } from '@sluice/contract/api';
import { areaName, areasOf } from './role-matrix.ts';

const procedures: ProcedureAsks[] = [
  { path: 'warmUps.list', verb: 'read', role: 'analyst', bound: false, stepUp: false },
  { path: 'warmUps.act', verb: 'act', role: 'operator', bound: false, stepUp: false },
  { path: 'warmUps.create', verb: 'write', role: 'engineer', bound: false, stepUp: false },
  { path: 'users.list', verb: 'read', role: 'admin', bound: false, stepUp: false },
  { path: 'users.setOwner', verb: 'write', role: 'owner', bound: false, stepUp: true },
  { path: 'users.create', verb: 'write', role: 'admin', bound: false, stepUp: true },
];

test('each role has what it may in words, and part of it is said to be part', () => {
  const [warmUps, users] = areasOf(procedures);
  expect(warmUps?.may).toEqual({
    owner: 'reads, acts, changes',
    admin: 'reads, acts, changes',
    engineer: 'reads, acts, changes',
    operator: 'reads, acts',
    analyst: 'reads',
    client: '',
  });
  expect([users?.may.owner, users?.may.admin, users?.may.engineer]).toEqual(['reads, changes', 'reads, some changes', '']);
});

test('an area has a name that reads', () => {
  expect(['warmUps', 'tenants', 'apiKeys'].map(areaName)).toEqual(['Warm-up', 'Tenants', 'Api keys']);
});
