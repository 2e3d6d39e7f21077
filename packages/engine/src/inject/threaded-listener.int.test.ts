// The listener on its thread, with real sockets: what a client says arrives in the engine's thread as it was, and what the engine's thread
// knows holds for the next client.
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildGeneration, emptyEntitySet } from '../config/build-generation.ts';
import type { EntitySet } from '../config/entity-set.ts';
import type { Generation } from '../config/generation.ts';
import type { Injection } from '../entry.ts';
import { systemClock } from '../host/index.ts';
import { SpoolError, type SpoolTrouble } from '../ports.ts';
import { deltaOf, id, smallConfig, type SampleEntity } from '../testing/sample-config.ts';
import { memorySpool } from '../testing/memory-spool.ts';
import { ThreadedListener } from './threaded-listener.ts';
import { submissionDefaults } from './transaction.ts';

const relay: SampleEntity = { kind: 'relay', id: id(900), body: { tenantId: id(1), streamId: id(301), cidr: '127.0.0.0/8' } };
const withoutRelay: SampleEntity = { ...relay, body: { ...(relay.body as object), enabled: false } };
const diskFull: SpoolTrouble = { code: 'disk_full', message: 'no space', deliveryMayGoOn: true };

let swapped: (generation: Generation, entities: EntitySet) => void | Promise<void>;
let history: SampleEntity[];
let set: EntitySet;
let accepted: Injection[];
let accept: (injection: Injection) => Promise<void>;
let trouble: SpoolTrouble | null;
let takesMail: boolean;
let problems: string[];
let workers: Worker[];
let listener: ThreadedListener;
let port: number;

async function configure(...entities: SampleEntity[]): Promise<void> {
  const built = buildGeneration(set, deltaOf(set.revision + 1, entities, history));
  if (!built.ok) throw new Error(JSON.stringify(built.problems));
  history.push(...entities);
  set = built.entities;
  await swapped(built.generation, built.entities);
}

beforeEach(async () => {
  [history, set, accepted, trouble, problems, workers] = [[], emptyEntitySet, [], null, [], []];
  takesMail = true;
  accept = (injection) => (accepted.push(injection), Promise.resolve());
  const pair = await generate([{ name: 'commonName', value: 'mx.example' }], { keyType: 'ec' });
  const tls = { key: pair.private, cert: pair.cert };
  listener = new ThreadedListener(
    {
      clock: systemClock,
      configuration: { onSwap: (hear) => ((swapped = hear), () => true) },
      accept: (injection) => accept(injection),
      draft: () => memorySpool().draft(),
      trouble: () => trouble,
      takesMail: () => takesMail,
      log: () => undefined,
      onProblem: (message) => problems.push(message),
    },
    { ...submissionDefaults, bind: '127.0.0.1', port: 0, hostName: 'mx.example', egress: 'sandbox', tls },
    (workerData) => {
      const worker = new Worker(new URL('./listener-thread.ts', import.meta.url), { workerData });
      workers.push(worker);
      return worker;
    },
  );
  await configure(...smallConfig(), relay);
  port = await listener.listen();
});
afterEach(() => listener.close(1_000));

/** A client that sends flights and waits for as many final replies. */
class Client {
  readonly #socket: Socket;
  #lines: string[] = [];
  #pending = '';
  #heard: () => void = () => undefined;

  constructor() {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => {
      const lines = (this.#pending + chunk.toString()).split('\r\n');
      this.#pending = lines.pop() ?? '';
      this.#lines.push(...lines.filter((line) => line[3] === ' '));
      this.#heard();
    });
    this.#socket.on('close', () => this.#heard());
    this.#socket.on('error', () => undefined);
  }

  async say(flight: string | Buffer, replies = 1): Promise<string[]> {
    if (flight.length > 0) this.#socket.write(flight);
    while (this.#lines.length < replies && !this.#socket.destroyed) await new Promise<void>((resolve) => (this.#heard = resolve));
    return this.#lines.splice(0, replies);
  }

  async begin(): Promise<this> {
    await this.say('');
    await this.say('EHLO c.example\r\n');
    return this;
  }

  async send(content: string): Promise<string | undefined> {
    const envelope = await this.say('MAIL FROM:<a@tenant1.example>\r\nRCPT TO:<b@Example.ORG>\r\nDATA\r\n', 3);
    if (!envelope[2]?.startsWith('354')) return envelope[0];
    return (await this.say(`${content}\r\n.\r\n`))[0];
  }

  end(): void {
    this.#socket.destroy();
  }
}

const head = 'From: <a@tenant1.example>\r\nSubject: hi\r\n\r\n';

test('messages of many sessions arrive whole, small ones together and large ones by themselves, each under the id of its reply', async () => {
  const bodies = Array.from({ length: 60 }, (_, index) =>
    `${index}: ${'x'.repeat(index % 6 === 0 ? 900 : 20)}\r\n`.repeat(index % 6 === 0 ? 300 : 1),
  );
  const replies = await Promise.all(
    bodies.map(async (body) => {
      const client = await new Client().begin();
      const reply = await client.send(`${head}${body.trimEnd()}`);
      client.end();
      return reply;
    }),
  );
  expect(new Set(replies)).toEqual(new Set(accepted.map(({ messageId }) => `250 2.0.0 Ok: queued as ${messageId}`)));
  const stored = accepted.map(({ bytes }) => Buffer.from(bytes).toString());
  expect(stored.map((text) => text.slice(text.indexOf('\r\n\r\n') + 4)).toSorted()).toEqual(bodies.toSorted());
  expect(accepted.every(({ facts, bytes, tenantId }) => facts.sizeBytes === bytes.length && tenantId === id(1))).toBe(true);
});

test('a revision holds in the thread when its swap has ended', async () => {
  const client = await new Client().begin();
  expect(await client.send(head)).toMatch(/^250 /);
  await configure(withoutRelay);
  expect(await client.send(head)).toMatch(/^530 /);
  await configure(relay, ...Array.from({ length: 2_500 }, (_, index) => domainOf(index)));
  expect(await client.send(head.replace('tenant1', 'd2499'))).toMatch(/^250 /);
  client.end();
});

const domainOf = (index: number): SampleEntity => ({
  ...{ kind: 'domain', id: id(10_000 + index) },
  body: { tenantId: id(1), domain: `d${index}.example` },
});

test('a message that the spool refuses is refused, and a full disk is told at MAIL soon', async () => {
  const client = await new Client().begin();
  accept = () => Promise.reject(new SpoolError(diskFull));
  expect(await client.send(head)).toMatch(/^452 4\.3\.1 /);
  accept = () => Promise.reject(new Error('a fault of ours'));
  expect(await client.send(head)).toMatch(/^451 4\.3\.0 /);
  expect(problems).toEqual(['a fault of ours']);
  trouble = diskFull;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await client.say('MAIL FROM:<a@tenant1.example>\r\n')).toEqual([expect.stringMatching(/^452 4\.3\.1 /)]);
  client.end();
});

test('no 250 goes out before the engine has the message on disk', async () => {
  let durable: () => void = () => undefined;
  accept = () => new Promise((resolve) => (durable = resolve));
  const client = await new Client().begin();
  let reply: string | undefined;
  const sent = client.send(head).then((text) => (reply = text));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(reply).toBeUndefined();
  durable();
  expect(await sent).toMatch(/^250 /);
  client.end();
});

test('a thread that ends is replaced on the same port with the same configuration; its sessions got no 250', async () => {
  const client = await new Client().begin();
  let handed = 0;
  accept = () => ((handed += 1), new Promise(() => undefined));
  const sent = client.send(head);
  await expect.poll(() => handed).toBe(1);
  await workers[0]?.terminate();
  expect(await sent).toBeUndefined();
  accept = (injection) => (accepted.push(injection), Promise.resolve());
  await expect.poll(async () => (await new Client().begin()).send(head), { timeout: 10_000 }).toMatch(/^250 /);
  expect(workers.length).toBe(2);
  expect(problems.length).toBe(1);
});

test('closing waits for the message in hand and its reply', async () => {
  let durable: () => void = () => undefined;
  accept = () => new Promise((resolve) => (durable = resolve));
  const client = await new Client().begin();
  const sent = client.send(head);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const closed = listener.close(5_000);
  setTimeout(() => durable(), 100);
  expect(await sent).toMatch(/^250 /);
  await closed;
  client.end();
});

test('once it heeds that the node is drained no open session begins another message, and each does once it is taken back', async () => {
  const clients = await Promise.all(Array.from({ length: 10 }, () => new Client().begin()));
  const sendAll = async (): Promise<string[]> => {
    const replies = await Promise.all(clients.map((client) => client.send(`${head}body`)));
    return [...new Set(replies.map((reply) => reply?.slice(0, 9) ?? 'nothing'))];
  };
  for (let round = 0; round < 5; round += 1) {
    takesMail = false;
    await listener.heed();
    expect(await sendAll()).toEqual(['421 4.3.2']);
    for (const client of clients.splice(0)) client.end();
    takesMail = true;
    await listener.heed();
    clients.push(...(await Promise.all(Array.from({ length: 10 }, () => new Client().begin()))));
    expect(await sendAll()).toEqual(['250 2.0.0']);
  }
  expect(accepted.length).toBe(50);
  for (const client of clients) client.end();
});

test('a thread that ends keeps nobody waiting for what it heeds', async () => {
  const heeded = listener.heed();
  await workers[0]?.terminate();
  await heeded;
});
