// A message that is not held whole, over real sockets: it goes out octet for octet, part after part, and breaks off before its end when a part
// cannot be read.
import { afterEach, expect, it } from 'vitest';
import type { FurtherParts } from '../entry.ts';
import type { DeliverySession, Transaction } from '../ports.ts';
import { hostAt, offer, pathWith, scriptedServer, testAttempter, transactionTo, type Answer, type ScriptedServer } from './testing.ts';

const header = 'From: s@x.example\r\n\r\n';
const body = Array.from({ length: 3_000 }, (_, index) => `${index % 3 === 0 ? '.' : ''}line ${index}\r\n`).join('');
let server: ScriptedServer;
let session: DeliverySession;
afterEach(async () => {
  session.destroy();
  await server.close();
});

async function openTo(settings: Parameters<typeof pathWith>[0], answers: Record<string, Answer> = {}): Promise<void> {
  server = await scriptedServer({ EHLO: offer('PIPELINING', '8BITMIME', 'SIZE', 'CHUNKING'), ...answers });
  const result = await testAttempter().connect(pathWith(settings), [hostAt(server.port)]);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  session = result.session;
}

/** Parts cut at every offset in turn: also between CR, LF and dot. `missing`: the part that cannot be read. */
function inParts(text: string, missing: number | null = null): { transaction: Transaction; read: number[] } {
  const all = Buffer.from(text);
  const parts: Buffer[] = [];
  for (let from = 0, size = 1; from < all.length; from += size, size = 1 + ((size * 7) % 97)) parts.push(all.subarray(from, from + size));
  const read: number[] = [];
  const front = Buffer.from(header);
  const further: FurtherParts = {
    bytes: all.length,
    count: parts.length,
    read: (n) => {
      read.push(n);
      const part = parts[n];
      return n === missing || !part ? Promise.reject(new Error('damaged')) : Promise.resolve(part);
    },
  };
  return { transaction: { ...transactionTo(['a@y.example'], front), further }, read };
}

it.each([
  ['DATA', { chunking: false }],
  ['BDAT', { chunking: true }],
])('arrives by %s as it is stored, with its whole size told at MAIL, and the next message behind it', async (verb, settings) => {
  await openTo(settings);
  const large = inParts(body);
  const next = transactionTo(['b@y.example'], Buffer.from(`${header}next\r\n`));
  const [outcomes, behind] = await Promise.all([
    session.deliver(large.transaction, () => next),
    Promise.resolve().then(() => session.chains),
  ]);
  expect(outcomes).toMatchObject([{ kind: 'delivered' }]);
  expect(behind).toBe(true);
  expect(await session.deliver(next)).toMatchObject([{ kind: 'delivered' }]);
  const text = `${header}${body}`;
  const onWire = verb === 'BDAT' ? text : text.replaceAll(/^\./gm, '..');
  expect(server.messages[0]).toBe(onWire);
  expect(server.commands[1]).toContain(`SIZE=${text.length}`);
  expect(large.read).toEqual(Array.from({ length: large.read.length }, (_, n) => n));
  expect(server.connections()).toBe(1);
});

it.each([
  ['DATA', { chunking: false }],
  ['BDAT', { chunking: true }],
])('is never ended by %s when a part cannot be read: the connection breaks off and the outcome says why', async (_verb, settings) => {
  await openTo(settings);
  const { transaction, read } = inParts(body, 5);
  const next = transactionTo(['b@y.example']);
  const [outcome] = await session.deliver(transaction, () => next);
  expect(outcome).toMatchObject({ kind: 'deferred', scope: 'transaction', contentLost: true, dotSent: false });
  expect(outcome?.detail).toContain('damaged');
  expect(read.at(-1)).toBe(5);
  expect(server.messages).toEqual([]);
  expect(session.usable).toBe(false);
  expect(await session.deliver(next)).toMatchObject([{ kind: 'deferred', scope: 'session', unoffered: true }]);
});

it('is read no further once the server has refused it and gone', async () => {
  await openTo({ chunking: false }, { DATA: (socket) => void socket.end('354 go\r\n552 5.3.4 too much\r\n') });
  const { transaction, read } = inParts(body.repeat(40));
  expect(await session.deliver(transaction)).toMatchObject([{ kind: 'deferred' }]);
  const stopped = read.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(read.length).toBe(stopped);
});
