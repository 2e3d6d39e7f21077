// Recipients of one injection share a transaction up to a number, connections carry messages up to a number; what is over goes on in the
// next. Each recipient has its own outcome.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { recipientsPerTransaction: 2, messagesPerConnection: 3, connectionsPerPath: 1 } });
});
afterAll(() => world?.close());

it('seven recipients of one domain go in transactions of two, on connections of three transactions', async () => {
  const host = await world.host('mx.batch.example', {
    RCPT: ({ line }) => (line.includes('r3@') ? '550 5.1.1 unknown\r\n' : '250 ok\r\n'),
  });
  world.mx('batch.example', 'mx.batch.example');
  const other = await world.host('mx.other.example');
  world.mx('other.example', 'mx.other.example');
  const recipients = Array.from({ length: 7 }, (_, index) => `r${index}@batch.example`);
  await world.send([...recipients, 'jo@other.example']);
  for (const recipient of recipients) await world.story(recipient, 'accepted', recipient.startsWith('r3@') ? 'bounced' : 'delivered');
  await world.story('jo@other.example', 'accepted', 'delivered');
  expect(host.messages.map(({ rcpts, connection }) => [rcpts.length, connection])).toEqual([
    [2, 1],
    [1, 1],
    [2, 1],
    [1, 2],
  ]);
  expect(host.messages.flatMap(({ rcpts }) => rcpts)).toHaveLength(6);
  expect(other.messages.map(({ rcpts }) => rcpts)).toEqual([['RCPT TO:<jo@other.example>']]);
});
