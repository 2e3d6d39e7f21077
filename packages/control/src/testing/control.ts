// A control plane over a database of its own, for tests: real Postgres under the console's role, requests through the same handler that
// the front door calls, a clock that moves only when told, and a log that can be searched for what must not be in it.
import { randomBytes } from 'node:crypto';
import { createClient, type PrismaClient } from '@sluice/db';
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import { createControl, type Control, type Peer } from '../http.ts';
import { noRequestLimits, type RequestRates } from '../http/request-limits.ts';

export const publicUrl = 'http://console.example:3000';
export const password = 'correct horse battery staple';
const away: Peer = { address: '192.0.2.10', loopback: false };
const here: Peer = { address: '127.0.0.1', loopback: true };

export interface Answer {
  status: number;
  /** Code of the API's error, or null. */
  code: string | null;
  message: string;
  /** What a program can do about it, in a word, or null. */
  reason: string | null;
  data: unknown;
  /** All that was answered, the request's own id left out. */
  body: string;
  headers: Headers;
}

export interface TestControl {
  readonly control: Control;
  /** Sees everything; for checks. */
  readonly db: PrismaClient;
  readonly consoleUrl: string;
  readonly ownerUrl: string;
  readonly engineUrl: string;
  readonly kek: Buffer;
  readonly logged: () => string;
  /** Lines at the level of errors. */
  readonly unexpected: () => readonly string[];
  advance(ms: number): void;
  now(): Date;
  /** `more`: further headers. */
  call(kind: 'query' | 'mutation', path: string, input: unknown, as: As, more?: Record<string, string>): Promise<Answer>;
  /** With the local token, and the answer as it comes. */
  send(kind: 'query' | 'mutation', path: string, input: unknown): Promise<Response>;
  request(path: string, init: RequestInit, peer?: Peer): Promise<Response>;
  signIn(email: string, secret?: string, peer?: Peer): Promise<{ response: Response; cookie: string }>;
  /** Runs before it closes. */
  atEnd(end: () => Promise<void>): void;
  close(): Promise<void>;
}

type Told = { message: string; data: { code: string; reason: string | null } };

/** `local`: the local token. null: signed out. Otherwise a cookie, or an API key and where it is used from. */
export type As = 'local' | null | { cookie: string } | { key: string; peer?: Peer };

export async function startTestControl(
  options: { egress?: 'sandbox' | 'internet'; publicUrl?: string; requestRates?: RequestRates; database?: TestDatabase } = {},
): Promise<TestControl> {
  const database = options.database ?? (await testDatabase());
  const localToken = randomBytes(32).toString('base64url');
  const kek = randomBytes(32);
  const lines: string[] = [];
  const errors: string[] = [];
  const note = (fields: object, message: string) => void lines.push(`${message} ${inspect(fields)}`);
  const noteError = (fields: object, message: string) => {
    note(fields, message);
    errors.push(lines.at(-1) ?? '');
  };
  let at = Date.now();
  const now = () => new Date(at);
  const control = await createControl({
    consoleDatabaseUrl: database.consoleUrl,
    kek,
    sessionSecret: randomBytes(32).toString('base64url'),
    localToken,
    publicUrl: options.publicUrl ?? publicUrl,
    egress: options.egress ?? 'sandbox',
    requestRates: options.requestRates ?? noRequestLimits,
    demo: false,
    version: '0.1.0',
    log: { info: note, warn: note, error: noteError },
    now,
  });
  // Nothing goes on by itself: what is sealed anew, and when, is the test's to say.
  control.rewrap.stop();
  const db = createClient(database.ownerUrl, { tenant: '*' });

  const request = async (path: string, init: RequestInit, peer = away): Promise<Response> => {
    const response = await control.handle(new Request(new URL(path, publicUrl), init), peer);
    if (!response) throw new Error(`${path} is not a path of the control plane`);
    return response;
  };
  const ends: (() => Promise<void>)[] = [];
  return {
    atEnd: (end) => void ends.push(end),
    control,
    db,
    consoleUrl: database.consoleUrl,
    ownerUrl: database.ownerUrl,
    engineUrl: database.engineUrl,
    kek,
    logged: () => lines.join('\n'),
    unexpected: () => errors,
    advance: (ms) => void (at += ms),
    now,
    request,
    async send(kind, path, input) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${localToken}` };
      const text = JSON.stringify(input);
      if (kind === 'mutation') return request(`/api/trpc/${path}`, { method: 'POST', headers, body: text }, here);
      return request(`/api/trpc/${path}?input=${encodeURIComponent(text)}`, { headers }, here);
    },
    async call(kind, path, input, as, more = {}) {
      const headers = new Headers({ 'content-type': 'application/json', origin: publicUrl, ...more });
      if (as === 'local') headers.set('authorization', `Bearer ${localToken}`);
      else if (as !== null && 'key' in as) headers.set('authorization', `Bearer ${as.key}`);
      else if (as !== null) headers.set('cookie', as.cookie);
      const peer = as === 'local' ? here : (as !== null && 'key' in as && as.peer) || away;
      const query = kind === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
      const init: RequestInit = kind === 'query' ? { headers } : { method: 'POST', headers, body: JSON.stringify(input ?? {}) };
      const response = await request(`/api/trpc/${path}${query}`, init, peer);
      const body = (await response.json()) as { result?: { data?: unknown }; error?: Told };
      return {
        status: response.status,
        code: body.error?.data.code ?? null,
        reason: body.error?.data.reason ?? null,
        message: body.error?.message ?? '',
        data: body.result?.data,
        body: JSON.stringify(body).replaceAll(response.headers.get('x-request-id') ?? 'no id', 'the request'),
        headers: response.headers,
      };
    },
    async signIn(email, secret = password, peer = away) {
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: publicUrl },
        body: JSON.stringify({ email, password: secret }),
      };
      const response = await request('/api/auth/sign-in/email', init, peer);
      const cookie = response.headers
        .getSetCookie()
        .map((line) => line.split(';', 1)[0] ?? '')
        .join('; ');
      return { response, cookie };
    },
    async close() {
      for (const end of ends) await end();
      await control.close();
      await db.$disconnect();
      await database.drop();
    },
  };
}

function inspect(fields: object): string {
  return JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? `${value.stack ?? value.message}` : value));
}

/** The answer's data, or a failure that says what was answered instead. */
export function okay<T>(answer: Answer): T {
  if (answer.code !== null) throw new Error(`${answer.status} ${answer.code}: ${answer.message}`);
  return answer.data as T;
}
