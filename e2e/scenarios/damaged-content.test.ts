// A disk that rots under a waiting message: what cannot be read whole is broken off before its end and set aside, and other mail flows on.
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { retry: { kind: 'list', seconds: [3] } } });
});
afterAll(() => world?.close());

/** Turns an octet in the middle of the largest content segment. */
function rot(shard: string): void {
  const files = readdirSync(shard).filter((name) => name.startsWith('content-'));
  const [largest = ''] = files.map((name) => join(shard, name)).sort((a, b) => statSync(b).size - statSync(a).size);
  const handle = openSync(largest, 'r+');
  writeSync(handle, Buffer.from('!'), 0, 1, Math.floor(statSync(largest).size / 2));
  closeSync(handle);
}

it('a large message with a damaged part never reaches its end at the receiver, is set aside with an event, and other mail goes out', async () => {
  const host = await world.host('mx.rot.example', { RCPT: '451 4.7.1 later\r\n' });
  world.mx('rot.example', 'mx.rot.example');
  const body = Array.from({ length: 40_000 }, (_, index) => `line ${index} ${'x'.repeat(60)}`).join('\r\n');
  await world.send('large@rot.example', `From: <${sender}>\r\nSubject: large\r\n\r\n${body}`);
  await world.story('large@rot.example', 'accepted', 'deferred');
  const shard = join(world.dataDir, 'sandbox', 'spool', 'worker-0');
  rot(shard);
  host.answers.RCPT = '250 2.1.5 ok\r\n';
  const [, , setAside] = await world.story('large@rot.example', 'accepted', 'deferred', 'deferred');
  expect(setAside).toMatchObject({ reply: null, bounceClass: 'other', detail: expect.stringContaining('set aside') });
  expect(host.commands.map(({ line }) => line)).toContain('DATA');
  await world.send('small@rot.example');
  await world.story('small@rot.example', 'accepted', 'delivered');
  expect(host.messages.map(({ content }) => content.includes('Subject: large'))).toEqual([false]);
});
