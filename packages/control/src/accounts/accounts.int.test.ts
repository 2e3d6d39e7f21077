// Who may do what with whose account, and what that does to sessions; invitations; passwords that are refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { okay, password, startTestControl, type Answer, type As, type TestControl } from '../testing/control.ts';
import { aPerson, by, enrol, newPeer, whoCode, type Person } from '../testing/people.ts';
import { invitationLifeMs } from './invitations.ts';

let it: TestControl;
let owner: Person;
beforeAll(async () => {
  it = await startTestControl();
  const id = (await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password })) ?? '';
  owner = { id, email: 'owner@sluice.example', cookie: (await it.signIn('owner@sluice.example', password, newPeer())).cookie };
});
afterAll(() => it.close());

const reason = 'test';
const change = (path: string, input: object, as: As): Promise<Answer> => it.call('mutation', path, { reason, ...input }, as);
const signIn = async (email: string, secret = password) => (await it.signIn(email, secret, newPeer())).response.status;

describe('roles', () => {
  test('a new role ends the sessions that had the old one', async () => {
    const person = await aPerson(it, 'analyst');
    okay(await change('users.setRole', { id: person.id, role: 'operator' }, by(owner)));
    expect(await whoCode(it, person.cookie)).toBe('UNAUTHORIZED');
    const entry = await it.db.auditEntry.findFirstOrThrow({ where: { action: 'users.setRole', target: `user:${person.id}` } });
    expect(entry).toMatchObject({ before: { role: 'analyst' }, after: { role: 'operator', sessionsEnded: 1 } });
  });

  test('a Client belongs to a tenant', async () => {
    const person = await aPerson(it, 'analyst');
    expect((await change('users.setRole', { id: person.id, role: 'client' }, by(owner))).code).toBe('BAD_REQUEST');
    expect((await change('invitations.create', { email: 'c@sluice.example', role: 'client' }, by(owner))).code).toBe('BAD_REQUEST');
  });

  test('a role that needs a second factor starts a grace period, and another such role does not start it again', async () => {
    const person = await aPerson(it, 'analyst');
    const due = async () => (await it.db.user.findUniqueOrThrow({ where: { id: person.id } })).secondFactorDueAt;
    expect(await due()).toBeNull();
    okay(await change('users.setRole', { id: person.id, role: 'engineer' }, by(owner)));
    const first = await due();
    expect(first?.getTime()).toBe(it.now().getTime() + 14 * 86_400_000);
    it.advance(60_000);
    okay(await change('users.setRole', { id: person.id, role: 'admin' }, by(owner)));
    expect(await due()).toEqual(first);
    okay(await change('users.setRole', { id: person.id, role: 'analyst' }, by(owner)));
    expect(await due()).toBeNull();
  });
});

describe('an Owner', () => {
  test('is touched by no Admin, in any way', async () => {
    const admin = await aPerson(it, 'admin');
    const analyst = await aPerson(it, 'analyst');
    const before = JSON.stringify(await it.db.user.findUniqueOrThrow({ where: { id: owner.id }, omit: { updatedAt: true } }));
    const tries: [string, object][] = [
      ['users.setRole', { id: owner.id, role: 'analyst' }],
      ['users.setDisabled', { id: owner.id, disabled: true }],
      ['users.resetPassword', { email: owner.email, password: 'a password long enough' }],
      ['users.resetSecondFactor', { email: owner.email }],
      ['users.revokeSession', { userId: owner.id, sessionId: null }],
      ['users.setGrants', { id: owner.id, personalData: false }],
      ['users.setRole', { id: analyst.id, role: 'owner' }],
      ['invitations.create', { email: 'new-owner@sluice.example', role: 'owner' }],
    ];
    for (const [path, input] of tries) expect([path, (await change(path, input, by(admin))).code]).toEqual([path, 'FORBIDDEN']);
    expect(JSON.stringify(await it.db.user.findUniqueOrThrow({ where: { id: owner.id }, omit: { updatedAt: true } }))).toBe(before);
    expect(await whoCode(it, owner.cookie)).toBeNull();
  });

  test('who is the last cannot be closed or lowered, not even by this machine', async () => {
    for (const [path, input] of [
      ['users.setDisabled', { disabled: true }],
      ['users.setRole', { role: 'admin' }],
    ] as const)
      expect((await change(path, { id: owner.id, ...input }, 'local')).code).toBe('PRECONDITION_FAILED');
    expect(await whoCode(it, owner.cookie)).toBeNull();
  });

  test('and another who take each other’s role away at one instant leave one of them', async () => {
    const [one, two] = [await aPerson(it, 'owner'), await aPerson(it, 'owner')];
    okay(await change('users.setDisabled', { id: owner.id, disabled: true }, 'local'));
    const answers = await Promise.all([
      change('users.setRole', { id: two.id, role: 'analyst' }, by(one)),
      change('users.setRole', { id: one.id, role: 'analyst' }, by(two)),
    ]);
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    expect(await it.db.user.count({ where: { role: 'owner', disabled: false } })).toBe(1);
    okay(await change('users.setDisabled', { id: owner.id, disabled: false }, 'local'));
    owner = { ...owner, cookie: (await it.signIn(owner.email, password, newPeer())).cookie };
  });

  test('nobody changes the own account here', async () => {
    for (const [path, input] of [
      ['users.setDisabled', { disabled: true }],
      ['users.setRole', { role: 'admin' }],
    ] as const)
      expect((await change(path, { id: owner.id, ...input }, by(owner))).code).toBe('PRECONDITION_FAILED');
  });
});

describe('a disabled account', () => {
  test('is out at once, signs in nowhere, and comes back when it is enabled', async () => {
    const person = await aPerson(it, 'operator');
    const closed = okay<{ sessionsEnded: number }>(await change('users.setDisabled', { id: person.id, disabled: true }, by(owner)));
    expect(closed.sessionsEnded).toBe(1);
    expect(await whoCode(it, person.cookie)).toBe('UNAUTHORIZED');
    expect(await signIn(person.email)).toBe(401);
    okay(await change('users.setDisabled', { id: person.id, disabled: false }, by(owner)));
    expect(await signIn(person.email)).toBe(200);
  });
});

describe('sessions', () => {
  type View = { id: string; current: boolean; address: string | null };
  const mine = async (cookie: string) => okay<View[]>(await it.call('query', 'session.list', undefined, { cookie }));

  test('one’s own are listed without their tokens, and ended one by one or all but this', async () => {
    const person = await aPerson(it, 'analyst');
    const more = await Promise.all([1, 2, 3].map(() => it.signIn(person.email, password, newPeer())));
    const list = await mine(person.cookie);
    expect(list).toHaveLength(4);
    expect(list.filter(({ current }) => current)).toHaveLength(1);
    const tokens = await it.db.session.findMany({ where: { userId: person.id }, select: { token: true } });
    for (const { token } of tokens) expect(JSON.stringify(list)).not.toContain(token);
    const other = (await mine(more[0]?.cookie ?? '')).find(({ current }) => current)?.id;
    okay(await it.call('mutation', 'session.revoke', { sessionId: other }, by(person)));
    expect(await whoCode(it, more[0]?.cookie ?? '')).toBe('UNAUTHORIZED');
    okay(await it.call('mutation', 'session.revokeOthers', undefined, by(person)));
    expect(await mine(person.cookie)).toHaveLength(1);
  });

  test('of others are nobody’s to end but an Admin’s', async () => {
    const [person, stranger] = [await aPerson(it, 'analyst'), await aPerson(it, 'analyst')];
    const [theirs] = await mine(person.cookie);
    const sessionId = theirs?.id ?? '';
    expect((await it.call('mutation', 'session.revoke', { sessionId }, by(stranger))).code).toBe('NOT_FOUND');
    expect((await change('users.revokeSession', { userId: stranger.id, sessionId }, by(owner))).code).toBe('NOT_FOUND');
    expect(await whoCode(it, person.cookie)).toBeNull();
    expect(okay(await it.call('query', 'users.sessions', { userId: person.id }, by(owner)))).toMatchObject([{ id: sessionId }]);
    okay(await change('users.revokeSession', { userId: person.id, sessionId }, by(owner)));
    expect(await whoCode(it, person.cookie)).toBe('UNAUTHORIZED');
  });
});

describe('passwords', () => {
  test('one’s own changes with the present one, keeps this session and ends the others', async () => {
    const person = await aPerson(it, 'analyst');
    const elsewhere = await it.signIn(person.email, password, newPeer());
    const next = 'a new sentence to remember';
    const wrong = await it.call('mutation', 'session.changePassword', { current: 'not the password', next }, by(person));
    expect([wrong.code, wrong.reason]).toEqual(['FORBIDDEN', 'wrong_secret']);
    okay(await it.call('mutation', 'session.changePassword', { current: password, next }, by(person)));
    expect(await whoCode(it, person.cookie)).toBeNull();
    expect(await whoCode(it, elsewhere.cookie)).toBe('UNAUTHORIZED');
    expect([await signIn(person.email), await signIn(person.email, next)]).toEqual([401, 200]);
  });

  test('that anyone would try first, or that are the name, are refused wherever one is set', async () => {
    const person = await aPerson(it, 'analyst');
    const { url } = okay<{ url: string }>(await change('invitations.create', { email: 'p@sluice.example', role: 'analyst' }, by(owner)));
    const token = new URL(url).hash.slice(1);
    const fresh = { name: 'Fresh', email: 'fresh@sluice.example', role: 'analyst' };
    const ways: ((bad: string) => Promise<Answer>)[] = [
      (bad) => it.call('mutation', 'users.create', { ...fresh, password: bad }, 'local'),
      (bad) => it.call('mutation', 'invitations.accept', { token, name: 'P', password: bad }, null),
      (bad) => change('users.resetPassword', { email: person.email, password: bad }, by(owner)),
      (bad) => it.call('mutation', 'session.changePassword', { current: password, next: bad }, by(person)),
    ];
    for (const bad of ['password1234', 'qwertyuiop12', 'short'])
      for (const way of ways) expect([bad, (await way(bad)).code]).toEqual([bad, 'BAD_REQUEST']);
    for (const way of ways.slice(2)) expect((await way(person.email)).code).toBe('BAD_REQUEST');
    expect(await signIn(person.email)).toBe(200);
    okay(await it.call('mutation', 'invitations.accept', { token, name: 'P', password }, null));
  });
});

describe('an invitation', () => {
  const invite = async (email: string, fields = {}) => {
    const made = okay<{ id: string; url: string }>(await change('invitations.create', { email, role: 'operator', ...fields }, by(owner)));
    return { ...made, token: new URL(made.url).hash.slice(1) };
  };
  const accept = (token: string) => it.call('mutation', 'invitations.accept', { token, name: 'Invited', password }, null);
  const stateOf = async (id: string) =>
    okay<{ id: string; state: string }[]>(await it.call('query', 'invitations.list', undefined, by(owner))).find((one) => one.id === id)
      ?.state;

  test('makes the account it was meant for, once, also for many at one instant', async () => {
    const { id, token } = await invite('Inga@Sluice.example', { personalData: true });
    const answers = await Promise.all([1, 2, 3].map(() => accept(token)));
    expect(answers.filter(({ code }) => code === null)).toHaveLength(1);
    expect(await it.db.user.findUniqueOrThrow({ where: { email: 'inga@sluice.example' } })).toMatchObject({
      role: 'operator',
      personalData: true,
      tenantId: null,
    });
    expect(await signIn('inga@sluice.example')).toBe(200);
    expect(await stateOf(id)).toBe('accepted');
    expect((await accept(token)).code).toBe('PRECONDITION_FAILED');
  });

  test('is over after seven days, when it is revoked, and when another is made for the same address', async () => {
    const [old, revoked] = [await invite('old@sluice.example'), await invite('revoked@sluice.example')];
    const first = await invite('twice@sluice.example');
    await invite('twice@sluice.example');
    okay(await change('invitations.revoke', { id: revoked.id }, by(owner)));
    expect((await accept(revoked.token)).code).toBe('PRECONDITION_FAILED');
    expect((await accept(first.token)).code).toBe('PRECONDITION_FAILED');
    it.advance(invitationLifeMs + 1);
    expect((await accept(old.token)).code).toBe('PRECONDITION_FAILED');
    owner = { ...owner, cookie: (await it.signIn(owner.email, password, newPeer())).cookie };
    expect([await stateOf(old.id), await stateOf(revoked.id)]).toEqual(['expired', 'revoked']);
  });

  test('is kept as a hash, and its token is in no log and no audit entry', async () => {
    const { token, url } = await invite('hash@sluice.example');
    okay(await accept(token));
    const kept = JSON.stringify([await it.db.invitation.findMany(), await it.db.auditEntry.findMany({ omit: { seq: true } })]);
    expect(kept + it.logged()).not.toContain(token);
    // In the fragment: no server sees it in a request for the page.
    expect(new URL(url).pathname + new URL(url).search).toBe('/invitation');
  });

  test('is not made for who has an account', async () => {
    expect((await change('invitations.create', { email: owner.email, role: 'analyst' }, by(owner))).code).toBe('CONFLICT');
  });
});

test('the list of accounts says who has a second factor and who is signed in', async () => {
  const person = await aPerson(it, 'engineer');
  type View = { id: string; secondFactorAt: string | null; secondFactorDueAt: string | null; sessions: number };
  const view = async () => okay<View[]>(await it.call('query', 'users.list', undefined, by(owner))).find(({ id }) => id === person.id);
  expect(await view()).toMatchObject({ secondFactorAt: null, sessions: 1 });
  await enrol(it, person);
  expect((await view())?.secondFactorAt).not.toBeNull();
});
