// API keys and request limits through the real front door, over real sockets: the networks of a key are held against the address that the
// door vouches for, whatever a caller writes into its headers.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createControl, type Control } from '@sluice/control';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frontDoor } from './front-door.ts';
import { listen, type Listening } from './listen.ts';
import { trustedProxies } from './peer.ts';

type Database = { consoleUrl: string; drop: () => Promise<void> };
// By name: what Next says of the environment does not go with the types of the module.
const testing: string = '@sluice/db/testing';
const { testDatabase } = (await import(testing)) as { testDatabase: () => Promise<Database> };

const localToken = randomBytes(32).toString('base64url');
const proxy = '127.0.0.2';
let database: Database;
let control: Control;
let door: Listening;

beforeAll(async () => {
  database = await testDatabase();
  const quiet = () => undefined;
  control = await createControl({
    ...{ consoleDatabaseUrl: database.consoleUrl, kek: randomBytes(32), sessionSecret: randomBytes(32).toString('base64url') },
    ...{ localToken, publicUrl: 'http://127.0.0.1', egress: 'sandbox', demo: false, version: '0.1.0' },
    log: { info: quiet, warn: quiet, error: quiet },
    // So slow that what a test takes is not given back while it runs.
    requestRates: { perAddress: 0.01, perSession: 0, perKey: 0 },
  });
  const closing = new AbortController();
  door = await listen({
    ...{ host: '127.0.0.1', port: 0, tls: null, closing },
    onRequest: frontDoor({
      ...{ publicUrl: null, tls: false, trusted: trustedProxies([proxy]), closing: closing.signal, logError: quiet },
      handle: (asked, peer) => control.handle(asked, peer),
      signedIn: async () => false,
      page: async (_request, response) => void response.end(),
    }),
  });
});
afterAll(async () => {
  await door.close();
  await control.close();
  await database.drop();
});

type Sent = { token: string; headers?: Record<string, string>; from?: string; body?: object };

async function ask(
  path: string,
  { token, headers = {}, from = '127.0.0.1', body }: Sent,
): Promise<{ status: number; text: string; retryAfter: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string; retryAfter: string | undefined }>();
  const sent = request(
    {
      ...{ host: '127.0.0.1', port: door.port, path: `/api/trpc/${path}`, localAddress: from, method: body ? 'POST' : 'GET', agent: false },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    },
    (answer) => {
      const done = async () => ({ status: answer.statusCode ?? 0, text: await text(answer), retryAfter: answer.headers['retry-after'] });
      done().then(resolve, reject);
    },
  );
  sent.on('error', reject).end(body && JSON.stringify(body));
  return promise;
}

async function keyFrom(networks: readonly string[]): Promise<string> {
  const body = { name: 'from somewhere', scopes: ['sources:read'], networks, reason: 'test' };
  const made = await ask('keys.create', { token: localToken, body });
  expect(made.status).toBe(200);
  return (JSON.parse(made.text) as { result: { data: { secret: string } } }).result.data.secret;
}

const statusOf = async (token: string, headers: Record<string, string> = {}, from = '127.0.0.1') =>
  (await ask('sources.list', { token, headers, from })).status;

test('a forged address opens no key: only what a trusted proxy says of its own peer counts', async () => {
  const key = await keyFrom(['203.0.113.0/24', '2001:db8:7::/48']);
  expect(await statusOf(key)).toBe(401);
  for (const name of ['x-forwarded-for', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'x-sluice-peer', 'cf-connecting-ip'])
    expect(await statusOf(key, { [name]: '203.0.113.9' }), name).toBe(401);
  expect(await statusOf(key, { forwarded: 'for=203.0.113.9' })).toBe(401);
  expect(await statusOf(key, { 'x-forwarded-for': '203.0.113.9' }, proxy)).toBe(200);
  expect(await statusOf(key, { 'x-forwarded-for': '2001:db8:7:1::9' }, proxy)).toBe(200);
  expect(await statusOf(key, { 'x-forwarded-for': '[2001:db8:7:1::9]:4711' }, proxy)).toBe(200);
  // A caller behind the proxy wrote the first; the proxy added the address that it saw.
  expect(await statusOf(key, { 'x-forwarded-for': '203.0.113.9, 198.51.100.1' }, proxy)).toBe(401);
  expect(await statusOf(key, { 'x-forwarded-for': '2001:db8:8::9' }, proxy)).toBe(401);
});

test('a key for this machine alone is not opened through the proxy that runs on it', async () => {
  const key = await keyFrom(['127.0.0.1', '::1']);
  expect(await statusOf(key)).toBe(200);
  expect(await statusOf(key, { 'x-forwarded-for': '127.0.0.1' })).toBe(200);
  expect(await statusOf(key, { 'x-forwarded-for': '198.51.100.1' }, proxy)).toBe(401);
});

test('requests are counted by the address that the door vouches for: forging another does not start a new count', async () => {
  const statuses: number[] = [];
  for (let n = 0; n < 25; n += 1) {
    // What the caller claims changes each time; what the proxy saw does not.
    const headers = { 'x-forwarded-for': `203.0.113.${n}, 198.51.100.77` };
    statuses.push(await statusOf('slk_nonsense', headers, proxy));
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(20);
  expect(statuses.slice(20)).toEqual([429, 429, 429, 429, 429]);
  const refused = await ask('sources.list', { token: 'slk_nonsense', headers: { 'x-forwarded-for': '198.51.100.77' }, from: proxy });
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
  expect(JSON.parse(refused.text)).toMatchObject({ error: { data: { code: 'TOO_MANY_REQUESTS', httpStatus: 429 } } });
  expect(await statusOf('slk_nonsense', { 'x-forwarded-for': '198.51.100.78' }, proxy)).toBe(401);
  expect(await statusOf(localToken)).toBe(200);
});
