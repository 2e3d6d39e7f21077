// A control plane over a database of its own, for tests: real Postgres under the console's role, requests through the same handler that
// the front door calls, a clock that moves only when told, and a log that can be searched for what must not be in it.
import { randomBytes } from 'node:crypto';
import { createClient, type PrismaClient } from '@sluice/db';
import { testDatabase } from '@sluice/db/testing';
import { createControl, type Control, type Peer } from '../http.ts';

export const publicUrl = 'http://console.example:3000';
export const password = 'correct horse battery staple';
const away: Peer = { address: '192.0.2.10', loopback: false };
const here: Peer = { address: '127.0.0.1', loopback: true };

export interface Answer {
  status: number;
  /** Code of the API's error, or null. */
  code: string | null;
  message: string;
  data: unknown;
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
  advance(ms: number): void;
  now(): Date;
  call(kind: 'query' | 'mutation', path: string, input: unknown, as: As): Promise<Answer>;
  request(path: string, init: RequestInit, peer?: Peer): Promise<Response>;
  signIn(email: string, secret?: string, peer?: Peer): Promise<{ response: Response; cookie: string }>;
  /** Runs before it closes. */
  atEnd(end: () => Promise<void>): void;
  close(): Promise<void>;
}

/** `local`: the local token. null: signed out. Otherwise a cookie. */
export type As = 'local' | null | { cookie: string };

export async function startTestControl(options: { egress?: 'sandbox' | 'internet'; publicUrl?: string } = {}): Promise<TestControl> {
  const database = await testDatabase();
  const localToken = randomBytes(32).toString('base64url');
  const kek = randomBytes(32);
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(`${message} ${inspect(fields)}`);
  let at = Date.now();
  const now = () => new Date(at);
  const control = await createControl({
    consoleDatabaseUrl: database.consoleUrl,
    kek,
    sessionSecret: randomBytes(32).toString('base64url'),
    localToken,
    publicUrl: options.publicUrl ?? publicUrl,
    egress: options.egress ?? 'sandbox',
    demo: false,
    version: '0.1.0',
    log: { info: note, warn: note, error: note },
    now,
  });
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
    advance: (ms) => void (at += ms),
    now,
    request,
    async call(kind, path, input, as) {
      const headers = new Headers({ 'content-type': 'application/json', origin: publicUrl });
      if (as === 'local') headers.set('authorization', `Bearer ${localToken}`);
      else if (as !== null) headers.set('cookie', as.cookie);
      const query = kind === 'query' && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : '';
      const init: RequestInit = kind === 'query' ? { headers } : { method: 'POST', headers, body: JSON.stringify(input ?? {}) };
      const response = await request(`/api/trpc/${path}${query}`, init, as === 'local' ? here : away);
      const body = (await response.json()) as { result?: { data?: unknown }; error?: { message: string; data: { code: string } } };
      return {
        status: response.status,
        code: body.error?.data.code ?? null,
        message: body.error?.message ?? '',
        data: body.result?.data,
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
