// A trace of real connections: what an operator reads of a delivery over TLS, with a login, of two tenants' mail on one connection, and
// of a host that is not there.
import { afterEach, describe, expect, it } from 'vitest';
import { defaultDeliverySettings, type CommandScope } from '@sluice/contract';
import {
  hostAt,
  offer,
  pathWith,
  scriptedServer,
  testAttempter,
  testEntry,
  transactionTo,
  type ScriptedServer,
} from '../deliver/testing.ts';
import { systemClock } from '../host/index.ts';
import type { DeliverySession, EgressPath } from '../ports.ts';
import { ReadyPath } from '../queue/ready-path.ts';
import { keptTraceFeed, traceOrder } from '../testing/sample-trace.ts';
import { Traces } from './traces.ts';

const mine = '00000000-0000-4000-8000-000000000001';
const theirs = '00000000-0000-4000-8000-000000000002';
let server: ScriptedServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

function tracing(scope: CommandScope, egress: EgressPath) {
  const kept = keptTraceFeed();
  const open: DeliverySession[] = [];
  const traces = new Traces({ clock: systemClock, feed: kept.feed, sessions: () => open, sourceName: () => 'out 1' });
  const route = { site: egress.site, provider: null, exchanges: [], port: 25 };
  const path = new ReadyPath(egress, route, 'n1', () => undefined);
  traces.set([traceOrder(scope)]);
  const connect = (port: number) => testAttempter().connect(egress, [hostAt(port)], traces.listenerFor(path));
  const told = async () => {
    await traces.stop();
    return kept.lines().map(({ kind, text }) => `${kind}: ${text}`);
  };
  return { connect, told, lines: kept.lines };
}

const from = (tenantId: string, word: string) => ({
  ...transactionTo([`${word}@y.example`], Buffer.from(`Subject: secret ${word}\r\n\r\nsecret body\r\n`)),
  sender: `${word}@x.example`,
  entries: [{ ...testEntry(`${word}@y.example`), tenantId }],
});

describe('a trace over real sockets', () => {
  it('shows every line both ways with times that grow, sizes instead of messages, and the end', async () => {
    server = await scriptedServer({ EHLO: offer('PIPELINING', 'SIZE 1000'), RCPT: '250-2.1.5 yes\r\n250 2.1.5 ok \u001b[31m\r\n' });
    const { connect, told, lines } = tracing({ site: 'mx.example' }, pathWith({}));
    const result = await connect(server.port);
    if (!result.ok) throw new Error('no session');
    await result.session.deliver(from(mine, 'ann'));
    await result.session.quit();
    const port = server.port;
    expect(await told()).toEqual([
      `opened: from out 1 127.0.0.1 (out.example) to mx.example [127.0.0.1]:${port}, site mx.example, TLS opportunistic`,
      'connected: the connection is there',
      'received: 220 mx.example',
      'sent: EHLO out.example',
      'received: 250-mx.example',
      'received: 250-PIPELINING',
      'received: 250 SIZE 1000',
      'sent: MAIL FROM:<ann@x.example> SIZE=36',
      'sent: RCPT TO:<ann@y.example>',
      'sent: DATA',
      'received: 250 2.1.0 ok',
      'received: 250-2.1.5 yes',
      'received: 250 2.1.5 ok \\x1b[31m',
      'received: 354 go',
      'message: a message of 36 octets',
      'received: 250 2.0.0 queued',
      'sent: QUIT',
      'received: 221 2.0.0 bye',
      'closed: in order',
    ]);
    const since = lines().map(({ sinceMs }) => sinceMs);
    expect(since).toEqual([...since].sort((a, b) => a - b));
    expect(
      lines()
        .map(({ text }) => text)
        .join(),
    ).not.toContain('secret');
  });

  it("shows one tenant its own transactions of a connection that carries another's before, behind and after them", async () => {
    server = await scriptedServer({
      MAIL: (socket, line) => socket.write(`250 2.1.0 ${line.slice(10)} ok\r\n`),
      QUIT: (socket) => socket.end('221 2.0.0 zzyzx is gone\r\n'),
    });
    const { connect, told } = tracing({ tenant: mine }, pathWith({}));
    const result = await connect(server.port);
    if (!result.ok) throw new Error('no session');
    const { session } = result;
    const [first, own, last] = [from(theirs, 'zzyzx'), from(mine, 'ann'), from(theirs, 'zzyzx')];
    await session.deliver(first, () => own);
    await session.deliver(own, () => last);
    await session.deliver(last);
    await session.quit();
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(3);
    const lines = await told();
    expect(lines.join('\n')).not.toContain('zzyzx');
    expect(lines.filter((line) => /ann|message|closed/.test(line))).toEqual([
      'sent: MAIL FROM:<ann@x.example> SIZE=36',
      'sent: RCPT TO:<ann@y.example>',
      'received: 250 2.1.0 <ann@x.example> SIZE=36 ok',
      'message: a message of 36 octets',
      'closed: ',
    ]);
  });

  it('shows how TLS went wrong, and the plaintext session after it as one of its own', async () => {
    server = await scriptedServer({
      EHLO: offer('STARTTLS'),
      STARTTLS: (socket) => {
        socket.write('220 go\r\n');
        socket.once('data', () => socket.end('no TLS here'));
      },
    });
    const { connect, told, lines } = tracing({ site: 'mx.example' }, pathWith({}));
    const result = await connect(server.port);
    if (!result.ok) throw new Error('no session');
    result.session.destroy();
    const all = await told();
    expect(all.filter((line) => line.startsWith('tls: failed'))).toHaveLength(1);
    expect(Math.max(...lines().map(({ session }) => session))).toBe(2);
    expect(all.at(-1)).toBe('closed: closed by us');
  });

  it('shows a host that nobody answers at', async () => {
    server = await scriptedServer({});
    const { port } = server;
    await server.close();
    server = null;
    const { connect, told } = tracing({ site: 'mx.example' }, pathWith({ ...defaultDeliverySettings, connectTimeoutMs: 500 }));
    expect((await connect(port)).ok).toBe(false);
    expect((await told()).at(-1)).toMatch(/^closed: no connection: ECONNREFUSED/);
  });
});
