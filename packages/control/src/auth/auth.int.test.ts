// Signing in and out over the same handler as the front door, on real Postgres.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, publicUrl, startTestControl, type TestControl } from '../testing/control.ts';
import type { Peer } from '../http.ts';
import { makeAuth } from './better-auth.ts';
import { idleMs } from './sessions.ts';
import { policies, sprayAccounts } from './sign-in-limit.ts';

let it: TestControl;
beforeAll(async () => {
  it = await startTestControl();
  await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password });
});
afterAll(() => it.close());

test('the right password makes a session, and the session is the operator', async () => {
  const { response, cookie } = await it.signIn('Owner@Sluice.example');
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie().every((line) => /HttpOnly/i.test(line) && /SameSite=Lax/i.test(line))).toBe(true);
  const me = okay<{ actor: { email: string; role: string } }>(await it.call('query', 'session.me', undefined, { cookie }));
  expect(me.actor).toMatchObject({ kind: 'user', email: 'owner@sluice.example', role: 'owner', tenantId: null });
});

let addresses = 0;
/** A peer nobody counted yet. */
const newPeer = (): Peer => ({ address: `198.51.100.${(addresses += 1)}`, loopback: false });

async function newOperator(email: string, fields: { role?: string; tenantId?: string | null } = {}): Promise<string> {
  const made = await it.call('mutation', 'users.create', { name: 'Op', email, password, role: 'analyst', ...fields }, 'local');
  return okay<{ id: string }>(made).id;
}

const nobody = async (cookie: string) => (await it.call('query', 'session.me', undefined, { cookie })).code;

test('an unknown account, a wrong password and a disabled account get one and the same answer', async () => {
  await newOperator('disabled@sluice.example');
  await it.db.user.update({ where: { email: 'disabled@sluice.example' }, data: { disabled: true } });
  const answers = await Promise.all([
    it.signIn('nobody@sluice.example', password, newPeer()),
    it.signIn('owner@sluice.example', 'not the password', newPeer()),
    it.signIn('disabled@sluice.example', password, newPeer()),
  ]);
  const seen = await Promise.all(
    answers.map(async ({ response, cookie }) => ({ status: response.status, body: await response.text(), cookie })),
  );
  expect(new Set(seen.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(seen[0]).toMatchObject({ status: 401, cookie: '' });
});

test('no answer of the sign-in paths holds the session token', async () => {
  const { response, cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const token = decodeURIComponent(cookie).split('=')[1]?.split('.')[0] ?? '';
  expect(token.length).toBeGreaterThan(20);
  const current = await it.request('/api/auth/get-session', { headers: { cookie } });
  expect(current.status).toBe(200);
  for (const body of [await response.text(), await current.text()]) {
    expect(body).toContain('owner@sluice.example');
    expect(body).not.toContain(token);
  }
  expect(it.logged()).not.toContain(token);
  expect(it.logged()).not.toContain(password);
});

test('after signing out the cookie is nobody', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  expect(await nobody(cookie)).toBeNull();
  const out = await it.request('/api/auth/sign-out', { method: 'POST', headers: { cookie, origin: publicUrl } });
  expect(out.status).toBe(200);
  expect(await nobody(cookie)).toBe('UNAUTHORIZED');
  const trail = await it.db.auditEntry.findMany({ where: { action: 'session.signOut' } });
  expect(trail).toHaveLength(1);
});

test('a session ends after twelve idle hours, and not before', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  it.advance(idleMs - 60_000);
  expect(await nobody(cookie)).toBeNull();
  it.advance(idleMs - 60_000);
  expect(await nobody(cookie)).toBeNull();
  it.advance(idleMs + 1_000);
  expect(await nobody(cookie)).toBe('UNAUTHORIZED');
});

test('a session ends after seven days however much it is used', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const { id } = await it.db.session.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
  const almost = new Date(it.now().getTime() - 7 * 86_400_000 + 60_000);
  await it.db.session.update({ where: { id }, data: { createdAt: almost, updatedAt: it.now() } });
  expect(await nobody(cookie)).toBeNull();
  it.advance(120_000);
  expect(await nobody(cookie)).toBe('UNAUTHORIZED');
});

test('disabling an account ends its sessions from the next request on', async () => {
  const id = await newOperator('leaver@sluice.example');
  const { cookie } = await it.signIn('leaver@sluice.example', password, newPeer());
  expect(await nobody(cookie)).toBeNull();
  await it.db.user.update({ where: { id }, data: { disabled: true } });
  expect(await nobody(cookie)).toBe('UNAUTHORIZED');
});

test('resetting a password ends every session of the account, and only the new password signs in', async () => {
  await newOperator('forgetful@sluice.example');
  const first = await it.signIn('forgetful@sluice.example', password, newPeer());
  const second = await it.signIn('forgetful@sluice.example', password, newPeer());
  const input = { email: 'forgetful@sluice.example', password: 'a new and longer one', reason: 'asked by phone' };
  const reset = okay<{ sessionsEnded: number }>(await it.call('mutation', 'users.resetPassword', input, 'local'));
  expect(reset.sessionsEnded).toBe(2);
  expect(await nobody(first.cookie)).toBe('UNAUTHORIZED');
  expect(await nobody(second.cookie)).toBe('UNAUTHORIZED');
  expect((await it.signIn('forgetful@sluice.example', password, newPeer())).response.status).toBe(401);
  expect((await it.signIn('forgetful@sluice.example', 'a new and longer one', newPeer())).response.status).toBe(200);
  const entry = await it.db.auditEntry.findFirstOrThrow({ where: { action: 'users.resetPassword' } });
  expect(entry).toMatchObject({ actorKind: 'local', actor: 'local', reason: 'asked by phone' });
});

test('an address is limited by the peer, whatever X-Forwarded-For says, and no other address with it', async () => {
  const peer = newPeer();
  const statuses: number[] = [];
  for (let n = 0; n < policies.address.free + 3; n += 1) {
    const headers = {
      'content-type': 'application/json',
      origin: publicUrl,
      'x-forwarded-for': `203.0.113.${n}`,
      'x-sluice-peer': `203.0.113.${n}`,
    };
    const body = JSON.stringify({ email: `guess${n}@sluice.example`, password });
    statuses.push((await it.request('/api/auth/sign-in/email', { method: 'POST', headers, body }, peer)).status);
  }
  expect(statuses.slice(0, policies.address.free)).toEqual(new Array(policies.address.free).fill(401));
  expect(statuses.slice(policies.address.free)).toEqual([429, 429, 429]);
  expect((await it.signIn('owner@sluice.example', password, newPeer())).response.status).toBe(200);
});

test('the session notes the peer address of the front door, not a header', async () => {
  const peer = newPeer();
  await it.signIn('owner@sluice.example', password, peer);
  expect(await it.db.session.count({ where: { ipAddress: peer.address } })).toBe(1);
});

test('an account is slowed down from every address, even for the right password, and opens again after the pause', async () => {
  await newOperator('target@sluice.example');
  const guess = async (secret: string) => (await it.signIn('target@sluice.example', secret, newPeer())).response.status;
  for (let n = 0; n < policies.account.free; n += 1) expect(await guess('a wrong password')).toBe(401);
  expect(await guess(password)).toBe(429);
  it.advance(policies.account.firstPauseSeconds * 1000 + 1);
  expect(await guess(password)).toBe(200);
  expect(await guess('a wrong password')).toBe(401);
});

test('of many guesses at one instant no more are tried than the limit allows', async () => {
  await newOperator('herd@sluice.example');
  const guesses = Array.from({ length: 20 }, () => it.signIn('herd@sluice.example', 'a wrong password', newPeer()));
  const statuses = (await Promise.all(guesses)).map(({ response }) => response.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(policies.account.free);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20 - policies.account.free);
});

test('of better-auth, only sign-in, sign-out and get-session are reachable', async () => {
  const auth = makeAuth({ db: it.db, sessionSecret: 'x'.repeat(40), publicUrl, trustedOrigins: [], now: it.now });
  const paths = Object.values(auth.api).flatMap((endpoint) =>
    'path' in endpoint && typeof endpoint.path === 'string' ? [endpoint.path] : [],
  );
  expect(paths.length).toBeGreaterThan(15);
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const reachable = new Set<string>();
  for (const path of new Set([...paths, '/sign-up/email', '/update-user', '/error', '/ok'])) {
    for (const method of ['GET', 'POST']) {
      const init = {
        method,
        headers: { cookie, origin: publicUrl, 'content-type': 'application/json' },
        body: method === 'POST' ? '{}' : null,
      };
      if ((await it.request(`/api/auth${path}`, init)).status !== 404) reachable.add(path);
    }
  }
  expect([...reachable].toSorted()).toEqual(['/get-session', '/sign-in/email', '/sign-out']);
});

test('many accounts tried a few times each are one alert in the log', async () => {
  it.advance(901_000);
  const alerts = () => it.logged().match(/password_spray/g)?.length ?? 0;
  const before = alerts();
  for (let n = 0; n < sprayAccounts + 5; n += 1) await it.signIn(`sprayed${n}@sluice.example`, 'a wrong password', newPeer());
  expect(alerts() - before).toBe(1);
});

test.each([
  ['http://console.example:3000', 'sluice.session_token', false],
  ['https://console.example', '__Host-sluice.session_token', true],
])('at %s the cookie of a session is %s', async (url, name, secure) => {
  const auth = makeAuth({ db: it.db, sessionSecret: 'x'.repeat(40), publicUrl: url, trustedOrigins: [url], now: it.now });
  const body = { email: 'owner@sluice.example', password };
  const answer = await auth.api.signInEmail({ body, headers: new Headers({ origin: url }), asResponse: true });
  const lines = answer.headers.getSetCookie();
  const line = lines.find((one) => one.startsWith(`${name}=`)) ?? '';
  expect([/; Path=\/(;|$)/i.test(line), /; HttpOnly/i.test(line), /; Secure/i.test(line), /; Domain/i.test(line)]).toEqual([
    true,
    true,
    secure,
    false,
  ]);
  expect(lines.every((one) => one.startsWith('__Host-') === secure)).toBe(true);
  const cookie = line.split(';', 1)[0] ?? '';
  expect((await auth.api.getSession({ headers: new Headers({ cookie }) }))?.user.email).toBe('owner@sluice.example');
});

test.each([
  ['another site', 'https://evil.example'],
  ['the same host at another port', 'http://console.example:3001'],
  ['null', 'null'],
  ['no Origin at all', null],
])('a state change with a cookie from %s is refused', async (_name, origin) => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const headers = new Headers({ cookie, 'content-type': 'application/json' });
  if (origin !== null) headers.set('origin', origin);
  const input = { name: 'Evil', slug: 'evil', reason: 'cross-site' };
  const change = await it.request('/api/trpc/tenants.create', { method: 'POST', headers, body: JSON.stringify(input) });
  const signIn = await it.request('/api/auth/sign-in/email', {
    method: 'POST',
    headers,
    body: JSON.stringify({ email: 'a@b.example', password }),
  });
  const signOut = await it.request('/api/auth/sign-out', { method: 'POST', headers });
  expect([change.status, signIn.status, signOut.status]).toEqual([403, 403, 403]);
  expect(await it.db.tenant.count({ where: { slug: 'evil' } })).toBe(0);
  expect(await nobody(cookie)).toBeNull();
});

test('a form post, a GET and a huge body change nothing', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const input = JSON.stringify({ name: 'Evil', slug: 'evil', reason: 'cross-site' });
  const form = { method: 'POST', headers: { cookie, origin: publicUrl, 'content-type': 'text/plain' }, body: input };
  expect((await it.request('/api/trpc/tenants.create', form)).status).toBe(415);
  expect((await it.request(`/api/trpc/tenants.create?input=${encodeURIComponent(input)}`, { headers: { cookie } })).status).toBe(405);
  const huge = {
    method: 'POST',
    headers: { cookie, origin: publicUrl, 'content-type': 'application/json' },
    body: `"${'x'.repeat(300_000)}"`,
  };
  expect((await it.request('/api/trpc/tenants.create', huge)).status).toBe(413);
  expect(await it.db.tenant.count({ where: { slug: 'evil' } })).toBe(0);
});

test('a wrong bearer token is nobody, even beside a good cookie', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const init = { headers: { cookie, authorization: 'Bearer wrong' } };
  expect((await it.request('/api/trpc/session.me', init, { address: '127.0.0.1', loopback: true })).status).toBe(401);
});

test('a batch of twenty calls is answered, one of twenty-one is refused whole', async () => {
  const { cookie } = await it.signIn('owner@sluice.example', password, newPeer());
  const batch = (size: number) =>
    it.request(`/api/trpc/${new Array<string>(size).fill('session.me').join(',')}?batch=1`, { headers: { cookie } });
  const twenty = await batch(20);
  expect(twenty.status).toBe(200);
  expect(await twenty.json()).toHaveLength(20);
  expect((await batch(21)).status).toBe(400);
});

test('over TLS the cookie can be planted by nobody: __Host-, Secure, the whole host and no other', async () => {
  const secureUrl = 'https://console.example';
  const secure = await startTestControl({ publicUrl: secureUrl });
  await secure.control.startUp.ensureOwner({ email: 'owner@sluice.example', password });
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: secureUrl },
    body: JSON.stringify({ email: 'owner@sluice.example', password }),
  };
  const response = await secure.request('/api/auth/sign-in/email', init);
  expect(response.status).toBe(200);
  const cookies = response.headers.getSetCookie().filter((line) => !/Max-Age=0/i.test(line));
  expect(cookies.length).toBeGreaterThan(0);
  for (const line of cookies) {
    expect(line).toMatch(/^__Host-sluice\./);
    expect(line).toMatch(/; Secure/i);
    expect(line).toMatch(/; Path=\/(;|$)/i);
    expect(line).not.toMatch(/; Domain=/i);
  }
  const cookie = cookies.map((line) => line.split(';', 1)[0]).join('; ');
  const me = await secure.request('/api/trpc/session.me', { headers: { cookie } });
  expect(await me.json()).toMatchObject({ result: { data: { actor: { email: 'owner@sluice.example' } } } });
  // The same token under the name of the plain cookie is nobody's.
  const planted = cookie.replaceAll('__Host-', '');
  expect((await secure.request('/api/trpc/session.me', { headers: { cookie: planted } })).status).toBe(401);
  await secure.close();
});
