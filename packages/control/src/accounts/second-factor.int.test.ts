// A second factor from its key to its loss, and the confirmation that rests on it, over the same handler as the front door.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kekIdOf } from '@sluice/plane';
import { rewrapTotpKeys, takeCode } from '../auth/codes.ts';
import { recoveryCodeCount } from '../auth/recovery-codes.ts';
import { pendingMs } from '../auth/sessions.ts';
import { policies } from '../auth/sign-in-limit.ts';
import { confirmedForMs } from '../auth/standing.ts';
import { okay, password, startTestControl, type TestControl } from '../testing/control.ts';
import { aPerson, appOf, by, enrol, newPeer, sendCode, whoCode, type Person } from '../testing/people.ts';

let it: TestControl;
beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password });
});
afterAll(() => it.close());

const signIn = (email: string) => it.signIn(email, password, newPeer());

describe('signing in with a second factor', () => {
  test('the password opens nothing by itself; a right code opens a session with another token', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const first = await signIn(person.email);
    expect(await first.response.json()).toEqual({ secondFactor: true });
    expect(await whoCode(it, first.cookie)).toBe('UNAUTHORIZED');
    expect(await it.request('/api/auth/get-session', { headers: { cookie: first.cookie } }).then((answer) => answer.json())).toBeNull();
    const second = await sendCode(it, first.cookie, code());
    expect(second.response.status).toBe(200);
    expect(second.cookie).not.toBe(first.cookie);
    expect(await whoCode(it, second.cookie)).toBeNull();
    expect(await whoCode(it, first.cookie)).toBe('UNAUTHORIZED');
    const mine = okay<{ secondFactor: boolean; current: boolean }[]>(
      await it.call('query', 'session.list', undefined, { cookie: second.cookie }),
    );
    expect(mine.filter(({ current }) => current)).toMatchObject([{ secondFactor: true }]);
  });

  test('works the same for an account of one tenant', async () => {
    const made = await it.call('mutation', 'tenants.create', { name: 'Bound', slug: 'bound', reason: 'test' }, 'local');
    const person = await aPerson(it, 'engineer', { tenantId: okay<{ id: string }>(made).id });
    const { code, recoveryCodes } = await enrol(it, person);
    const { cookie } = await sendCode(it, (await signIn(person.email)).cookie, code());
    expect(okay(await it.call('query', 'secondFactor.status', undefined, { cookie }))).toMatchObject({ codesLeft: recoveryCodes.length });
    okay(await it.call('mutation', 'secondFactor.remove', { reason: 'test' }, { cookie }));
    expect(await (await signIn(person.email)).response.json()).toHaveProperty('user');
  });

  test('setting it up ends the sessions that began without', async () => {
    const person = await aPerson(it, 'analyst');
    const elsewhere = await signIn(person.email);
    await enrol(it, person);
    expect(await whoCode(it, elsewhere.cookie)).toBe('UNAUTHORIZED');
    expect(await whoCode(it, person.cookie)).toBeNull();
  });

  test('a code is taken once, also when it is sent twice at one instant', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const tries = await Promise.all([1, 2, 3].map(() => signIn(person.email)));
    const answers = await Promise.all(tries.map(({ cookie }) => sendCode(it, cookie, code())));
    expect(answers.filter(({ response }) => response.status === 200)).toHaveLength(1);
    const again = await signIn(person.email);
    expect((await sendCode(it, again.cookie, code())).response.status).toBe(401);
    it.advance(30_000);
    expect((await sendCode(it, again.cookie, code())).response.status).toBe(200);
  });

  test('a recovery code signs in once, however it is typed, and the count of those left goes down', async () => {
    const person = await aPerson(it, 'analyst');
    const { recoveryCodes } = await enrol(it, person);
    expect(new Set(recoveryCodes).size).toBe(recoveryCodeCount);
    const [one = ''] = recoveryCodes;
    const { cookie } = await sendCode(it, (await signIn(person.email)).cookie, one.toUpperCase().replaceAll('-', ' '));
    const status = okay<{ codesLeft: number }>(await it.call('query', 'secondFactor.status', undefined, { cookie }));
    expect(status.codesLeft).toBe(recoveryCodeCount - 1);
    expect((await sendCode(it, (await signIn(person.email)).cookie, one)).response.status).toBe(401);
  });

  test('there are five minutes between password and code', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const { cookie } = await signIn(person.email);
    it.advance(pendingMs + 1);
    expect((await sendCode(it, cookie, code())).response.status).toBe(401);
    expect(await it.db.session.count({ where: { userId: person.id, secondFactorPending: true } })).toBe(0);
  });

  test('codes are guessed as slowly as the limit says, and that someone has the password is an alert in the log', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const { cookie } = await signIn(person.email);
    const wrong = code() === '123456' ? '654321' : '123456';
    const statuses: number[] = [];
    for (let n = 0; n <= policies.code.free; n += 1) statuses.push((await sendCode(it, cookie, wrong)).response.status);
    expect(statuses).toEqual([...new Array<number>(policies.code.free).fill(401), 429]);
    expect((await sendCode(it, cookie, code())).response.status).toBe(429);
    expect(it.logged()).toContain('second_factor_guessing');
    it.advance(policies.code.firstPauseSeconds * 1000 + 1);
    expect((await sendCode(it, cookie, code())).response.status).toBe(200);
  });

  test('a code without a password before it is worth nothing, and is answered like a wrong one', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const without = await sendCode(it, '', code());
    const wrong = await sendCode(it, (await signIn(person.email)).cookie, '000000');
    expect([without.response.status, await without.response.text()]).toEqual([wrong.response.status, await wrong.response.text()]);
    // Nor does a whole session get another out of it.
    expect((await sendCode(it, person.cookie, code())).response.status).toBe(401);
  });
});

describe('what is kept of it', () => {
  test('neither key nor recovery codes are in the database, the audit or the log', async () => {
    const person = await aPerson(it, 'analyst');
    const { key, recoveryCodes } = await enrol(it, person);
    const [factors, codes, audit] = await Promise.all([
      it.db.secondFactor.findMany(),
      it.db.recoveryCode.findMany(),
      it.db.auditEntry.findMany({ omit: { seq: true } }),
    ]);
    const kept = JSON.stringify([factors, codes, audit]) + it.logged();
    for (const secret of [key, ...recoveryCodes]) expect(kept).not.toContain(secret);
  });

  test('a sealed key that is put into another account’s row opens nothing', async () => {
    const [one, other] = [await aPerson(it, 'analyst'), await aPerson(it, 'analyst')];
    const { code } = await enrol(it, one);
    await enrol(it, other);
    const { sealed } = await it.db.secondFactor.findUniqueOrThrow({ where: { userId: one.id } });
    await it.db.secondFactor.update({ where: { userId: other.id }, data: { sealed: sealed ?? {} } });
    await expect(
      takeCode(it.db, [{ id: kekIdOf(it.kek), key: it.kek }], other.id, code(2), new Date(it.now().getTime() + 60_000)),
    ).rejects.toThrow('does not open');
  });

  test('is sealed anew when the key-encryption key changes, and opens with the new one alone then', async () => {
    const person = await aPerson(it, 'analyst');
    const { code } = await enrol(it, person);
    const [old, fresh] = [it.kek, randomBytes(32)].map((key) => ({ id: kekIdOf(key), key }));
    if (!old || !fresh) throw new Error('no keys');
    await it.db.$transaction(async (db) => {
      expect(await takeCode(db, [fresh, old], person.id, code(), it.now())).toBe('app');
      expect(await rewrapTotpKeys(db, [fresh, old])).toBeGreaterThan(0);
      expect(await rewrapTotpKeys(db, [fresh, old])).toBe(0);
      expect(await takeCode(db, [fresh], person.id, code(1), it.now())).toBe('app');
      await rewrapTotpKeys(db, [old, fresh]);
    });
  });

  test('a key that was shown and never confirmed is not asked for, and asking again makes another', async () => {
    const person = await aPerson(it, 'analyst');
    const begin = async () => okay<{ key: string }>(await it.call('mutation', 'secondFactor.begin', undefined, by(person))).key;
    const [first, second] = [await begin(), await begin()];
    expect(first).not.toBe(second);
    expect((await signIn(person.email)).response.status).toBe(200);
    const late = await it.call('mutation', 'secondFactor.enable', { code: appOf(it, first)() }, by(person));
    expect(late.code).toBe('PRECONDITION_FAILED');
    okay(await it.call('mutation', 'secondFactor.enable', { code: appOf(it, second)() }, by(person)));
  });
});

describe('the grace period', () => {
  const graceMs = 14 * 86_400_000;
  /** Signed in again, for sessions do not last as long. */
  const again = async (person: Person): Promise<Person> => ({ ...person, cookie: (await signIn(person.email)).cookie });

  test.each(['admin', 'engineer'])('an %s without a second factor works until it is over, and then can only set one up', async (role) => {
    const person = await aPerson(it, role);
    expect(okay(await it.call('query', 'session.me', undefined, by(person)))).toMatchObject({ secondFactor: { owed: false } });
    it.advance(graceMs - 1_000);
    const before = await again(person);
    okay(await it.call('query', 'sources.list', undefined, by(before)));
    it.advance(2_000);
    const after = await it.call('query', 'sources.list', undefined, by(before));
    expect([after.code, after.reason]).toEqual(['FORBIDDEN', 'enrol']);
    expect(okay(await it.call('query', 'session.me', undefined, by(before)))).toMatchObject({ secondFactor: { owed: true } });
    await enrol(it, before);
    okay(await it.call('query', 'sources.list', undefined, by(before)));
  });

  test('an Operator and an Analyst are never asked', async () => {
    for (const role of ['operator', 'analyst']) {
      const person = await aPerson(it, role);
      it.advance(2 * graceMs);
      okay(await it.call('query', 'sources.list', undefined, by(await again(person))));
    }
  });

  test('its length can be changed, and moves the day of everyone who has none yet', async () => {
    const person = await aPerson(it, 'engineer');
    const granted = it.now().getTime();
    const due = async () => (await it.db.user.findUniqueOrThrow({ where: { id: person.id } })).secondFactorDueAt?.getTime();
    expect(await due()).toBe(granted + graceMs);
    okay(await it.call('mutation', 'users.setPolicy', { secondFactorGraceDays: 0, reason: 'at once' }, 'local'));
    expect((await it.call('query', 'sources.list', undefined, by(person))).reason).toBe('enrol');
    okay(await it.call('mutation', 'users.setPolicy', { secondFactorGraceDays: 14, reason: 'as before' }, 'local'));
    expect(await due()).toBe(granted + graceMs);
  });
});

describe('a confirmation', () => {
  const rename = (email: string) => ({ email, reason: 'lost the phone' });
  const ask = async (person: Person) => {
    const other = await aPerson(it, 'analyst');
    await enrol(it, other);
    return it.call('mutation', 'users.resetSecondFactor', rename(other.email), by(person));
  };
  const confirm = (person: Person, secret: string) => it.call('mutation', 'session.confirm', { secret }, by(person));

  test('lasts ten minutes from signing in, is asked for then, and given with the password', async () => {
    const admin = await aPerson(it, 'admin');
    okay(await ask(admin));
    it.advance(confirmedForMs + 1);
    const refused = await ask(admin);
    expect([refused.code, refused.reason]).toEqual(['PRECONDITION_FAILED', 'confirm']);
    const wrong = await confirm(admin, 'not the password');
    expect([wrong.code, wrong.reason]).toEqual(['FORBIDDEN', 'wrong_secret']);
    expect((await ask(admin)).reason).toBe('confirm');
    okay(await confirm(admin, password));
    okay(await ask(admin));
  });

  test('is not for other sessions of the same account', async () => {
    const admin = await aPerson(it, 'admin');
    const other = { ...admin, cookie: (await signIn(admin.email)).cookie };
    it.advance(confirmedForMs + 1);
    okay(await confirm(admin, password));
    expect((await ask(other)).reason).toBe('confirm');
  });

  test('is a code where there is a second factor; the password does not do', async () => {
    const admin = await aPerson(it, 'admin');
    const { code, recoveryCodes } = await enrol(it, admin);
    it.advance(confirmedForMs + 1);
    expect((await confirm(admin, password)).reason).toBe('wrong_secret');
    okay(await confirm(admin, code()));
    okay(await ask(admin));
    it.advance(confirmedForMs + 1);
    okay(await confirm(admin, recoveryCodes[3] ?? ''));
    okay(await ask(admin));
  });

  test('is guessed as slowly as at sign-in: what a refused call counts stays counted', async () => {
    const admin = await aPerson(it, 'admin');
    const codes: (string | null)[] = [];
    for (let n = 0; n <= policies.account.free; n += 1) codes.push((await confirm(admin, 'not the password')).code);
    expect(codes).toEqual([...new Array<string>(policies.account.free).fill('FORBIDDEN'), 'TOO_MANY_REQUESTS']);
    expect(Number((await confirm(admin, password)).headers.get('retry-after'))).toBeGreaterThan(0);
    it.advance(policies.account.longestPauseSeconds * 1000);
    okay(await confirm(admin, password));
  });

  test('is asked before the second factor goes, and before new recovery codes', async () => {
    const person = await aPerson(it, 'operator');
    const { code, recoveryCodes } = await enrol(it, person);
    it.advance(confirmedForMs + 1);
    const reason = 'a new phone';
    for (const [path, input] of [
      ['secondFactor.remove', { reason }],
      ['secondFactor.renewCodes', undefined],
    ] as const)
      expect((await it.call('mutation', path, input, by(person))).reason).toBe('confirm');
    okay(await confirm(person, code()));
    const renewed = okay<{ recoveryCodes: string[] }>(await it.call('mutation', 'secondFactor.renewCodes', undefined, by(person)));
    expect(renewed.recoveryCodes.filter((one) => recoveryCodes.includes(one))).toEqual([]);
    const { cookie } = await signIn(person.email);
    expect((await sendCode(it, cookie, recoveryCodes[0] ?? '')).response.status).toBe(401);
    okay(await it.call('mutation', 'secondFactor.remove', { reason }, by(person)));
    expect(await (await signIn(person.email)).response.json()).toHaveProperty('user');
  });

  test('is not asked of this machine', async () => {
    const other = await aPerson(it, 'analyst');
    await enrol(it, other);
    okay(await it.call('mutation', 'users.resetSecondFactor', rename(other.email), 'local'));
    expect(await (await signIn(other.email)).response.json()).toHaveProperty('user');
  });
});
