// The sample traffic against a small SMTP listener of the test: what it sends, and that it never piles up.
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { brands } from './brands.ts';
import type { DemoCredential } from './seed.ts';
import { runTraffic } from './traffic.ts';

interface Listener {
  port: number;
  messages: { user: string; from: string; to: string; data: string }[];
  open: () => number;
}

const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  }
});

/** Takes AUTH PLAIN and any mail; `silent` says nothing after the final dot. */
async function listen(silent = false): Promise<Listener> {
  const messages: Listener['messages'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setEncoding('latin1'));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const mail = { user: '', from: '', to: '', data: '' };
    let inData = false;
    let rest = '';
    const say = (line: string) => void socket.write(`${line}\r\n`);
    const onLine = (line: string) => {
      if (inData) {
        if (line !== '.') return void (mail.data += `${line}\n`);
        inData = false;
        messages.push({ ...mail });
        mail.data = '';
        if (!silent) say('250 2.0.0 taken');
        return;
      }
      const [verb = ''] = line.toUpperCase().split(/[ :]/, 1);
      if (verb === 'EHLO') return say('250-test\r\n250 AUTH PLAIN');
      if (verb === 'AUTH')
        mail.user =
          Buffer.from(line.split(' ')[2] ?? '', 'base64')
            .toString()
            .split('\0')[1] ?? '';
      if (verb === 'MAIL') mail.from = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (verb === 'RCPT') mail.to = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (verb === 'DATA') inData = true;
      say(verb === 'DATA' ? '354 go on' : verb === 'AUTH' ? '235 2.7.0 you' : '250 2.0.0 ok');
    };
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(onLine);
    });
    say('220 test ESMTP');
  });
  servers.push({ server, sockets });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, messages, open: () => sockets.size };
}

const credentials: DemoCredential[] = brands.flatMap((brand) =>
  brand.streams.map((stream) => ({
    tenant: brand.slug,
    stream: stream.name,
    domain: stream.domain,
    username: `u-${stream.domain}`,
    password: 'p',
  })),
);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 20));
}

test('every message goes out under the credential of its sender domain, and counts agree with what was taken', async () => {
  const listener = await listen();
  const stop = new AbortController();
  const smtp = { host: '127.0.0.1', port: listener.port };
  const running = runTraffic({ smtp, credentials, ratePerSecond: 50, signal: stop.signal });
  await until(() => listener.messages.length >= 30);
  stop.abort();
  const counts = await running;
  expect(counts).toMatchObject({ accepted: listener.messages.length, failed: 0 });
  for (const { user, from, to, data } of listener.messages) {
    expect(user).toBe(`u-${from.split('@')[1]}`);
    expect(to).toMatch(/^[a-z.]+@[a-z.]+$/);
    expect(data).toMatch(/^Message-ID:\s*</im);
    expect(data.length).toBeLessThan(20_000);
  }
  await until(() => listener.open() === 0);
});

test('an engine that does not answer gets a bounded number of messages, the rest are left out', async () => {
  const listener = await listen(true);
  const stop = new AbortController();
  const smtp = { host: '127.0.0.1', port: listener.port };
  const running = runTraffic({ smtp, credentials, ratePerSecond: 50, signal: stop.signal });
  await new Promise((done) => setTimeout(done, 1_500));
  expect(listener.open()).toBeLessThanOrEqual(2 * credentials.length);
  expect(listener.messages.length).toBeLessThanOrEqual(20);
  stop.abort();
  for (const { sockets } of servers) for (const socket of sockets) socket.destroy();
  for (const { server } of servers) server.close();
  const counts = await running;
  expect(counts.accepted).toBe(0);
  expect(counts.failed).toBeLessThanOrEqual(20);
  expect(counts.leftOut).toBeGreaterThan(10);
});
