// A typed client for automation: one HTTP request a call, so that each has its own status and can be retried alone. The types come
// from the router; nothing of the control plane is loaded.
import { createTRPCClient, httpLink } from '@trpc/client';
import type { AppRouter } from '@sluice/control/router';

export interface SluiceClientOptions {
  /** Address of the console, for example `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Local token or API key, sent as a bearer token. */
  readonly token?: string;
  /** `Cookie` header of a signed-in session; state changes then also send `Origin`. */
  readonly cookie?: string;
  /** Longest wait for one call. */
  readonly timeoutMs?: number;
  /** Instead of the global one: for a certificate that the system does not know. */
  readonly fetch?: typeof fetch;
}

export type SluiceClient = ReturnType<typeof createSluiceClient>;

const defaultTimeoutMs = 30_000;

/** Calls fail with tRPC's `TRPCClientError`; its `data.code` is the coded reason. */
export function createSluiceClient(options: SluiceClientOptions) {
  const origin = new URL(options.url).origin;
  const headers: Record<string, string> = {};
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  if (options.cookie !== undefined) Object.assign(headers, { cookie: options.cookie, origin });
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${origin}/api/trpc`,
        headers,
        fetch: (input, init) => {
          const limit = AbortSignal.timeout(timeoutMs);
          const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit;
          return (options.fetch ?? fetch)(input, { ...init, body: init?.body ?? null, signal } as RequestInit);
        },
      }),
    ],
  });
}
