// tRPC over fetch, behind a gate: state changes only as POSTed JSON of bounded size, and with a session cookie only from the console's
// own pages. Then context and router.
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { maxConfigText } from '@sluice/contract';
import type { Actor } from '../actor.ts';
import { fromTrustedOrigin } from '../auth/origins.ts';
import type { Installation } from '../installation.ts';
import type { ControlContext } from '../procedure.ts';
import { appRouter } from '../router.ts';
import { readBoundedText } from './body.ts';
import { jsonResponse } from './json-response.ts';

export const trpcPrefix = '/api/trpc/';
/** The largest input but for texts is a pool of 1,000 members. */
const maxBodyBytes = 256 * 1024;
/** Every character of a text can take six bytes in JSON; few do. */
const maxTextBodyBytes = 2 * maxConfigText;
const takesText = new Set(['config.planText', 'config.applyText', 'config.saveDraft'].map((path) => `${trpcPrefix}${path}`));
const maxBatchSize = 20;

export interface TrpcEndpoint {
  readonly installation: Installation;
  /** Reads who asks, anew on every call. */
  readonly who: () => Promise<Actor | null>;
  readonly closing: AbortSignal;
  readonly trustedOrigins: readonly string[];
}

export async function handleTrpc(on: TrpcEndpoint, request: Request, address: string, requestId: string): Promise<Response> {
  const checked = await admitted(on, request);
  if (checked instanceof Response) return checked;
  const { installation, who, closing } = on;
  const createContext = async (): Promise<ControlContext> => ({
    installation,
    requestId,
    address,
    actor: await who(),
    recheck: who,
    closing,
  });
  const response = await fetchRequestHandler({
    endpoint: trpcPrefix.slice(0, -1),
    req: checked,
    router: appRouter,
    createContext,
    maxBatchSize,
    onError: ({ error, path, type }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR')
        installation.log.error({ err: error.cause ?? error, path, type, requestId }, 'a procedure failed');
    },
  });
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/** The request that tRPC may see, or the answer to one that it may not. */
async function admitted(on: TrpcEndpoint, request: Request): Promise<Request | Response> {
  if (request.method === 'GET') return request;
  if (request.method !== 'POST') return jsonResponse(405, { code: 'METHOD_NOT_SUPPORTED', message: 'GET or POST' });
  // What a form of another site can send is no JSON; what its script can send carries its Origin.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? '')) {
    return jsonResponse(415, { code: 'UNSUPPORTED_MEDIA_TYPE', message: 'send application/json' });
  }
  if (!request.headers.has('authorization') && !fromTrustedOrigin(request.headers, on.trustedOrigins)) {
    return jsonResponse(403, { code: 'FORBIDDEN', message: 'this origin may not do that; see SLUICE_PUBLIC_URL' });
  }
  const most = takesText.has(new URL(request.url).pathname) ? maxTextBodyBytes : maxBodyBytes;
  const body = await readBoundedText(request, most);
  if (body === null) return jsonResponse(413, { code: 'PAYLOAD_TOO_LARGE', message: `at most ${most} bytes of UTF-8` });
  return new Request(request.url, { method: 'POST', headers: request.headers, body, signal: request.signal });
}
