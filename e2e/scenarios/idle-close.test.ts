// The peer closes a connection while we keep it for the next message: that message goes out on a new one, and nothing is deferred.
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it.each(['421 4.4.2 idle for too long\r\n', ''])(
  'two messages go out on two connections when the peer ends the first with "%.3s"',
  async (farewell) => {
    const domain = farewell === '' ? 'silent-close.example' : 'idle-421.example';
    const open: Socket[] = [];
    const host = await world.host(`mx.${domain}`, {
      greeting: ({ socket }) => {
        open.push(socket);
        return '220 hi\r\n';
      },
    });
    world.mx(domain, `mx.${domain}`);
    await world.send(`one@${domain}`);
    await world.story(`one@${domain}`, 'accepted', 'delivered');
    open[0]?.end(farewell);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await world.send(`two@${domain}`);
    const [, delivered] = await world.story(`two@${domain}`, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
    expect(host.messages.map((message) => message.connection)).toEqual([1, 2]);
    expect(world.events(null)).toEqual([]);
  },
);
