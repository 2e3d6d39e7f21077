// Calls an operator's own server with a report. Goes through the same door as mail, so that in sandbox mode only loopback is reached; asks
// the engine's resolver, follows no redirect, reads nothing of the answer but its status, and ends within its time.
import { request as httpRequest, type RequestOptions } from 'node:http';
import { isIPv4, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, Dialer, DialResult, HookPost, Resolver } from '../ports.ts';

const callTimeoutMs = 10_000;
const maxAddresses = 4;
const maxDetail = 200;

export type HookPostOptions = { dialer: Dialer; resolver: Pick<Resolver, 'addresses'>; clock: Clock };
type Answer = Awaited<ReturnType<HookPost['post']>>;

const failed = (detail: string): Answer => ({ ok: false, detail: detail.replace(/[^\u0020-\u007e]/g, '?').slice(0, maxDetail) });

/** Addresses of the URL's host, IPv4 before IPv6. */
async function addressesOf(host: string, resolver: HookPostOptions['resolver']): Promise<string[]> {
  if (isIPv4(host) || isIPv6(host)) return [host];
  if (host === 'localhost') return ['127.0.0.1', '::1']; // RFC 6761 section 6.3
  const answers = await Promise.all([resolver.addresses(host, 4), resolver.addresses(host, 6)]);
  return answers.flatMap((answer) => (answer.ok ? answer.records : [])).slice(0, maxAddresses);
}

async function dial(host: string, port: number, options: HookPostOptions): Promise<DialResult> {
  let result: DialResult = { ok: false, code: 'ENOTFOUND', message: `${host} has no address` };
  for (const address of await addressesOf(host, options.resolver)) {
    const localAddress = isIPv6(address) ? '::' : '0.0.0.0';
    result = await options.dialer.dial({ address, port, localAddress, timeoutMs: callTimeoutMs });
    if (result.ok) break;
  }
  return result;
}

type Document = { body: string | Uint8Array; contentType: string };

function send(url: URL, socket: Socket, { body, contentType }: Document, clock: Clock): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      cancel();
      request.destroy();
      socket.destroy();
      resolve(answer);
    };
    const secure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const servername = isIPv4(host) || isIPv6(host) ? '' : host;
    const options: RequestOptions = {
      method: 'POST',
      path: url.pathname + url.search,
      host,
      headers: { host: url.host, 'content-type': contentType, 'content-length': Buffer.byteLength(body), connection: 'close' },
      // Without an agent this is the only way to a socket: nothing here looks a name up or dials by itself.
      createConnection: () => (secure ? connectTls({ socket, servername, host }) : socket),
    };
    const request = httpRequest(options, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      settle(status >= 200 && status < 300 ? { ok: true } : failed(`status ${status}`));
    });
    const cancel = clock.setTimer(callTimeoutMs, () => settle(failed(`no answer after ${callTimeoutMs} ms`)));
    request.on('error', (error) => settle(failed(error.message)));
    request.end(body);
  });
}

/** Posts to http and https URLs. */
export function createHookPost(options: HookPostOptions): HookPost {
  return {
    async post(text, body, contentType = 'application/json') {
      const url = URL.canParse(text) ? new URL(text) : null;
      if (!url || !['http:', 'https:'].includes(url.protocol)) return failed('not an http or https URL');
      const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
      const dialled = await dial(url.hostname.replace(/^\[|\]$/g, ''), port, options);
      return dialled.ok
        ? send(url, dialled.socket, { body, contentType }, options.clock)
        : failed(`connect: ${dialled.code}: ${dialled.message}`);
    },
  };
}
