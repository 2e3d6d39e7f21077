// A server that says how much it takes is not sent more: the message bounces before it is offered, one within the limit says its size.
// RFC 1870 sections 6.1 and 6.4.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { only, sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it('a message above the limit bounces with 5.3.4 and no MAIL, one below is delivered with SIZE', async () => {
  const host = await world.host('mx.small.example', { EHLO: offer('PIPELINING', 'SIZE 5000') });
  world.mx('small.example', 'mx.small.example');
  await world.send('large@small.example', `From: <${sender}>\r\n\r\n${'more than that\r\n'.repeat(500)}`);
  const [, bounced] = await world.story('large@small.example', 'accepted', 'bounced');
  expect(bounced?.detail).toContain('5.3.4');
  await world.send('small@small.example');
  await world.story('small@small.example', 'accepted', 'delivered');
  const mails = host.commands.map(({ line }) => line).filter((line) => line.startsWith('MAIL'));
  expect(only(mails)).toMatch(/ SIZE=\d{2,4}(?: |$)/);
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<small@small.example>']);
});
