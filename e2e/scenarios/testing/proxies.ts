// Proxies of a scenario: they do what they are told over one connection, go out from where they should, and keep what they were told.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { World } from './world.ts';

export type Proxy = {
  port: number;
  /** Source and target of every connection, `address:port`; a SOCKS5 client names no source. */
  asked: { source: string | null; target: string }[];
  close(): Promise<void>;
};

export const proxyAddress = '127.42.2.1';
const signature = '0d0a0d0a000d0a515549540a';
/** PROXY protocol version 2 over IPv4: 16 octets, addresses and ports. */
const headerBytes = 28;

/** Exactly so many octets; what comes behind them stays in the socket. */
async function take(socket: Socket, count: number): Promise<Buffer> {
  for (;;) {
    const bytes: unknown = socket.read(count);
    if (Buffer.isBuffer(bytes) && bytes.length === count) return bytes;
    if (socket.destroyed || socket.readableEnded) throw new Error('the client of the proxy is gone');
    await new Promise((resolve) => {
      for (const event of ['readable', 'end', 'close']) socket.once(event, resolve);
    });
  }
}

function join(client: Socket, upstream: Socket): void {
  const end = (): void => {
    client.destroy();
    upstream.destroy();
  };
  for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
  client.pipe(upstream).pipe(client);
}

/** `port` 0: the system chooses. */
async function startProxy(serve: (client: Socket, proxy: Proxy) => Promise<void>, port = 0): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, proxy).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, proxyAddress, resolve));
  const proxy: Proxy = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return proxy;
}

/** Goes out from the address that the header of HAProxy's protocol names. */
export const startHaproxy = (port = 0): Promise<Proxy> =>
  startProxy(async (client, proxy) => {
    const header = await take(client, headerBytes);
    if (header.toString('hex', 0, 16) !== `${signature}2111000c`) throw new Error('no header of version 2 over TCP and IPv4');
    const [source, target, targetPort] = [
      [...header.subarray(16, 20)].join('.'),
      [...header.subarray(20, 24)].join('.'),
      header.readUInt16BE(26),
    ];
    proxy.asked.push({ source, target: `${target}:${targetPort}` });
    join(client, connect({ host: target, port: targetPort, localAddress: source }));
  }, port);

/** SOCKS5 with this login alone; goes out from the proxy's own address. RFC 1928, RFC 1929 */
export const startSocks = (username: string, password: string): Promise<Proxy> =>
  startProxy(async (client, proxy) => {
    const [, methods = 0] = await take(client, 2);
    const offered = await take(client, methods);
    client.write(Buffer.from([5, offered.includes(2) ? 2 : 255]));
    const [, nameBytes = 0] = await take(client, 2);
    const name = (await take(client, nameBytes)).toString();
    const [secretBytes = 0] = await take(client, 1);
    const good = name === username && (await take(client, secretBytes)).toString() === password;
    client.write(Buffer.from([1, good ? 0 : 1]));
    if (!good) return void client.end();
    await take(client, 4);
    const target = [...(await take(client, 4))].join('.');
    const port = (await take(client, 2)).readUInt16BE(0);
    proxy.asked.push({ source: null, target: `${target}:${port}` });
    const upstream = connect({ host: target, port, localAddress: proxyAddress }, () => {
      client.write(Buffer.from([5, 0, 0, 1, 127, 42, 2, 1, 0, 0]));
      join(client, upstream);
    });
    // RFC 1928 section 6: connection refused.
    upstream.once('error', () => client.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0])));
  });

/** What both kinds of proxy owe a domain whose first host is closed: its second has the mail, without a further attempt. */
export async function passesOverClosedHost(world: World): Promise<void> {
  await (await world.host('mx1.half.example')).close();
  await world.host('mx2.half.example');
  world.mx('half.example', 'mx1.half.example', 'mx2.half.example');
  await world.send('jo@half.example');
  const [, delivered] = await world.story('jo@half.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, mxHost: 'mx2.half.example' });
}
