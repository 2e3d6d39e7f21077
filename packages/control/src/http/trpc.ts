// tRPC over fetch, behind a gate: state changes only as POSTed JSON of bounded size, and with a session cookie only from the console's
// own pages. Then context and router.
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import type { Actor } from '../actor.ts';
import { fromTrustedOrigin } from '../auth/origins.ts';
import type { Installation } from '../installation.ts';
import type { ControlContext } from '../procedure.ts';
import { appRouter } from '../router.ts';
import { codedFailure } from '../errors/coded.ts';
import { errorResponse } from '../errors/error-response.ts';
import type { Idempotency } from '../idempotency/once.ts';
import { readBoundedText } from './body.ts';
import { idempotencyOf, replayedHeader } from './idempotency-header.ts';

export const trpcPrefix = '/api/trpc/';
/** The largest input is a pool of 1,000 members. */
const maxBodyBytes = 256 * 1024;
export const maxBatchSize = 20;

export interface TrpcEndpoint {
  readonly installation: Installation;
  /** Reads who asks, anew on every call. */
  readonly who: () => Promise<Actor | null>;
  readonly closing: AbortSignal;
  readonly trustedOrigins: readonly string[];
}

export async function handleTrpc(on: TrpcEndpoint, request: Request, address: string, requestId: string): Promise<Response> {
  const checked = await admitted(on, request, requestId);
  if (checked instanceof Response) return checked;
  const { installation, who, closing } = on;
  const { idempotency } = checked;
  const answered: ControlContext['answered'] = { replayed: false, retryAfterSeconds: null };
  const createContext = async (): Promise<ControlContext> => ({
    installation,
    requestId,
    address,
    actor: await who().catch((error: unknown) => {
      throw codedFailure(error);
    }),
    recheck: who,
    idempotency,
    answered,
    closing,
  });
  const response = await fetchRequestHandler({
    endpoint: trpcPrefix.slice(0, -1),
    req: checked.request,
    router: appRouter,
    createContext,
    maxBatchSize,
    onError: ({ error, path, type }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR')
        installation.log.error({ err: error.cause ?? error, path, type, requestId }, 'a procedure failed');
      if (error.code === 'SERVICE_UNAVAILABLE')
        installation.log.warn({ err: error.cause ?? error, path, type, requestId }, 'the database did not answer');
    },
  });
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  if (answered.retryAfterSeconds !== null) response.headers.set('retry-after', String(answered.retryAfterSeconds));
  if (answered.replayed) response.headers.set(replayedHeader, 'true');
  return response;
}

interface Admitted {
  readonly request: Request;
  readonly idempotency: Idempotency | null;
}

/** How many procedures a path asks for. tRPC decodes it before it looks for commas; one that does not decode is refused there. */
export const callsIn = (pathname: string): number => pathname.slice(trpcPrefix.length).replaceAll(/%2c/gi, ',').split(',').length;

/** The request that tRPC may see, or the answer to one that it may not. */
async function admitted(on: TrpcEndpoint, request: Request, requestId: string): Promise<Admitted | Response> {
  if (request.method === 'GET') return { request, idempotency: null };
  if (request.method !== 'POST') return errorResponse('METHOD_NOT_SUPPORTED', 'GET or POST', { requestId });
  // What a form of another site can send is no JSON; what its script can send carries its Origin.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    return errorResponse('UNSUPPORTED_MEDIA_TYPE', 'send application/json', { requestId });
  }
  if (!request.headers.has('authorization') && !fromTrustedOrigin(request.headers, on.trustedOrigins)) {
    const call = { requestId, reason: 'foreign_origin' } as const;
    return errorResponse('FORBIDDEN', 'this origin may not do that; see SLUICE_PUBLIC_URL', call);
  }
  const sent = await readBoundedText(request, maxBodyBytes);
  // Clients send no body where a procedure takes nothing.
  const body = sent === '' ? '{}' : sent;
  if (body === null) return errorResponse('PAYLOAD_TOO_LARGE', `at most ${maxBodyBytes} bytes of UTF-8`, { requestId });
  const idempotency = idempotencyOf(request.headers, body, callsIn(new URL(request.url).pathname));
  if (idempotency !== null && 'problem' in idempotency) {
    return errorResponse('BAD_REQUEST', idempotency.problem, { requestId, reason: 'unreadable_input' });
  }
  return { request: new Request(request.url, { method: 'POST', headers: request.headers, body, signal: request.signal }), idempotency };
}
