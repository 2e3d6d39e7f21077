// When a call is tried again, and when it must not be.
import { expect, test } from 'vitest';
import { retrying } from './retry.ts';

type Seen = { key: string | null };
/** Answers one after the other; a string is a failure to connect, an Error is thrown as it is. */
function server(answers: (number | string | Error | Response)[]) {
  const seen: Seen[] = [];
  const pauses: number[] = [];
  const once: typeof fetch = async (_input, init) => {
    seen.push({ key: new Headers(init?.headers).get('idempotency-key') });
    const answer = answers[seen.length - 1] ?? 200;
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'string') throw new TypeError(answer);
    return answer instanceof Response ? answer : new Response('{}', { status: answer });
  };
  const waiting = { sleep: async (ms: number) => void pauses.push(ms), random: () => 1 };
  return { seen, pauses, call: (retries: number, method = 'GET') => retrying(once, retries, waiting)('http://x/', { method }) };
}

test('a change keeps one idempotency key over all its tries, and two changes have two', async () => {
  const { seen, call } = server(['fetch failed', 503, 200]);
  expect((await call(2, 'POST')).status).toBe(200);
  await call(0, 'POST');
  expect(seen).toHaveLength(4);
  expect(new Set(seen.slice(0, 3).map(({ key }) => key)).size).toBe(1);
  expect(seen[3]?.key).not.toBe(seen[0]?.key);
  expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
});

test('a query sends no idempotency key', async () => {
  const { seen, call } = server([200]);
  await call(2);
  expect(seen).toEqual([{ key: null }]);
});

test('waits twice as long each time, and as long as Retry-After says on top', async () => {
  const { pauses, call } = server([503, new Response('', { status: 429, headers: { 'retry-after': '3' } }), 200]);
  expect((await call(2)).status).toBe(200);
  expect(pauses).toEqual([200, 3400]);
});

test('hands a Retry-After of more than half a minute on to the caller at once', async () => {
  const { seen, call } = server([new Response('', { status: 429, headers: { 'retry-after': '31' } })]);
  expect((await call(5)).status).toBe(429);
  expect(seen).toHaveLength(1);
});

test('no other answer is tried again, nor a call that took its whole time, and tries end', async () => {
  for (const status of [400, 401, 404, 409, 412, 500]) {
    const { seen, call } = server([status]);
    expect((await call(3)).status).toBe(status);
    expect(seen).toHaveLength(1);
  }
  const late = server([new DOMException('timed out', 'TimeoutError')]);
  await expect(late.call(3)).rejects.toThrow('timed out');
  expect(late.seen).toHaveLength(1);
  const gone = server(['fetch failed', 'fetch failed', 'fetch failed']);
  await expect(gone.call(1)).rejects.toThrow('fetch failed');
  expect(gone.seen).toHaveLength(2);
});
