// Signing in and out over the same handler as the front door, on real Postgres.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { okay, password, publicUrl, startTestControl, type TestControl } from '../testing/control.ts';
import { idleMs } from './sessions.ts';

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
