// The life of a live stream: it ends with the session and with the server.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { password, publicUrl, startTestControl, type TestControl } from '../testing/control.ts';

let it: TestControl;
let cookie: string;
beforeEach(async () => {
  it = await startTestControl();
  await it.control.startUp.ensureOwner({ email: 'owner@sluice.example', password });
  ({ cookie } = await it.signIn('owner@sluice.example'));
});

async function openStream(): Promise<{ next: () => Promise<string | null>; toEnd: () => Promise<string> }> {
  const response = await it.request('/api/trpc/live.stream', { headers: { cookie, origin: publicUrl } });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => {
    const chunk = await reader?.read();
    return !chunk || chunk.done ? null : chunk.value;
  };
  const toEnd = async () => {
    let text = '';
    for (let chunk = await next(); chunk !== null; chunk = await next()) text += chunk;
    return text;
  };
  return { next, toEnd };
}

async function firstTick(next: () => Promise<string | null>): Promise<void> {
  for (let chunk = await next(); chunk !== null; chunk = await next()) if (chunk.includes('"nodes"')) return;
  throw new Error('the stream ended before its first tick');
}

afterEach(() => it.close());

test('a stream ticks, and ends when the server closes', async () => {
  const { next, toEnd } = await openStream();
  await firstTick(next);
  await it.control.close();
  expect(await toEnd()).not.toContain('error');
  await it.db.$disconnect();
  it = await startTestControl();
});

test('a stream ends within a minute of the end of its session', async () => {
  const { next, toEnd } = await openStream();
  await firstTick(next);
  await it.request('/api/auth/sign-out', { method: 'POST', headers: { cookie, origin: publicUrl } });
  it.advance(60_000);
  await toEnd();
  expect((await it.call('query', 'nodes.list', undefined, { cookie })).code).toBe('UNAUTHORIZED');
});

test('a stream ends within a minute of when the second factor that its role needs is due and missing', async () => {
  const { next, toEnd } = await openStream();
  await firstTick(next);
  await it.db.user.updateMany({ data: { secondFactorAt: null, secondFactorDueAt: new Date(it.now().getTime() + 30_000) } });
  it.advance(60_000);
  await toEnd();
});
