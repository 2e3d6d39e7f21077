// Real sockets: the source address is the one asked for, and failures come back as values.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createDialer } from './dialer.ts';

let server: Server | null = null;
afterEach(async () => {
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = null;
});

async function listen(): Promise<{ port: number; peer: Promise<string> }> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const own = createServer((socket) => {
    socket.on('error', () => undefined);
    resolve(socket.remoteAddress ?? '');
    socket.end();
  });
  server = own;
  await new Promise<void>((done) => own.listen(0, '127.0.0.1', done));
  return { port: (own.address() as AddressInfo).port, peer: promise };
}

it('maps port 25 in the sandbox and connects from the asked local address', async () => {
  const { port, peer } = await listen();
  const dialer = createDialer({ egress: 'sandbox', sandboxSmtpPort: port });
  const result = await dialer.dial({ address: '127.0.0.1', port: 25, localAddress: '127.0.3.7', timeoutMs: 2_000 });
  expect(result.ok).toBe(true);
  expect(await peer).toBe('127.0.3.7');
  if (result.ok) result.socket.destroy();
});

it('reports a refused connection and an impossible local address as values', async () => {
  const { port } = await listen();
  const dialer = createDialer({ egress: 'sandbox', sandboxSmtpPort: null });
  expect(await dialer.dial({ address: '127.0.0.2', port, localAddress: '127.0.0.1', timeoutMs: 2_000 })).toMatchObject({
    ok: false,
    code: 'ECONNREFUSED',
  });
  expect(await dialer.dial({ address: '127.0.0.1', port, localAddress: '192.0.2.77', timeoutMs: 2_000 })).toMatchObject({
    ok: false,
    code: 'EADDRNOTAVAIL',
  });
});
