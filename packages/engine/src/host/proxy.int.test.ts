// The dialer through small proxies over real sockets: what they are told, what comes through, and what is said when they refuse.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Via } from '../ports.ts';
import { createDialer } from './dialer.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}
const greeter = () => listen((socket) => void socket.write('220 mx.example\r\n'));
const textOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString())));
const collect = (socket: Socket, count: number): Promise<Buffer> =>
  new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const more = (chunk: Buffer): void => {
      got = Buffer.concat([got, chunk]);
      if (got.length < count) return;
      socket.off('data', more);
      resolve(got);
    };
    socket.on('data', more);
  });

const dialer = createDialer({ egress: 'sandbox', sandboxSmtpPort: null });
const dial = async (via: Via, port: number, timeoutMs = 3000) => {
  const result = await dialer.dial({ address: '127.0.0.1', port, localAddress: '127.0.3.3', timeoutMs, via });
  if (result.ok) sockets.push(result.socket);
  return result;
};

describe('HAProxy', () => {
  it('is told source and target in the header of version 2, and carries what follows', async () => {
    const target = await greeter();
    const { promise: header, resolve } = Promise.withResolvers<Buffer>();
    const port = await listen((socket) => {
      void collect(socket, 28).then((bytes) => {
        resolve(bytes);
        connect({ host: '127.0.0.1', port: bytes.readUInt16BE(26) }).pipe(socket);
      });
    });
    const result = await dial({ kind: 'haproxy', host: '127.0.0.1', port, username: null, password: null }, target);
    if (!result.ok) throw new Error(result.message);
    expect((await header).toString('hex')).toBe(
      `0d0a0d0a000d0a515549540a2111000c7f0003037f0000010000${target.toString(16).padStart(4, '0')}`,
    );
    expect(await textOf(result.socket)).toBe('220 mx.example\r\n');
  });
});

/** A SOCKS5 proxy as far as RFC 1928 and RFC 1929 ask of one that knows CONNECT. Its answer and the greeting leave in one packet. */
const socks = (options: { login?: string; refuse?: number; reply?: Buffer } = {}) =>
  listen((socket) => {
    void (async () => {
      await collect(socket, options.login ? 4 : 3);
      if (options.reply) return void socket.end(options.reply);
      socket.write(Buffer.from([5, options.login ? 2 : 0]));
      if (options.login) {
        const given = await collect(socket, 3);
        const name = given.subarray(2, 2 + (given[1] ?? 0)).toString();
        const secret = given.subarray(3 + name.length).toString();
        const good = `${name}:${secret}` === options.login;
        socket.write(Buffer.from([1, good ? 0 : 1]));
        if (!good) return void socket.end();
      }
      const request = await collect(socket, 10);
      if (options.refuse) return void socket.end(Buffer.from([5, options.refuse, 0, 1, 0, 0, 0, 0, 0, 0]));
      const onward = connect({ host: [...request.subarray(4, 8)].join('.'), port: request.readUInt16BE(8) });
      sockets.push(onward);
      onward.once('data', (greeting: Buffer) => {
        socket.write(Buffer.concat([Buffer.from([5, 0, 0, 3, 2, 97, 98, 0, 0]), greeting]));
        onward.pipe(socket);
        socket.pipe(onward);
      });
    })();
  });

describe('SOCKS5', () => {
  const via = (port: number, login?: string): Via => {
    const [username = null, password = null] = login?.split(':') ?? [];
    return { kind: 'socks5', host: '127.0.0.1', port, username, password };
  };

  it.each([undefined, 'user:hush'])(
    'connects with login %s, and loses no octet of a greeting that comes with the answer',
    async (login) => {
      const result = await dial(via(await socks(login === undefined ? {} : { login }), login), await greeter());
      if (!result.ok) throw new Error(result.message);
      expect(await textOf(result.socket)).toBe('220 mx.example\r\n');
    },
  );

  it.each([
    [{ refuse: 5 }, undefined, 'connection refused'],
    [{ refuse: 99 }, undefined, 'code 99'],
    [{ login: 'user:other' }, 'user:hush', 'login is refused'],
    [{ reply: Buffer.from([5, 255]) }, undefined, 'none of our ways'],
    [{ reply: Buffer.from('HTTP/1.1 400') }, undefined, 'something else'],
    [{ reply: Buffer.alloc(0) }, undefined, 'closed without an answer'],
  ])('that answers %o is a failure that says so', async (options, login, says) => {
    const result = await dial(via(await socks(options), login), 2525);
    expect(result).toMatchObject({ ok: false, code: 'EPROXY', message: expect.stringContaining(says) });
  });

  it('that says nothing ends in bounded time', async () => {
    const result = await dial(via(await listen(() => undefined)), 2525, 200);
    expect(result).toMatchObject({ ok: false, code: 'ETIMEDOUT' });
  });
});

describe('the sandbox', () => {
  it('refuses a proxy that is not loopback, and a target behind a loopback one that is not', async () => {
    const far: Via = { kind: 'socks5', host: '192.0.2.1', port: 1080, username: null, password: null };
    expect(await dial(far, 25)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
    const request = { address: '192.0.2.9', port: 25, localAddress: '127.0.0.1', timeoutMs: 1000, via: { ...far, host: '127.0.0.1' } };
    expect(await dialer.dial(request)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
  });
});
