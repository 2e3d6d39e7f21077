// What the client puts on the wire, and what it makes of the answers.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createSluiceClient, isRefusal, refusalOf } from './index.ts';

let server: Server | undefined;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
});

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string };

/** Answers everything with `status` and `body`; null never answers. */
async function answerWith(status: number, body: object | null): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: text });
      if (body) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

test('two calls at once are two requests, each with the bearer token', async () => {
  const { url, seen } = await answerWith(200, { result: { data: [] } });
  const client = createSluiceClient({ url, token: 'secret-token' });
  await Promise.all([client.tenants.list.query(), client.pools.list.query()]);
  expect(seen.map((request) => request.url).toSorted()).toEqual(['/api/trpc/pools.list', '/api/trpc/tenants.list']);
  expect(seen.every((request) => request.headers.authorization === 'Bearer secret-token')).toBe(true);
});

test('a change with a session cookie is a JSON POST that names its origin', async () => {
  const { url, seen } = await answerWith(200, { result: { data: { id: '01890000-0000-7000-8000-000000000000', revision: 1 } } });
  const made = await createSluiceClient({ url: `${url}/`, cookie: 'a=b' }).tenants.create.mutate({ name: 'A', slug: 'a', reason: 'test' });
  expect(made.revision).toBe(1);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/trpc/tenants.create', headers: { cookie: 'a=b', origin: url } });
  expect(seen[0]?.headers['content-type']).toMatch(/^application\/json/);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ name: 'A', slug: 'a', reason: 'test' });
});

test('a refusal is read by its code, its reason and the fields it names', async () => {
  const issues = [{ path: 'name', message: 'too long' }];
  const data = { code: 'BAD_REQUEST', httpStatus: 400, path: 'nodes.list', requestId: 'r', reason: 'invalid_input', issues };
  const { url } = await answerWith(400, { error: { message: 'name: too long', code: -32600, data } });
  const error: unknown = await createSluiceClient({ url })
    .nodes.list.query()
    .catch((thrown: unknown) => thrown);
  expect(refusalOf(error)).toEqual({ code: 'BAD_REQUEST', reason: 'invalid_input', message: 'name: too long', requestId: 'r', issues });
  expect([isRefusal(error, 'BAD_REQUEST', 'invalid_input'), isRefusal(error, 'BAD_REQUEST', 'role'), isRefusal(error, 'CONFLICT')]).toEqual(
    [true, false, false],
  );
});

test('what is no answer of the API is no refusal', async () => {
  const { url } = await answerWith(502, { oops: true });
  const error: unknown = await createSluiceClient({ url })
    .nodes.list.query()
    .catch((thrown: unknown) => thrown);
  expect([error instanceof Error, refusalOf(error), refusalOf(new Error('x'))]).toEqual([true, null, null]);
});

test('tells what was answered to a call that succeeded', async () => {
  const { url } = await answerWith(200, { result: { data: { id: 'a', revision: 7 } } });
  const heard: unknown[] = [];
  const client = createSluiceClient({ url, onAnswer: (...answer) => void heard.push(answer) });
  await client.tenants.create.mutate({ name: 'A', slug: 'a', reason: 'test' });
  await client.nodes.list.query();
  expect(heard).toEqual([
    ['mutation', 'tenants.create', { id: 'a', revision: 7 }],
    ['query', 'nodes.list', { id: 'a', revision: 7 }],
  ]);
});

test('a server that never answers fails the call after its time', async () => {
  const { url } = await answerWith(200, null);
  await expect(createSluiceClient({ url, timeoutMs: 200 }).nodes.list.query()).rejects.toThrow();
});
