// One policy over https: the name is looked up by our resolver, dialled through the Dialer (which in the sandbox refuses all but loopback),
// and the certificate must be good for the policy host. One GET on a connection of its own, no redirects, bounded in size and time.
// RFC 8461 section 3.3.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { Clock, Dialer, PolicyAnswer, PolicyFetch, Resolver } from '../ports.ts';

const HTTPS_PORT = 443;
const MAX_ADDRESSES = 3;
/** RFC 8461 section 3.3 suggests 64 kilobytes and a minute. */
const MAX_BODY_BYTES = 64 * 1024;
const TOTAL_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 8_000;

export type PolicyFetchOptions = {
  resolver: Pick<Resolver, 'addresses'>;
  dialer: Dialer;
  clock: Clock;
  port?: number;
  /** PEM certificates that are trusted instead of the built-in ones. */
  trustedRoots?: readonly string[];
};

const failed = (detail: string, kind: 'fetch' | 'certificate' = 'fetch'): PolicyAnswer => ({
  ok: false,
  kind,
  detail: detail.slice(0, 300),
});

export function createPolicyFetch(options: PolicyFetchOptions): PolicyFetch {
  return {
    async get({ host, path }) {
      const dialled = await dialHost(host, options);
      if (typeof dialled === 'string') return failed(dialled);
      return overSocket(dialled, host, path, options);
    },
  };
}

async function dialHost(host: string, { resolver, dialer, port }: PolicyFetchOptions): Promise<Socket | string> {
  let detail = `${host} has no address`;
  for (const family of [4, 6] as const) {
    const found = await resolver.addresses(host, family);
    if (!found.ok) {
      if (found.kind === 'failed') detail = found.detail;
      continue;
    }
    const localAddress = family === 4 ? '0.0.0.0' : '::';
    for (const address of found.records.slice(0, MAX_ADDRESSES)) {
      const dialled = await dialer.dial({ address, port: port ?? HTTPS_PORT, localAddress, timeoutMs: CONNECT_TIMEOUT_MS });
      if (dialled.ok) return dialled.socket;
      detail = `${address}: ${dialled.code}`;
    }
  }
  return detail;
}

function overSocket(plain: Socket, host: string, path: string, options: PolicyFetchOptions): Promise<PolicyAnswer> {
  return new Promise((resolve) => {
    const ca = options.trustedRoots ? { ca: [...options.trustedRoots] } : {};
    const secure: TLSSocket = tlsConnect({ socket: plain, host, servername: host, minVersion: 'TLSv1.2', rejectUnauthorized: true, ...ca });
    let settled = false;
    const settle = (answer: PolicyAnswer) => {
      if (settled) return;
      settled = true;
      cancel();
      secure.destroy();
      plain.destroy();
      resolve(answer);
    };
    const cancel = options.clock.setTimer(TOTAL_TIMEOUT_MS, () => settle(failed('no answer in time')));
    const onError = (error: Error & { code?: string }) => {
      const why = error.code ?? error.message;
      settle(failed(`https://${host}: ${why}`, /CERT|ALTNAME|SIGNED|ISSUER|SIGNATURE/.test(why) ? 'certificate' : 'fetch'));
    };
    secure.on('error', onError);
    secure.on('close', () => settle(failed(`https://${host}: the connection was closed`)));
    secure.once('secureConnect', () => {
      const headers = { accept: 'text/plain', host, connection: 'close' };
      // With an agent of any kind the request would dial by itself; without one it takes the socket it is given.
      const get = httpRequest({ method: 'GET', path, headers, createConnection: () => secure });
      get.on('error', onError);
      get.on('response', (response) => readBody(response, settle));
      get.end();
    });
  });
}

function readBody(response: IncomingMessage, settle: (answer: PolicyAnswer) => void): void {
  // A redirect is no answer. RFC 8461 section 3.3
  if (response.statusCode !== 200) return settle(failed(`HTTP status ${response.statusCode ?? 'unknown'}`));
  if (!/^text\/plain\s*(?:;|$)/i.test(response.headers['content-type'] ?? '')) return settle(failed('the media type is not text/plain'));
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) settle(failed('the policy is too long'));
    else chunks.push(chunk);
  });
  response.on('error', (error) => settle(failed(error.message)));
  response.on('end', () =>
    settle(response.complete ? { ok: true, body: Buffer.concat(chunks).toString('utf8') } : failed('the answer was cut')),
  );
}
