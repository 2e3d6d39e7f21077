// Requests to our own console on this machine. With an operator's certificate it serves HTTPS under a name that is not the loopback
// address we use: then exactly that certificate is what we trust, whatever name is in it.
import { request } from 'node:https';
import { buffer } from 'node:stream/consumers';

/** `certificate`: PEM of the console's chain, null where it serves plain HTTP. */
export function localFetch(certificate: string | null): typeof fetch {
  if (certificate === null) return fetch;
  return async (input, init) => {
    const given = new Request(input, init);
    if (!given.url.startsWith('https:')) return fetch(given);
    const body = Buffer.from(await given.arrayBuffer());
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const outgoing = request(given.url, {
      method: given.method,
      headers: { ...Object.fromEntries(given.headers), 'content-length': body.length },
      ca: certificate,
      allowPartialTrustChain: true,
      checkServerIdentity: () => undefined,
      signal: given.signal,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const status = incoming.statusCode ?? 502;
      const headers = new Headers({ 'content-type': incoming.headers['content-type'] ?? '' });
      buffer(incoming).then(
        (content) => resolve(new Response(status === 204 || status === 304 ? null : new Uint8Array(content), { status, headers })),
        reject,
      );
    });
    outgoing.end(body);
    return promise;
  };
}
