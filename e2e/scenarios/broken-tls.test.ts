// Opportunistic TLS: facts of the session on the event where it was had; a handshake that fails costs a connection, not the mail.
// RFC 7435.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { offer } from './testing/receiver.ts';
import { only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it('a delivery over TLS has version, cipher and whether the certificate held on its event', async () => {
  const host = await world.host('mx.secure.example', { EHLO: offer('STARTTLS') });
  world.mx('secure.example', 'mx.secure.example');
  await world.send('jo@secure.example');
  const [, delivered] = await world.story('jo@secure.example', 'accepted', 'delivered');
  expect(delivered?.tls).toMatchObject({ version: 'TLSv1.3', cipher: expect.stringContaining('TLS_'), verified: false });
  expect(only(host.messages).tls).toBe(true);
});

it('a handshake that fails leads to a delivery without TLS, on a new connection, and no TLS fact on its event', async () => {
  const host = await world.host('mx.broken.example', {
    EHLO: offer('STARTTLS'),
    STARTTLS: ({ socket }) => {
      socket.write('220 go\r\n', () => setTimeout(() => socket.write('this is no handshake\r\n'), 20));
      return null;
    },
  });
  world.mx('broken.example', 'mx.broken.example');
  await world.send('jo@broken.example');
  const [, delivered] = await world.story('jo@broken.example', 'accepted', 'delivered');
  expect(delivered).toMatchObject({ attempt: 1, tls: null });
  expect(host.connections).toBe(2);
});
