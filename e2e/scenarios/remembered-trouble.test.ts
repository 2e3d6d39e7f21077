// What a host was found to be unable to do is remembered for a while: its broken TLS is not tried again with every message, nor a host
// that turned us away while another takes the mail.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { messagesPerConnection: 1, hostRestSeconds: 600 } });
});
afterAll(() => world?.close());

it('a handshake that failed once is not tried again: each later message takes one connection, without STARTTLS', async () => {
  const host = await world.host('mx.broken.example', {
    EHLO: offer('STARTTLS'),
    STARTTLS: ({ socket }) => (socket.end('220 go\r\n'), null),
  });
  world.mx('broken.example', 'mx.broken.example');
  for (const [index, connections] of [2, 3, 4].entries()) {
    await world.send(`r${index}@broken.example`);
    await world.story(`r${index}@broken.example`, 'accepted', 'delivered');
    expect(host.connections).toBe(connections);
  }
  expect(host.commands.filter(({ line }) => line === 'STARTTLS')).toHaveLength(1);
});

it('a host that turned us away is asked once, the next messages go straight to the second', async () => {
  const rude = await world.host('mx1.rude.example', { greeting: '554 5.7.1 not from there\r\n' });
  const kind = await world.host('mx2.rude.example');
  world.mx('rude.example', 'mx1.rude.example', 'mx2.rude.example');
  for (let index = 0; index < 4; index++) {
    await world.send(`r${index}@rude.example`);
    const [, delivered] = await world.story(`r${index}@rude.example`, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
  }
  expect([rude.connections, kind.messages.length]).toEqual([1, 4]);
});
