// Chained transactions over real sockets: the rate that one round trip a message gives on a slow link, a site that cannot cope, and what
// the next connection does about it.
import { createServer, connect as dial, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Outcome } from '../entry.ts';
import type { DeliverySession, Transaction } from '../ports.ts';
import { hostAt, offer, pathWith, scriptedServer, testAttempter, transactionTo, type ScriptedServer } from './testing.ts';

const servers: { close(): unknown }[] = [];
const sessions: DeliverySession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answers: Parameters<typeof scriptedServer>[0] = {}): Promise<ScriptedServer> {
  const server = await scriptedServer(answers);
  servers.push(server);
  return server;
}

async function open(port: number, settings: Parameters<typeof pathWith>[0] = {}, attempter = testAttempter()): Promise<DeliverySession> {
  const result = await attempter.connect(pathWith(settings), [hostAt(port)]);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  sessions.push(result.session);
  return result.session;
}

/** A link on which whatever the server says arrives `delayMs` later than it would; nothing waits for anything else. */
async function slowLink(port: number, delayMs: number): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (near) => {
    const far = dial({ port, host: '127.0.0.1', noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => setTimeout(() => near.write(chunk), delayMs).unref());
    near.on('close', () => far.destroy());
    far.on('close', () => setTimeout(() => near.destroy(), delayMs).unref());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  servers.push({
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((done) => server.close(() => done()));
    },
  });
  return (server.address() as AddressInfo).port;
}

/** Carries `count` transactions over the session, each with the next behind it; all outcomes in order. */
async function carry(session: DeliverySession, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let following: Transaction | null = null;
  let left = count;
  const make = (): Transaction | null =>
    left-- > 0 ? transactionTo(['a@y.example'], Buffer.from(`From: s@x.example\r\n\r\n${left}\r\n`)) : null;
  for (let present = make(); present; present = following ?? make()) {
    following = null;
    outcomes.push(
      ...(await session.deliver(present, () => {
        following = make();
        return following;
      })),
    );
  }
  return outcomes;
}

it('carries more over 10 connections with 50 ms round trip than two round trips a message ever could', async () => {
  const server = await serve();
  const port = await slowLink(server.port, 50);
  const ratePerSecond = async (chaining: boolean, each: number): Promise<number> => {
    const open10 = await Promise.all(Array.from({ length: 10 }, () => open(port, { chaining, messagesPerConnection: 1000 })));
    const begun = performance.now();
    const outcomes = (await Promise.all(open10.map((session) => carry(session, each)))).flat();
    expect(outcomes.filter((outcome) => outcome.kind === 'delivered')).toHaveLength(10 * each);
    return (10 * each * 1000) / (performance.now() - begun);
  };
  const unchained = await ratePerSecond(false, 20);
  const chained = await ratePerSecond(true, 60);
  process.stdout.write(`50 ms round trip, 10 connections: ${chained.toFixed(0)} messages/s chained, ${unchained.toFixed(0)} unchained\n`);
  expect(unchained).toBeLessThan(100);
  expect(chained).toBeGreaterThan(Math.max(105, unchained * 1.4));
  expect(server.messages).toHaveLength(800);
}, 30_000);

it('keeps to the messages of a connection, and what was given to follow is always taken', async () => {
  const server = await serve();
  const session = await open(server.port, { messagesPerConnection: 3 });
  const outcomes = await carry(session, 5);
  expect(outcomes.map((outcome) => [outcome.kind, outcome.unoffered ?? false])).toEqual([
    ['delivered', false],
    ['delivered', false],
    ['delivered', false],
    ['deferred', true],
    ['deferred', true],
  ]);
  expect(server.messages).toHaveLength(3);
});

it('chains no more to a site that lost what stood behind a message, also on other connections', async () => {
  // Throws away what it has read when a message ends, as if it came too early.
  const server = await serve({
    message: (socket) => void socket.write('250 ok\r\n'),
    MAIL: (socket) => void socket.write(server.messages.length === 1 ? '503 5.5.1 too early\r\n' : '250 ok\r\n'),
  });
  const attempter = testAttempter();
  const session = await open(server.port, {}, attempter);
  expect(session.chains).toBe(true);
  const outcomes = await carry(session, 2);
  expect(outcomes.map((outcome) => outcome.kind)).toEqual(['delivered', 'deferred']);
  expect([session.chains, (await open(server.port, {}, attempter)).chains]).toEqual([false, false]);
  expect((await open(server.port)).chains).toBe(true);
});

it('offers nothing again that a closing server did not answer', async () => {
  const server = await serve({ EHLO: offer('PIPELINING'), message: (socket) => void socket.end('250 ok\r\n') });
  const session = await open(server.port);
  const outcomes = await carry(session, 2);
  expect(outcomes).toMatchObject([{ kind: 'delivered' }, { kind: 'deferred', unoffered: true, dotSent: false }]);
  expect(session.usable).toBe(false);
});

it.each([
  ['next_host', 'session', 1],
  ['same_host', 'session', 0],
  ['stop', 'path', 0],
] as const)(
  'after a connection that broke in the middle of a message, %s says where the next one goes',
  async (reconnect, scope, index) => {
    const failing = await serve({ RCPT: (socket) => void socket.destroy() });
    const good = await serve();
    const attempter = testAttempter();
    const hosts = [hostAt(failing.port, 'one.example'), hostAt(good.port, 'two.example')];
    const connect = async (): Promise<DeliverySession> => {
      const result = await attempter.connect(pathWith({ reconnect, pipelining: false }), hosts);
      if (!result.ok) throw new Error(JSON.stringify(result.failure));
      sessions.push(result.session);
      return result.session;
    };
    expect(await (await connect()).deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'deferred', scope }]);
    expect((await connect()).facts.mxHost).toBe(hosts[index]?.name);
  },
);
