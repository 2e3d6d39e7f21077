'use client';
// The browser's end of the API: types of control's router, queries in batches, the live stream by server-sent events. An answer that the
// session is gone leads to the sign-in page, from which one comes back.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink, TRPCClientError, type TRPCClient } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import type { AppRouter } from '@sluice/control/router';
import { confirmLink } from './confirm-link.ts';

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

const url = '/api/trpc';
const maxBatchSize = 10;
/** Half of what the front door takes of a request's head. */
const maxUrlLength = 8_000;
const retries = 2;

export function makeTrpcClient(): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({
    links: [
      confirmLink,
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url }),
        false: splitLink({
          condition: (operation) => operation.type === 'mutation',
          true: httpLink({ url }),
          false: httpBatchLink({ url, maxItems: maxBatchSize, maxURLLength: maxUrlLength }),
        }),
      }),
    ],
  });
}

/** Code of a refusal by the server (`FORBIDDEN`, `NOT_FOUND`, ...), or null when no server answered. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data: unknown = error.data;
  return typeof data === 'object' && data !== null && 'code' in data && typeof data.code === 'string' ? data.code : null;
}

function toSignIn(error: unknown): void {
  if (codeOf(error) !== 'UNAUTHORIZED' || ['/sign-in', '/setup', '/invitation'].includes(window.location.pathname)) return;
  window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: toSignIn }),
    mutationCache: new MutationCache({ onError: toSignIn }),
    defaultOptions: {
      queries: {
        staleTime: 4_000,
        // A refusal will be the same the next time; only silence is worth asking again.
        retry: (count, error) => codeOf(error) === null && count < retries,
      },
    },
  });
}
