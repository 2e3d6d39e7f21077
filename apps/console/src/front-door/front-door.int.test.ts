// The front door over a real socket: what a stranger's request can make it believe, and make it hold.
import { getEventListeners, once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Peer } from '@sluice/control';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitForDrain } from './bridge.ts';
import { frontDoor } from './front-door.ts';
import { listen, type Listening } from './listen.ts';
import { trustedProxies } from './peer.ts';

let door: Listening;
let peers: Peer[];
beforeEach(async () => {
  peers = [];
  const closing = new AbortController();
  door = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    closing,
    onRequest: frontDoor({
      publicUrl: null,
      tls: false,
      trusted: trustedProxies(['127.0.0.1']),
      handle: async (_request, peer) => {
        peers.push(peer);
        return new Response('heard');
      },
      signedIn: async () => false,
      page: async (_request, response) => void response.end(),
      closing: closing.signal,
      logError: () => undefined,
    }),
  });
});
afterEach(() => door.close());

async function send(lines: readonly string[], body = ''): Promise<string> {
  const socket = connect(door.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return text(socket);
}

test('an address that a proxy adds last is heard, or the request is refused, however many headers the client sent before it', async () => {
  const from = (count: number) => [
    'GET /api/trpc/x HTTP/1.1',
    'Host: 127.0.0.1',
    ...Array.from({ length: count }, (_, at) => `a${at}: b`),
    'X-Forwarded-For: 192.0.2.7',
    'Connection: close',
  ];
  expect(await send(from(90))).toContain('heard');
  expect(peers).toEqual([{ address: '192.0.2.7', loopback: false }]);
  for (const count of [98, 99, 100, 500, 3_000]) expect(await send(from(count)), String(count)).toMatch(/^HTTP\/1.1 431/);
  expect(peers).toHaveLength(1);
});

test('a body longer than any that the API takes is refused before it is held', async () => {
  const size = 300_000;
  const head = ['POST /api/trpc/x HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close'];
  expect(await send([...head, `Content-Length: ${size}`])).toMatch(/^HTTP\/1.1 413/);
  await send([...head, 'Transfer-Encoding: chunked'], `${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`);
  expect(peers).toEqual([]);
});

test('waiting for a slow reader leaves nothing behind on the answer', async () => {
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  const { signal } = new AbortController();
  for (let round = 0; round < 3; round += 1) {
    const drained = waitForDrain(outgoing, signal);
    outgoing.emit('drain');
    await drained;
  }
  expect([outgoing.listenerCount('drain'), outgoing.listenerCount('close'), getEventListeners(signal, 'abort').length]).toEqual([0, 0, 0]);
});
