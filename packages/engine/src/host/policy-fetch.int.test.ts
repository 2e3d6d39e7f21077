// A policy over real TLS: what a policy host may answer, and everything else that it might.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DnsAnswer, PolicyAnswer } from '../ports.ts';
import { systemClock } from './clock.ts';
import { createDialer } from './dialer.ts';
import { createPolicyFetch } from './policy-fetch.ts';

const host = 'mta-sts.a.example';
type Pair = { cert: string; key: string };
let good: Pair;
let otherName: Pair;
const servers: Server[] = [];

async function pair(name: string): Promise<Pair> {
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: name }] }];
  const made = await generate([{ name: 'commonName', value: name }], { keyType: 'ec', curve: 'P-256', algorithm: 'sha256', extensions });
  return { cert: made.cert, key: made.private };
}
beforeAll(async () => {
  [good, otherName] = [await pair(host), await pair('www.a.example')];
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
async function fetchFrom(answer: Answer, tls: Pair = good, addresses?: DnsAnswer<string>, trusted = tls): Promise<PolicyAnswer> {
  const server = createServer(tls, answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const none: DnsAnswer<string> = { ok: false, kind: 'none', detail: 'no AAAA', ttlSeconds: 60 };
  const here: DnsAnswer<string> = addresses ?? { ok: true, records: ['127.0.0.1'], ttlSeconds: 60 };
  const fetch = createPolicyFetch({
    resolver: { addresses: (_name, family) => Promise.resolve(family === 4 ? here : none) },
    dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }),
    clock: systemClock,
    port: (server.address() as AddressInfo).port,
    trustedRoots: [trusted.cert],
  });
  return fetch.get({ host, path: '/.well-known/mta-sts.txt' });
}
const text =
  (body: string, status = 200, type = 'text/plain; charset=utf-8'): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type, location: 'https://elsewhere.example/' }).end(body);

describe('a policy', () => {
  it('is what the policy host answers to its well-known path under its own name', async () => {
    const asked: (string | undefined)[] = [];
    const answer = await fetchFrom((request, response) => {
      asked.push(request.method, request.url, request.headers.host);
      text('version: STSv1\n')(request, response);
    });
    expect(answer).toEqual({ ok: true, body: 'version: STSv1\n' });
    expect(asked).toEqual(['GET', '/.well-known/mta-sts.txt', host]);
  });

  it.each<[string, Answer]>([
    ['a redirect', text('version: STSv1\n', 302)],
    ['an error', text('version: STSv1\n', 503)],
    ['a web page', text('<html>', 200, 'text/html')],
    ['more than it may be', text('x'.repeat(65 * 1024))],
    ['an answer that is cut', (request) => void request.socket.destroy()],
    [
      'half an answer',
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100' }).end('half', () => response.destroy()),
    ],
  ])('is not %s', async (_what, answer) => {
    expect(await fetchFrom(answer)).toMatchObject({ ok: false, kind: 'fetch' });
  });

  it('is not taken from a host with a certificate of another name or of nobody we trust', async () => {
    expect(await fetchFrom(text('x'), otherName)).toMatchObject({ ok: false, kind: 'certificate' });
    expect(await fetchFrom(text('x'), good, undefined, otherName)).toMatchObject({ ok: false, kind: 'certificate' });
  });

  it('is asked for at no address outside loopback in the sandbox', async () => {
    const outside: DnsAnswer<string> = { ok: true, records: ['203.0.113.7'], ttlSeconds: 60 };
    expect(await fetchFrom(text('x'), good, outside)).toMatchObject({ ok: false, detail: expect.stringContaining('EGRESS_REFUSED') });
  });
});
