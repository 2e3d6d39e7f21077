// When a call that the role allows still has to wait: for a confirmation, for a second factor.
import { describe, expect, test } from 'vitest';
import { decide, type RoleAccess } from '../access.ts';
import { localActor, systemActor, type Actor, type ActorSession } from '../actor.ts';
import { confirmedForMs, needsSecondFactor, secondFactorDueAt, standingOf } from './standing.ts';

const now = new Date('2026-11-29T12:00:00Z');
const at = (ms: number) => new Date(now.getTime() + ms);
const plain = { role: 'admin', tenant: 'scoped', audit: 'none', verb: 'read', stepUp: false } satisfies RoleAccess;
const stepUp = { ...plain, stepUp: true } satisfies RoleAccess;

function person(session: Partial<ActorSession>): Actor {
  const none = { id: 's', secondFactor: false, confirmedAt: null, secondFactorAt: null, secondFactorDueAt: null };
  return { ...localActor, kind: 'user', session: { ...none, ...session } };
}

describe('a confirmation', () => {
  test.each([
    ['never', null, 'confirm'],
    ['just now', at(0), 'good'],
    ['ten minutes ago', at(-confirmedForMs), 'good'],
    ['a moment longer ago', at(-confirmedForMs - 1), 'confirm'],
  ])('given %s lets a step-up procedure through or asks', (_when, confirmedAt, standing) => {
    expect(standingOf(stepUp, person({ confirmedAt }), now)).toBe(standing);
  });

  test('is asked for by nothing else', () => {
    expect(standingOf(plain, person({}), now)).toBe('good');
  });

  test('cannot be given by a key, and need not be by this machine or the installation itself', () => {
    expect([plain, stepUp].map((access) => decide(access, { ...localActor, kind: 'key' }, 'tenants.list'))).toEqual([
      'allowed',
      'FORBIDDEN',
    ]);
    expect([localActor, systemActor].map((actor) => standingOf(stepUp, actor, now))).toEqual(['good', 'good']);
  });
});

describe('a second factor', () => {
  const late = { secondFactorDueAt: at(0), confirmedAt: now };

  test('is waited for until its day, and then nothing else works', () => {
    expect(standingOf(plain, person({ ...late, secondFactorDueAt: at(1) }), now)).toBe('good');
    expect(standingOf(plain, person(late), now)).toBe('enrol');
    expect(standingOf(stepUp, person(late), now)).toBe('enrol');
  });

  test('that is there is not asked for, and what leads to one stays open', () => {
    expect(standingOf(plain, person({ ...late, secondFactorAt: at(-1) }), now)).toBe('good');
    expect(standingOf({ ...plain, whileOwed: true }, person(late), now)).toBe('good');
    expect(standingOf({ ...stepUp, whileOwed: true }, person({ ...late, confirmedAt: null }), now)).toBe('confirm');
  });

  test('is for those who can change what leaves', () => {
    const roles = ['owner', 'admin', 'engineer', 'operator', 'analyst', 'client'] as const;
    expect(roles.filter(needsSecondFactor)).toEqual(['owner', 'admin', 'engineer']);
    expect(secondFactorDueAt('engineer', now, 14)).toEqual(at(14 * 86_400_000));
    expect(secondFactorDueAt('operator', now, 14)).toBeNull();
  });
});

test('what is about one’s own account is for people only', () => {
  const own = { ...plain, people: true } satisfies RoleAccess;
  const others: Actor[] = [localActor, systemActor, { ...localActor, kind: 'key' }];
  expect(others.map((actor) => decide(own, actor, 'session.list'))).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  expect(decide(own, person({}), 'session.list')).toBe('allowed');
});
