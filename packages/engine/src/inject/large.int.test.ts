// Large messages by SMTP into a spool on the real disk, through the listener's thread: stored as a small one would be, held nowhere, and
// gone when they are refused.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildGeneration, emptyEntitySet } from '../config/build-generation.ts';
import type { EntitySet } from '../config/entity-set.ts';
import type { Generation } from '../config/generation.ts';
import type { RecipientEntry, StoredContent } from '../entry.ts';
import { systemClock, systemRandom } from '../host/index.ts';
import { inspectContent } from '../message/index.ts';
import { SpoolError, type ContentDraft } from '../ports.ts';
import { openSpool, type OpenSpool } from '../spool/index.ts';
import { deltaOf, id, smallConfig, type SampleEntity } from '../testing/sample-config.ts';
import { ThreadedListener } from './threaded-listener.ts';
import { submissionDefaults } from './transaction.ts';

const relay: SampleEntity = { kind: 'relay', id: id(900), body: { tenantId: id(1), streamId: id(301), cidr: '127.0.0.0/8' } };
const maxMessageBytes = 6_000_000;
const head = 'From: <a@tenant1.example>\r\nX-Sluice-Campaign: spring\r\nBcc: secret@x.example\r\nSubject: large\r\n\r\n';
const body = Array.from({ length: 60_000 }, (_, index) => `${index % 9 === 0 ? '.' : ''}${index} ${'x'.repeat(70)}\r\n`).join('');

let folder: string;
let spool: OpenSpool;
let draft: () => ContentDraft;
let accepted: RecipientEntry[];
let listener: ThreadedListener;
let workers: Worker[];
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  [folder, accepted, workers] = [mkdtempSync(join(tmpdir(), 'large-')), [], []];
  spool = await openSpool({
    ...{ directory: folder, node: 'n', worker: 0, egress: 'sandbox', thread: true, clock: systemClock, random: systemRandom },
    log: () => undefined,
    limits: { softFreeBytes: 0, resumeFreeBytes: 0 },
  });
  draft = () => spool.draft();
  let swapped: (generation: Generation, entities: EntitySet) => void | Promise<void> = () => undefined;
  const pair = await generate([{ name: 'commonName', value: 'mx.example' }], { keyType: 'ec' });
  const own = { bind: '127.0.0.1', port: 0, hostName: 'mx.example', egress: 'sandbox', maxMessageBytes } as const;
  listener = new ThreadedListener(
    {
      clock: systemClock,
      configuration: { onSwap: (hear) => ((swapped = hear), () => true) },
      accept: async (injection) => void accepted.push(...(await spool.accept(injection)).entries),
      draft: () => draft(),
      ...{ trouble: () => spool.trouble(), takesMail: () => true, log: () => undefined, onProblem: () => undefined },
    },
    { ...submissionDefaults, ...own, tls: { key: pair.private, cert: pair.cert } },
    (workerData) => {
      const worker = new Worker(new URL('./listener-thread.ts', import.meta.url), { workerData });
      workers.push(worker);
      return worker;
    },
  );
  const built = buildGeneration(emptyEntitySet, deltaOf(1, [...smallConfig(), relay], []));
  if (!built.ok) throw new Error(JSON.stringify(built.problems));
  await swapped(built.generation, built.entities);
  port = await listener.listen();
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener.close(1_000);
  await spool.close();
  rmSync(folder, { recursive: true });
});

const contentFiles = (): string[] => readdirSync(join(folder, 'worker-0')).filter((name) => name.startsWith('content-'));

/** An open DATA command; `end` resolves with the reply to the message. */
async function begin(): Promise<{ socket: Socket; write(text: string): Promise<void>; reply(): Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  const reply = async (code: RegExp): Promise<string> => {
    await expect.poll(() => code.test(heard) || socket.destroyed, { timeout: 20_000, interval: 5 }).toBe(true);
    const line = code.exec(heard)?.[0] ?? '';
    heard = '';
    return line;
  };
  await reply(/^220 [^\n]*\n/m);
  socket.write('EHLO c.example\r\n');
  await reply(/^250 [^\n]*\n/m);
  socket.write('MAIL FROM:<a@tenant1.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n');
  await reply(/^354 [^\n]*\n/m);
  return {
    socket,
    write: (text) => new Promise((resolve) => socket.write(text.replaceAll(/^\./gm, '..'), () => resolve())),
    reply: () => reply(/^\d{3} [^\n]*\n/m),
  };
}

async function send(text: string): Promise<string> {
  const client = await begin();
  await client.write(text);
  client.socket.write('.\r\n');
  return client.reply();
}

async function whole({ bytes, further }: StoredContent): Promise<Buffer> {
  const parts: Uint8Array[] = [bytes];
  for (let n = 0; n < (further?.count ?? 0); n += 1) parts.push((await further?.read(n)) ?? new Uint8Array(0));
  return Buffer.concat(parts);
}

test('a large message is stored as a small one would be, with the same facts, in parts', async () => {
  expect(await send(head + body)).toMatch(/^250 2\.0\.0 Ok: queued as /);
  const [entry] = accepted;
  if (!entry) throw new Error('not accepted');
  expect(entry).toMatchObject({ campaign: 'spring', recipient: 'b@example.org', tenantId: id(1) });
  const stored = await spool.read(entry.content);
  expect(stored.further?.count).toBeGreaterThan(10);
  const bytes = await whole(stored);
  const text = bytes.toString('latin1');
  expect(text).toMatch(/^Received: from c\.example/);
  expect(text).not.toMatch(/X-Sluice|Bcc/);
  expect(text.slice(text.indexOf('\r\n\r\n') + 4) === body).toBe(true);
  const inspected = inspectContent(bytes);
  if (!inspected.ok) throw new Error(inspected.message);
  expect(stored.facts).toEqual(inspected.facts);
});

test.each([
  ['larger than the limit', head + body + body, /^552 5\.3\.4 Message exceeds 6000000 octets/],
  ['broken in the middle of its body', `${head}${body}bare\nline\r\n`, /^554 5\.6\.0 line 60006 ends in LF without CR/],
  ['from a domain of somebody else', (head + body).replace('tenant1', 'tenant2'), /^550 5\.7\.1 The From address/],
  [
    'without an end of its header',
    `From: <a@tenant1.example>\r\n${`X: ${'x'.repeat(90)}\r\n`.repeat(30_000)}`,
    /^554 5\.6\.0 header is too long/,
  ],
])('one that is %s is refused, leaves nothing in the spool and does not end the session', async (_name, text, expected) => {
  const client = await begin();
  await client.write(text);
  client.socket.write('.\r\n');
  expect(await client.reply()).toMatch(expected);
  client.socket.write('NOOP\r\n');
  expect(await client.reply()).toMatch(/^250 /);
  expect(accepted).toEqual([]);
  await expect.poll(contentFiles).toEqual([]);
});

test('one whose client goes away in the middle leaves nothing in the spool', async () => {
  const client = await begin();
  await client.write(head + body.slice(0, 3_000_000));
  await expect.poll(contentFiles).toHaveLength(1);
  client.socket.destroy();
  await expect.poll(contentFiles).toEqual([]);
  expect(await send(head + body)).toMatch(/^250 /);
});

test('one that finds the disk full is refused for now, whenever that turns out', async () => {
  const full = (): Promise<never> => Promise.reject(new SpoolError({ code: 'disk_full', message: 'full', deliveryMayGoOn: true }));
  draft = () => ({ ...spool.draft(), append: full });
  expect(await send(head + body)).toMatch(/^452 4\.3\.1 /);
  draft = () => ({ ...spool.draft(), finish: full });
  expect(await send(head + body)).toMatch(/^452 4\.3\.1 /);
  expect(accepted).toEqual([]);
});

test('what a thread that ends had begun is gone with it', async () => {
  const client = await begin();
  await client.write(head + body.slice(0, 3_000_000));
  await expect.poll(contentFiles).toHaveLength(1);
  await workers[0]?.terminate();
  await expect.poll(contentFiles).toEqual([]);
});

test('the pace of a large message is that of the spool: while it takes nothing the client is not read further', async () => {
  let release: () => void = () => undefined;
  let waiting = 0;
  draft = () => {
    const real = spool.draft();
    const held = new Promise<void>((resolve) => (release = resolve));
    return { ...real, append: async (part) => ((waiting += 1), await held, real.append(part)) };
  };
  const client = await begin();
  const text = `${head}${body}${`${'y'.repeat(98)}\r\n`.repeat(10_000)}`;
  const written = client.write(text);
  await expect.poll(() => waiting).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(waiting).toBe(1);
  expect(client.socket.bytesWritten - client.socket.writableLength).toBeLessThan(text.length);
  release();
  await written;
  client.socket.write('.\r\n');
  expect(await client.reply()).toMatch(/^250 /);
});
