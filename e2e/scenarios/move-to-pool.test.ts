// Mail that waits can be moved to another pool, and be tried now instead of when it is due: it goes out from a source of that pool.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, only, sourceAddress, startWorld, type World } from './testing/world.ts';

const good = sourceAddress(9);
let world: World;
beforeAll(async () => {
  const source = { name: 'spare', publicAddress: good, bindAddress: good, family: 4, ehloName: 'spare.sender.example' };
  world = await startWorld({
    stream: { poolIds: [id(1), id(11)], retrySeconds: [3600] },
    entities: [
      { kind: 'source', id: id(110), body: source },
      { kind: 'pool', id: id(11), body: { name: 'spare', members: [{ sourceId: id(110), weight: 1 }] } },
    ],
  });
});
afterAll(() => world?.close());

it('a message that the first pool could not deliver goes out from the other at once', async () => {
  const host = await world.host('mx.picky.example', {
    RCPT: ({ socket }) => (socket.remoteAddress === good ? '250 ok\r\n' : '450 4.7.1 not from there\r\n'),
  });
  world.mx('picky.example', 'mx.picky.example');
  await world.send('jo@picky.example');
  await world.story('jo@picky.example', 'accepted', 'deferred');
  await world.stop();
  const issuedAt = new Date().toISOString();
  const command = (number: number, kind: string, more: object) => ({
    ...{ id: id(number), kind, scope: { domain: 'picky.example' }, reason: 'listed', issuedBy: 'operator', issuedAt },
    ...{ expiresAt: new Date(Date.now() + 3_600_000).toISOString(), ...more },
  });
  await world.start({
    commands: [command(70, 'move', { poolId: id(11) }), command(71, 'retry', { startsAt: new Date(Date.now() + 2_000).toISOString() })],
  });
  const [, , delivered] = await world.story('jo@picky.example', 'accepted', 'deferred', 'delivered');
  expect(delivered).toMatchObject({ attempt: 2, poolId: id(11), sourceId: id(110) });
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<jo@picky.example>']);
});
