// A source whose address this machine does not have: nothing is lost, and the event names the cause.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ sources: [{ publicAddress: '192.0.2.44', bindAddress: '192.0.2.44' }] });
});
afterAll(() => world?.close());

it('an address that cannot be bound delays the path with the reason, and the message keeps its first attempt', async () => {
  const host = await world.host('mx.bound.example');
  world.mx('bound.example', 'mx.bound.example');
  await world.send('jo@bound.example');
  const [delayed] = await world.story(null, 'path_deferred');
  expect(delayed).toMatchObject({ scope: 'path', heldCount: 1, detail: expect.stringMatching(/EADDRNOTAVAIL|192\.0\.2\.44/) });
  expect(world.events('jo@bound.example').map((event) => event.type)).toEqual(['accepted']);
  expect(host.connections).toBe(0);
});
