// The way out over real sockets, against servers that behave well, badly and not at all.
import type { Socket } from 'node:net';
import { replyRule as replyRuleSchema } from '@sluice/contract';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeliverySession } from '../ports.ts';
import {
  hostAt,
  offer,
  scriptedServer,
  pathWith,
  testAttempter,
  testPath,
  transactionTo,
  type Answer,
  type ScriptedServer,
  type Verb,
} from './testing.ts';

const servers: ScriptedServer[] = [];
const sessions: DeliverySession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answers: Partial<Record<Verb, Answer>> = {}): Promise<ScriptedServer> {
  const server = await scriptedServer(answers);
  servers.push(server);
  return server;
}

async function openTo(
  server: ScriptedServer,
  path = testPath,
  attempter = testAttempter(),
  hosts = [hostAt(server.port)],
): Promise<DeliverySession> {
  const result = await attempter.connect(path, hosts);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  sessions.push(result.session);
  return result.session;
}

const close: Answer = (socket) => socket.destroy();
const never: Answer = () => undefined;

describe("a provider's reply rules", () => {
  const rule = { key: 'p.not-now', meaning: 'for a test', match: { codes: [5], pattern: 'frequency.*limited' }, permanence: 'temporary' };
  const samples = [{ code: 550, enhanced: null, text: 'Frequency limited' }];
  const replyRules = [replyRuleSchema.parse({ ...rule, bounceClass: 'rate_limited', samples })];

  it('read a refusal that came over the wire in lines, and leave what was accepted alone', async () => {
    const server = await serve({
      RCPT: (socket, text) => void socket.write(text.includes('fast@') ? '550-Ip frequency\r\n550 is limited\r\n' : '250 ok\r\n'),
    });
    const session = await openTo(server, { ...testPath, provider: 'p', replyRules });
    const [fast, fine] = await session.deliver(transactionTo(['fast@y.example', 'fine@y.example']));
    expect(fast).toMatchObject({ kind: 'deferred', bounceClass: 'rate_limited', replyRule: 'p.not-now' });
    expect(fine).toMatchObject({ kind: 'delivered' });
    expect(fine).not.toHaveProperty('replyRule');
  });
});

describe('a connection', () => {
  it('carries message after message and says QUIT', async () => {
    const server = await serve();
    const session = await openTo(server);
    expect(session.facts).toEqual({
      sourceId: 'source-1',
      site: 'mx.example',
      provider: null,
      mxHost: 'mx.example',
      remoteAddress: '127.0.0.1',
      tls: null,
      dsn: false,
    });
    for (let index = 0; index < 3; index += 1) {
      const [outcome] = await session.deliver(transactionTo(['a@y.example']));
      expect(outcome).toMatchObject({
        kind: 'delivered',
        reply: { code: 250, enhanced: '2.0.0', text: 'queued', command: 'message' },
        dotSent: false,
      });
    }
    await session.quit();
    expect(session.usable).toBe(false);
    expect(server.commands.at(-1)).toBe('QUIT');
    expect(server.messages).toHaveLength(3);
  });

  it('is spent after its share of messages, and what comes later was never offered', async () => {
    const server = await serve();
    const session = await openTo(server, pathWith({ messagesPerConnection: 2 }));
    await session.deliver(transactionTo(['a@y.example']));
    expect(session.usable).toBe(true);
    await session.deliver(transactionTo(['a@y.example']));
    expect(session.usable).toBe(false);
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'deferred', scope: 'session', dotSent: false }]);
    expect(server.messages).toHaveLength(2);
  });

  it('resets what a refusal left unfinished, or ends there when it may not reset', async () => {
    const outcomes = [];
    const server = await serve({ RCPT: (socket) => void socket.write(server.commands.length < 4 ? '550 5.1.1 no\r\n' : '250 ok\r\n') });
    const session = await openTo(server, pathWith({ reset: true, pipelining: false }));
    for (let turn = 0; turn < 2; turn += 1) outcomes.push(...(await session.deliver(transactionTo(['a@y.example']))));
    expect(outcomes).toMatchObject([{ kind: 'bounced' }, { kind: 'delivered' }]);
    expect(server.commands.slice(1).map((line) => line.slice(0, 4))).toEqual(['MAIL', 'RCPT', 'RSET', 'MAIL', 'RCPT', 'DATA']);

    const strict = await openTo(await serve({ RCPT: '550 5.1.1 no\r\n' }), pathWith({ reset: false, pipelining: false }));
    await strict.deliver(transactionTo(['a@y.example']));
    expect(strict.usable).toBe(false);
  });

  it('is opened under the name that the path was told, waits as long as it was told, and passes over hosts to be skipped', async () => {
    const [good, silent] = [await serve(), await serve({ greeting: () => undefined })];
    const path = pathWith({ ehloName: 'told.example', skipHosts: ['bad.example', '127.0.0.9'], greetingTimeoutMs: 100 });
    const hosts = [hostAt(good.port, 'bad.example'), hostAt(good.port, 'mx2.example', '127.0.0.9'), hostAt(silent.port), hostAt(good.port)];
    const result = await testAttempter().connect(path, hosts);
    if (!result.ok) throw new Error(JSON.stringify(result.failure));
    sessions.push(result.session);
    expect([good.connections(), silent.connections(), good.commands]).toEqual([1, 1, ['EHLO told.example']]);
  });

  it('is not usable any more once the server closed it, with 421 or without a word', async () => {
    for (const farewell of ['421 4.4.2 idle\r\n', null]) {
      let peer: Socket | null = null;
      const server = await serve({
        greeting: (socket) => {
          peer = socket;
          socket.write('220 hi\r\n');
        },
      });
      const session = await openTo(server);
      expect(session.usable).toBe(true);
      (peer as Socket | null)?.end(farewell ?? '');
      await expect.poll(() => session.usable).toBe(false);
    }
  });

  it('survives a server that says nothing to QUIT', async () => {
    const session = await openTo(await serve({ QUIT: never }));
    const begun = performance.now();
    await session.quit();
    expect(performance.now() - begun).toBeLessThan(4_000);
  });
});

describe('hosts', () => {
  it('are tried in order over refused connections, bad greetings, silence and refused EHLO', async () => {
    const refused = await serve({ greeting: '554 5.7.1 not you\r\n' });
    const silent = await serve({ greeting: never });
    const strange = await serve({ greeting: 'SSH-2.0-OpenSSH\r\n' });
    const rude = await serve({ EHLO: '550 5.7.1 bad name\r\n' });
    const good = await serve();
    const hosts = [
      hostAt(good.port, 'none.example', '127.0.0.77'),
      hostAt(refused.port),
      hostAt(silent.port),
      hostAt(strange.port),
      hostAt(rude.port),
      hostAt(good.port, 'good.example'),
    ];
    const result = await testAttempter().connect(testPath, hosts);
    expect(result).toMatchObject({ ok: true, session: { facts: { mxHost: 'good.example' } } });
    if (result.ok) await result.session.quit();
    expect([refused, silent, strange, rude, good].map((server) => server.connections())).toEqual([1, 1, 1, 1, 1]);
  });

  it('that failed a short while ago come last, for as long as the settings say', async () => {
    const [busy, good] = [await serve({ greeting: '421 4.3.2 busy\r\n' }), await serve()];
    const hosts = [hostAt(busy.port, 'busy.example'), hostAt(good.port, 'good.example')];
    const asked = async (path: typeof testPath): Promise<number> => {
      const attempter = testAttempter();
      const before = busy.connections();
      for (let turn = 0; turn < 3; turn += 1) await openTo(good, path, attempter, hosts);
      return busy.connections() - before;
    };
    expect(await asked(pathWith({ hostRestSeconds: 60 }))).toBe(1);
    expect(await asked(pathWith({ hostRestSeconds: 0 }))).toBe(3);
  });

  it.each<[string, Partial<Record<Verb, Answer>>, object]>([
    [
      'a 5xx greeting',
      { greeting: '554 5.7.1 blocked\r\n' },
      { reply: { code: 554, enhanced: '5.7.1', command: 'greeting' }, bounceClass: 'policy' },
    ],
    ['a 421 greeting', { greeting: '421 4.7.0 too many\r\n' }, { reply: { code: 421, command: 'greeting' }, bounceClass: 'rate_limited' }],
    ['a refused EHLO', { EHLO: '550 no\r\n' }, { reply: { code: 550, command: 'ehlo' } }],
    ['silence', { greeting: never }, { reply: null, bounceClass: 'network' }],
    ['nonsense', { greeting: 'hello\r\n' }, { reply: null, bounceClass: 'protocol' }],
    ['a closed connection', { EHLO: close }, { reply: null, bounceClass: 'network' }],
    [
      'an endless greeting',
      { greeting: (socket) => socket.write(`220-${'x'.repeat(900)}\r\n`.repeat(200)) },
      { reply: null, bounceClass: 'protocol' },
    ],
  ])('that all answer with %s are a failure of the path, and temporary', async (_name, answers, expected) => {
    const server = await serve(answers);
    const result = await testAttempter().connect(testPath, [hostAt(server.port)]);
    expect(result).toMatchObject({
      ok: false,
      failure: { kind: 'deferred', scope: 'path', dotSent: false, mxHost: 'mx.example', remoteAddress: '127.0.0.1', ...expected },
    });
  });

  it('outside loopback are refused in the sandbox, and an empty list is a failure too', async () => {
    expect(await testAttempter().connect(testPath, [hostAt(25, 'mx.example', '203.0.113.9')])).toMatchObject({
      ok: false,
      failure: { detail: expect.stringContaining('EGRESS_REFUSED') },
    });
    expect(await testAttempter().connect(testPath, [])).toMatchObject({
      ok: false,
      failure: { kind: 'deferred', scope: 'path', mxHost: null },
    });
  });

  it('get HELO when they do not know EHLO', async () => {
    const server = await serve({ EHLO: '500 what\r\n' });
    const session = await openTo(server);
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
    expect(server.commands).toEqual(['EHLO out.example', 'HELO out.example', 'MAIL FROM:<s@x.example>', 'RCPT TO:<a@y.example>', 'DATA']);
  });
});

it('gives up on a reply that comes in drips and never ends', async () => {
  const timers: NodeJS.Timeout[] = [];
  const drip: Answer = (socket) => void timers.push(setInterval(() => socket.write('220-wait\r\n'), 100));
  const server = await serve({ greeting: drip });
  const begun = performance.now();
  const result = await testAttempter().connect(testPath, [hostAt(server.port)]);
  for (const timer of timers) clearInterval(timer);
  expect(result).toMatchObject({ ok: false, failure: { bounceClass: 'network' } });
  expect(performance.now() - begun).toBeLessThan(3_000);
});

describe('TLS that fails', () => {
  it.each<[string, Answer]>([
    ['a refused STARTTLS', '454 4.7.0 no TLS now\r\n'],
    [
      'garbage instead of a handshake',
      (socket) => socket.write('220 go\r\n', () => setTimeout(() => socket.write('garbage garbage garbage\r\n'), 20)),
    ],
    ['a connection closed in the handshake', (socket) => socket.write('220 go\r\n', () => setTimeout(() => socket.destroy(), 20))],
    ['a handshake that never ends', '220 go\r\n'],
  ])('is gone around: %s', async (_name, answer) => {
    const server = await serve({ EHLO: offer('STARTTLS', 'PIPELINING'), STARTTLS: answer });
    const attempter = testAttempter();
    const session = await openTo(server, testPath, attempter);
    expect(session.facts.tls).toBeNull();
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
    const second = await openTo(server, testPath, attempter);
    expect(await second.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'delivered' }]);
    // A refusal costs no connection; a broken handshake costs one, once.
    expect(server.connections()).toBe(typeof answer === 'string' && answer.startsWith('454') ? 2 : 3);
  });
});

it('keeps mail for a server that demands the TLS which failed before, and tries TLS again', async () => {
  for (const refusal of ['530 5.7.0 Must issue a STARTTLS command first\r\n', '550 5.7.10 Encryption needed\r\n']) {
    const garbage: Answer = (socket) => socket.write('220 go\r\n', () => setTimeout(() => socket.write('garbage garbage garbage\r\n'), 20));
    const server = await serve({
      EHLO: offer('STARTTLS', 'PIPELINING'),
      STARTTLS: garbage,
      MAIL: refusal,
      RCPT: '503 no\r\n',
      DATA: '503 no\r\n',
    });
    const attempter = testAttempter();
    const session = await openTo(server, testPath, attempter);
    expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'deferred', bounceClass: 'tls' }]);
    expect(session.usable).toBe(false);
    await openTo(server, testPath, attempter);
    expect(server.commands.filter((command) => command === 'STARTTLS')).toHaveLength(2);
  }
  const busy = await serve({ EHLO: offer('STARTTLS'), STARTTLS: '454 4.7.0 no TLS now\r\n', MAIL: '530 5.7.0 STARTTLS first\r\n' });
  expect(await (await openTo(busy)).deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'deferred', bounceClass: 'tls' }]);
});

it('bounces mail that a server without TLS refuses for want of it', async () => {
  const session = await openTo(await serve({ MAIL: '530 5.7.0 Authentication required\r\n' }));
  expect(await session.deliver(transactionTo(['a@y.example']))).toMatchObject([{ kind: 'bounced' }]);
});

it('leaves nothing open after QUIT or destroy, or after a host that failed', async () => {
  const server = await serve();
  await (await openTo(server)).quit();
  (await openTo(server)).destroy();
  const rude = await serve({ EHLO: '550 no\r\n' });
  await testAttempter().connect(testPath, [hostAt(rude.port)]);
  expect([server.connections(), rude.connections()]).toEqual([2, 1]);
  await expect.poll(() => server.open() + rude.open()).toBe(0);
});
