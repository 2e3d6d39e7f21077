// A typed client for automation: one HTTP request a call, so that each has its own status and can be retried alone. The types come
// from the router; nothing of the control plane is loaded. README.md shows its use.
import { createTRPCClient, httpLink } from '@trpc/client';
import type { AppRouter } from '@sluice/control/router';
import { retrying, type Waiting } from './retry.ts';

export { everyPart, pagesOf, type Page } from './pages.ts';
export { isRefusal, refusalOf, type Refused } from './refusal.ts';

export interface SluiceClientOptions {
  /** Address of the console, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Local token or API key, sent as a bearer token. */
  readonly token?: string;
  /** `Cookie` header of a signed-in session; state changes then also send `Origin`. */
  readonly cookie?: string;
  /** Longest wait for one try of a call. */
  readonly timeoutMs?: number;
  /** Tries after the first, when nobody answered or the answer was to come later; see retry.ts. */
  readonly retries?: number;
  /** Instead of the global one: for a certificate that the system does not know. */
  readonly fetch?: typeof fetch;
  /** Hears what was answered to each call that succeeded. */
  readonly onAnswer?: (kind: 'query' | 'mutation', path: string, answer: unknown) => void;
  /** How to wait between tries; tests give another. */
  readonly waiting?: Waiting;
}

export type SluiceClient = ReturnType<typeof createSluiceClient>;

const defaultTimeoutMs = 30_000;
const defaultRetries = 2;
const prefix = '/api/trpc';

/** Calls fail with tRPC's `TRPCClientError`; `refusalOf` says what was refused and why. */
export function createSluiceClient(options: SluiceClientOptions) {
  const origin = new URL(options.url).origin;
  const headers: Record<string, string> = {};
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  if (options.cookie !== undefined) Object.assign(headers, { cookie: options.cookie, origin });
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const once: typeof fetch = (input, init) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
    return (options.fetch ?? fetch)(input, { ...init, body: init?.body ?? null, signal } as RequestInit);
  };
  const tried = retrying(once, options.retries ?? defaultRetries, options.waiting);
  const told = async (input: string, init: RequestInit) => {
    const response = await tried(input, init);
    if (options.onAnswer && response.ok) {
      const { result } = (await response.clone().json()) as { result?: { data?: unknown } };
      const path = new URL(input).pathname.slice(prefix.length + 1);
      options.onAnswer(init.method === 'POST' ? 'mutation' : 'query', path, result?.data);
    }
    return response;
  };
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${origin}${prefix}`, headers, fetch: (input, init) => told(String(input), init as RequestInit) })],
  });
}
