// Between node:http and the handlers of control, which speak Request and Response. Bodies are bounded before they are read; an answer is
// written as it comes, so that an event stream reaches the browser event by event; and whoever stops listening aborts the work.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** As much as the API takes. Anyone may send it, on every connection at once, before it is known who asks. */
export const maxBodyBytes = 256 * 1024;
const methodsWithoutBody = new Set(['GET', 'HEAD']);

export class BodyTooLarge extends Error {}

/** Reads the body up to the bound; the caller's timeouts are those of the HTTP server. */
async function bodyOf(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `origin` is what browsers call us. Throws BodyTooLarge. */
export async function toRequest(incoming: IncomingMessage, origin: string, signal: AbortSignal): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const method = incoming.method ?? 'GET';
  const body = methodsWithoutBody.has(method) ? null : await bodyOf(incoming);
  return new Request(new URL(incoming.url ?? '/', origin), { method, headers, body, signal });
}

/** Aborts when the client goes away, or when the front door closes. */
export function lifetimeOf(response: ServerResponse, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  // After a whole answer there is nothing to end, and an abort is no small thing.
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return AbortSignal.any([gone.signal, closing]);
}

/** Until the client has read enough, or is gone. */
export async function waitForDrain(outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  outgoing.once('drain', done).once('close', done);
  signal.addEventListener('abort', done, { once: true });
  await promise;
  // An event stream can live for days.
  outgoing.off('drain', done).off('close', done);
  signal.removeEventListener('abort', done);
}

/** A JSON document is there as a whole; what comes bit by bit is of another type. */
const isWhole = (answer: Response): boolean => /^application\/json\b/.test(answer.headers.get('content-type') ?? '');

/** Writes status, headers and body; ends the answer when `signal` aborts. */
export async function sendResponse(answer: Response, outgoing: ServerResponse, signal: AbortSignal): Promise<void> {
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader('set-cookie', cookies);
  if (!outgoing.hasHeader('cache-control')) outgoing.setHeader('cache-control', 'no-store');
  if (answer.body === null || outgoing.req.method === 'HEAD') return void outgoing.end();
  if (isWhole(answer)) {
    // Head and body in one write: each is a call of the kernel, and wakes whoever reads.
    const body = Buffer.from(await answer.arrayBuffer());
    return void outgoing.setHeader('content-length', body.length).end(body);
  }
  outgoing.flushHeaders();
  const reader = answer.body.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) break;
      if (!outgoing.write(value)) await waitForDrain(outgoing, signal);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    outgoing.end();
  }
}
