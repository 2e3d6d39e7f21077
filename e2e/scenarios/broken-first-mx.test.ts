// The preferred MX host is dead: the same attempt goes on to the next, and nobody sees a deferral.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it('a message goes to the second MX host in the same attempt when nothing listens on the first', async () => {
  const dead = await world.host('mx1.dead.example');
  await dead.close();
  const alive = await world.host('mx2.dead.example');
  world.mx('dead.example', 'mx1.dead.example', 'mx2.dead.example');
  await world.send('jo@dead.example');
  const [, delivered] = await world.story('jo@dead.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, mxHost: 'mx2.dead.example', remoteAddress: alive.address });
  expect(alive.messages).toHaveLength(1);
  expect(world.events(null)).toEqual([]);
});

it('a message goes to the second MX host in the same attempt when the first turns us away in its greeting', async () => {
  const rude = await world.host('mx1.rude.example', { greeting: '554 5.7.1 not from there\r\n' });
  const kind = await world.host('mx2.rude.example');
  world.mx('rude.example', 'mx1.rude.example', 'mx2.rude.example');
  await world.send('jo@rude.example');
  const [, delivered] = await world.story('jo@rude.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, mxHost: 'mx2.rude.example' });
  expect([rude.connections, only(kind.messages).rcpts]).toEqual([1, ['RCPT TO:<jo@rude.example>']]);
});
