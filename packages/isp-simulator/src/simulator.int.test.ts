// The whole sandbox over real sockets, with nodemailer as a sender that we did not write.
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gmail } from '@sluice/providers';
import { reactionParameters, startSimulator, type ReceivedMessage, type Simulator, type SimulatorOptions } from './index.ts';

let directory = '';
const running: Simulator[] = [];
const sockets: Socket[] = [];
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'simulator-'))));
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ seed: 'test', directory, ...options });
  running.push(simulator);
  return simulator;
}
async function received(simulator: Simulator): Promise<ReceivedMessage[]> {
  const messages: ReceivedMessage[] = [];
  for await (const message of simulator.received()) messages.push(message);
  return messages;
}

type SendOptions = { host?: string; to: string; body?: string };
function mailer(simulator: Simulator, source: string, host = '127.1.1.1', tls: object = { rejectUnauthorized: false }) {
  return nodemailer.createTransport({ host, port: simulator.smtpPort, localAddress: source, name: 'out.demo.example', tls });
}
async function send(simulator: Simulator, source: string, { host, to, body }: SendOptions): Promise<string> {
  const transport = mailer(simulator, source, host);
  try {
    const info = await transport.sendMail({ from: 'a@demo.example', to, subject: 'test', text: body ?? 'hello\n' });
    return String(info.response);
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  }
}
/** Connects and waits for the first line. */
async function greeting(simulator: Simulator, source: string, address: string): Promise<string> {
  const socket = connect({ host: address, port: simulator.smtpPort, localAddress: source });
  sockets.push(socket);
  return await new Promise((resolve, reject) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.once('error', reject);
    socket.once('close', () => resolve(''));
  });
}

test('a message is in the log with the id of its 250, its envelope, its source, its TLS and its exact bytes', async () => {
  const simulator = await start({ keepRaw: true });
  const response = await send(simulator, '127.2.0.9', { to: 'ann@gmail.com, bob@gmail.com', body: '.dot\r\n..two\r\n' });
  const [message, ...others] = await received(simulator);
  expect(others).toEqual([]);
  expect(message).toMatchObject({
    host: 'gmail-smtp-in.l.google.com',
    sourceAddress: '127.2.0.9',
    ehlo: 'out.demo.example',
    sender: 'a@demo.example',
    recipients: [{ address: 'ann@gmail.com' }, { address: 'bob@gmail.com' }],
    replyCode: 250,
    bareLineFeeds: 0,
    tls: { version: 'TLSv1.3' },
  });
  expect(gmail.simulated.acceptedIdPattern.exec(response)?.[1]).toBe(message?.id);
  expect(Buffer.from(message?.raw ?? '', 'base64').toString()).toContain('\r\n\r\n.dot\r\n..two\r\n');
});

test('the certificate of a provider verifies against the CA, that of a plain host does not', async () => {
  const simulator = await start();
  const verifying = (address: string, servername: string) =>
    mailer(simulator, '127.2.0.1', address, { ca: readFileSync(simulator.caPath), servername }).verify();
  await expect(verifying('127.1.1.1', 'gmail-smtp-in.l.google.com')).resolves.toBe(true);
  await expect(verifying('127.1.6.1', 'mx1.plain.example')).rejects.toThrow(/altname|does not match/i);
});

test('each source address has its own connection limit, and hears of it in the words of the provider', async () => {
  const simulator = await start({ profiles: { gmail: { limits: { connections: 2 } } } });
  const heard = [];
  // Over the hosts of the provider together: the third connection goes to another host.
  for (const address of ['127.1.1.1', '127.1.1.2', '127.1.1.3']) heard.push((await greeting(simulator, '127.2.0.1', address)).slice(0, 9));
  expect(heard).toEqual([expect.stringMatching(/^220 /), expect.stringMatching(/^220 /), '421 4.7.0']);
  expect(await greeting(simulator, '127.2.0.2', '127.1.1.1')).toMatch(/^220 /);
  expect(simulator.counters().get('gmail 127.2.0.1')).toMatchObject({ connections: 3, connectionsRefused: 1 });
});

test('each source address has its own message rate, changed while running', async () => {
  const simulator = await start();
  simulator.setProfile('yahoo', { limits: { messageRate: { count: 1, perSeconds: 60, burst: 1 } } });
  const to = { host: '127.1.2.1', to: 'ann@yahoo.com' };
  const heard = [];
  for (const source of ['127.2.0.1', '127.2.0.1', '127.2.0.1', '127.2.0.2']) heard.push(await send(simulator, source, to));
  expect(heard).toEqual([
    expect.stringMatching(/^250 /),
    expect.stringMatching(/^250 /),
    expect.stringMatching(/^421 4\.7\.0 \[TSS04\] Messages from 127\.2\.0\.1 /),
    expect.stringMatching(/^250 /),
  ]);
  expect(await received(simulator)).toHaveLength(3);
});

test('a source that sends on through deferrals is blocked in the words of the provider, and the provider tells what it thinks of it', async () => {
  const reaction = reactionParameters.parse({
    source: { warmPerHour: 60, warmLeastPerHour: 60, headroom: 1, burstSeconds: 60, startReputation: 1, block: { fromStrainMinutes: 2.5 } },
  });
  const simulator = await start({ profiles: { gmx: { reaction } } });
  const heard = [];
  for (let sent = 0; sent < 6; sent++) heard.push(await send(simulator, '127.2.0.1', { host: '127.1.10.1', to: 'ann@gmx.net' }));
  expect(heard.map((reply) => reply.slice(0, 3))).toEqual(['250', '450', '450', '450', '554', '554']);
  expect(heard[1]).toContain('Mail send limit exceeded for 127.2.0.1');
  expect(heard[4]).toContain('IP address is blocked: 127.2.0.1');
  // Over all hosts of the provider, and for this source only.
  expect(await send(simulator, '127.2.0.1', { host: '127.1.10.2', to: 'ann@web.de' })).toMatch(/^554/);
  expect(await send(simulator, '127.2.0.2', { host: '127.1.10.1', to: 'ann@gmx.net' })).toMatch(/^250/);
  expect(simulator.views().get('gmx')).toContainEqual(
    expect.objectContaining({ identity: 'source', value: '127.2.0.1', standing: 'blocked', passed: 1 }),
  );
});

test('a first try is put off where greylisting stands, and a signing domain has an account of its own', async () => {
  const simulator = await start();
  expect(await send(simulator, '127.2.0.1', { host: '127.1.11.1', to: 'ann@greylisting.example' })).toMatch(/^450 4\.2\.0 /);
  const transport = mailer(simulator, '127.2.0.1');
  const signature = 'v=1; a=rsa-sha256; d=News.Example; s=x; b=AA==';
  await transport.sendMail({ from: 'a@demo.example', to: 'complain.ann@gmail.com', text: 'x', headers: { 'DKIM-Signature': signature } });
  const seen = simulator
    .views()
    .get('gmail')
    ?.map(({ identity, value, passed }) => [identity, value, passed]);
  expect(seen).toEqual([
    ['source', '127.2.0.1', 1],
    ['dkimDomain', 'news.example', 1],
  ]);
});

test('unknown and full mailboxes are refused and nothing of it is in the log', async () => {
  const simulator = await start();
  expect(await send(simulator, '127.2.0.1', { to: 'unknown.ann@gmail.com' })).toMatch(/^550-5\.1\.1 /);
  expect(await send(simulator, '127.2.0.1', { to: 'full.ann@gmail.com' })).toMatch(/^452-4\.2\.2 /);
  expect(await received(simulator)).toEqual([]);
});

test('a message refused after its dot is in the log without an id, and a dropped one with no reply', async () => {
  const simulator = await start();
  const host = '127.1.6.1';
  expect(await send(simulator, '127.2.0.1', { host, to: 'tempfail.ann@shop.example' })).toMatch(/^451 /);
  expect(await send(simulator, '127.2.0.1', { host, to: 'drop.ann@shop.example' })).toMatch(/closed|ended|ECONN/i);
  expect(await send(simulator, '127.2.0.1', { host, to: 'lose.ann@shop.example' })).toMatch(/closed|ended|ECONN/i);
  expect((await received(simulator)).map(({ replyCode, id }) => [replyCode, id])).toEqual([
    [451, null],
    [0, null],
  ]);
});

test('pipelined commands are answered in order, with the rest of a session after a message', async () => {
  const simulator = await start();
  const socket = connect({ host: '127.1.6.1', port: simulator.smtpPort, localAddress: '127.2.0.1' });
  sockets.push(socket);
  const one =
    'MAIL FROM:<a@demo.example>\r\nRCPT TO:<ann@shop.example>\r\nRCPT TO:<unknown@shop.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n';
  socket.write(`EHLO out.example\r\n${one}${one}QUIT\r\n`);
  const replies = await text(socket);
  const codes = replies.split('\r\n').filter((line) => line.charAt(3) === ' ');
  expect(codes.map((line) => line.slice(0, 3))).toEqual([
    '220',
    '250',
    ...['250', '250', '550', '354', '250'],
    ...['250', '250', '550', '354', '250'],
    '221',
  ]);
});

test('commands sent ahead of the TLS handshake end the connection', async () => {
  const simulator = await start();
  const socket = connect({ host: '127.1.1.1', port: simulator.smtpPort });
  sockets.push(socket);
  socket.write('EHLO out.example\r\nSTARTTLS\r\nMAIL FROM:<evil@demo.example>\r\n');
  const replies = await text(socket);
  expect(replies).toMatch(/220 2\.0\.0 Ready to start TLS\r\n$/);
});

test('the dead host refuses, the silent host says nothing, and any host can be made to refuse for a while', async () => {
  const simulator = await start();
  await expect(greeting(simulator, '127.2.0.1', '127.1.5.1')).rejects.toThrow(/ECONNREFUSED/);
  const silent = await Promise.race([
    greeting(simulator, '127.2.0.1', '127.1.5.2'),
    new Promise((resolve) => setTimeout(resolve, 200, 'nothing')),
  ]);
  expect(silent).toBe('nothing');
  const open = connect({ host: '127.1.6.1', port: simulator.smtpPort });
  const ended = new Promise<void>((resolve) => open.once('close', () => resolve()).once('error', () => undefined));
  await new Promise<void>((resolve) => open.once('data', () => resolve()));
  await simulator.refuse('mx1.plain.example');
  await ended;
  await expect(greeting(simulator, '127.2.0.1', '127.1.6.1')).rejects.toThrow(/ECONNREFUSED/);
  await simulator.allow('mx1.plain.example');
  expect(await greeting(simulator, '127.2.0.1', '127.1.6.1')).toMatch(/^220 mx1\.plain\.example /);
});

test('the DNS answers a real resolver, lies where told, and outlives nonsense', async () => {
  const simulator = await start();
  const resolver = new Resolver();
  resolver.setServers([simulator.dnsAddress]);
  const [address = '', port = '0'] = simulator.dnsAddress.split(':');
  const udp = createSocket('udp4');
  for (const nonsense of ['', 'x', '\0'.repeat(12), '\xff'.repeat(600)])
    await new Promise((resolve) => udp.send(nonsense, Number(port), address, resolve));
  udp.close();
  const tcp = connect(Number(port), address);
  sockets.push(tcp);
  tcp.write(Buffer.from([0xff, 0xff, 1, 2, 3]));

  expect((await resolver.resolveMx('gmail.com')).find((mx) => mx.priority === 5)).toMatchObject({
    exchange: 'gmail-smtp-in.l.google.com',
    priority: 5,
  });
  expect(await resolver.resolve4('gmail-smtp-in.l.google.com')).toEqual(['127.1.1.1']);
  await expect(resolver.resolveMx('no.invalid')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolver.resolve6('gmail-smtp-in.l.google.com')).rejects.toMatchObject({ code: 'ENODATA' });
  const lie = 'v=DKIM1; k=rsa; p='.padEnd(2000, 'k');
  simulator.dns.override('s1._domainkey.demo.example', 'TXT', { kind: 'records', records: [{ type: 'TXT', data: lie }] });
  expect((await resolver.resolveTxt('s1._domainkey.demo.example')).map((strings) => strings.join(''))).toEqual([lie]);
});

test('the same seed gives the same ids; a start over an old log gives new ones and loses nothing', async () => {
  const ids = async (where: string) => {
    const simulator = await startSimulator({ seed: 'same', directory: where });
    for (let sent = 0; sent < 3; sent++) await send(simulator, '127.2.0.1', { host: '127.1.6.1', to: 'ann@shop.example' });
    await simulator.stop();
    return (await received(simulator)).map((message) => message.id);
  };
  const first = await ids(join(directory, 'a'));
  expect(first).toHaveLength(3);
  expect(await ids(join(directory, 'b'))).toEqual(first);
  const again = await ids(join(directory, 'a'));
  expect(again.slice(0, 3)).toEqual(first);
  expect(new Set(again).size).toBe(6);
});

test('a stop while replies are waiting ends their connections and nothing else', async () => {
  const simulator = await start();
  const waiting = send(simulator, '127.2.0.1', { host: '127.1.1.1', to: 'slow.ann@gmail.com' });
  await expect.poll(() => simulator.counters().get('gmail 127.2.0.1')?.messages).toBe(1);
  await simulator.stop();
  running.splice(0);
  expect(await waiting).toMatch(/closed|ended|ECONN/i);
  // Past the time at which the reply would have gone out.
  await new Promise((resolve) => setTimeout(resolve, 3_100));
  expect(await received(simulator)).toEqual([]);
});

test('refuses to stand anywhere but on loopback', async () => {
  await expect(startSimulator({ seed: 'x', directory, bind: '0.0.0.0' })).rejects.toThrow(/loopback only/);
});
