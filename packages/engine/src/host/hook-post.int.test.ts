// Calls of a report hook over real sockets.
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Resolver } from '../ports.ts';
import { systemClock as clock } from './clock.ts';
import { createDialer } from './dialer.ts';
import { createHookPost } from './hook-post.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(status: number, headers: Record<string, string> = {}): Promise<{ port: number; bodies: string[] }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
      response.writeHead(status, headers).end('x'.repeat(100_000));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, bodies };
}

const none = { ok: false, kind: 'none', detail: '', ttlSeconds: 0 } as const;
const resolver: Pick<Resolver, 'addresses'> = {
  addresses: (host, family) =>
    Promise.resolve(family === 4 ? { ok: true, records: [host === 'hook.example' ? '127.0.0.1' : '192.0.2.1'], ttlSeconds: 60 } : none),
};
const hook = createHookPost({ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }), resolver, clock });

describe('a report hook', () => {
  it('gets the document once, at the path that is configured', async () => {
    const { port, bodies } = await serve(204);
    expect(await hook.post(`http://hook.example:${port}/bounces?k=1`, '{"a":"ü"}')).toEqual({ ok: true });
    expect(bodies).toEqual(['POST /bounces?k=1 application/json {"a":"ü"}']);
  });

  it('takes octets of another type as they are', async () => {
    const { port, bodies } = await serve(200);
    expect(await hook.post(`http://127.0.0.1:${port}/r`, new Uint8Array([0x78, 0x79]), 'application/tlsrpt+gzip')).toEqual({ ok: true });
    expect(bodies).toEqual(['POST /r application/tlsrpt+gzip xy']);
  });

  it('that refuses, redirects or is not there is a value, not an error', async () => {
    const { port: refusing } = await serve(500);
    expect(await hook.post(`http://127.0.0.1:${refusing}/`, '{}')).toEqual({ ok: false, detail: 'status 500' });
    const { port: elsewhere, bodies } = await serve(200);
    const { port: redirecting } = await serve(307, { location: `http://127.0.0.1:${elsewhere}/` });
    expect(await hook.post(`http://127.0.0.1:${redirecting}/`, '{}')).toEqual({ ok: false, detail: 'status 307' });
    expect(bodies).toEqual([]);
    expect(await hook.post('http://127.0.0.1:9/', '{}')).toMatchObject({ ok: false });
    expect(await hook.post('ftp://127.0.0.1/', '{}')).toMatchObject({ ok: false });
  });

  it('outside loopback is not called in sandbox mode', async () => {
    expect(await hook.post('http://elsewhere.example/', '{}')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('EGRESS_REFUSED'),
    });
  });
});
