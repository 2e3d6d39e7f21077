// What the receiver stores is what was handed in, octet for octet, below the header fields that we add above it: Received, and nothing
// in the way of dots, long lines or odd ends.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Receiver } from './testing/receiver.ts';
import { sender, startWorld, type World } from './testing/world.ts';

let world: World;
let host: Receiver;
beforeAll(async () => {
  world = await startWorld();
  host = await world.host('mx.end.example');
  world.mx('end.example', 'mx.end.example');
});
afterAll(() => world?.close());

const head = `From: <${sender}>\r\nTo: <jo@end.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <one@sender.example>\r\nSubject: as it was`;

it.each([
  ['plain lines', 'one\r\ntwo\r\n\r\nthree'],
  ['lines that begin with dots', '.\r\n..\r\n.x\r\n...\r\nend'],
  ['a lone dot last', 'text\r\n.'],
  ['trailing blanks and empty lines', 'a \t\r\n\r\n \r\n\r\n'],
  ['a line of 998 octets', 'x'.repeat(998)],
  ['a megabyte', `${'y'.repeat(70)}\r\n`.repeat(14_563)],
])('a message of %s arrives octet for octet, with Received above it', async (name, body) => {
  const recipient = `${name.replaceAll(/\W/g, '-')}@end.example`;
  await world.send(recipient, `${head}\r\n\r\n${body}`);
  await world.story(recipient, 'accepted', 'delivered');
  const content = host.messages.at(-1)?.content ?? '';
  const at = content.indexOf(head);
  expect(content.slice(at)).toBe(`${head}\r\n\r\n${body}\r\n`);
  const added = content
    .slice(0, at)
    .split(/\r\n(?![ \t])/)
    .filter((field) => field !== '');
  expect(added.map((field) => field.slice(0, field.indexOf(':')))).toEqual(['Received']);
  expect(added[0]).toContain(`for <${recipient}>`);
});
