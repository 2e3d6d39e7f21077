// A node that is drained takes no new mail, also after a restart, and delivers what it has.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3] } });
});
afterAll(() => world?.close());

it('new mail is refused for now, what waits is delivered', async () => {
  const host = await world.host('mx.held.example', { RCPT: '450 4.2.0 later\r\n' });
  world.mx('held.example', 'mx.held.example');
  await world.send('jo@held.example');
  await world.story('jo@held.example', 'accepted', 'deferred');
  await world.stop();
  delete host.answers.RCPT;
  const issuedAt = new Date().toISOString();
  const drain = {
    id: id(70),
    kind: 'drain',
    scope: { node: 'node-1' },
    reason: 'new disk',
    issuedBy: 'operator',
    issuedAt,
    expiresAt: null,
  };
  await world.start({ commands: [drain] });
  const client = connect(world.smtpPort, '127.0.0.1');
  const [greeting] = (await once(client, 'data')) as [Buffer];
  expect(greeting.toString()).toMatch(/^421 4\.3\.2 /);
  client.destroy();
  await world.story('jo@held.example', 'accepted', 'deferred', 'delivered');
  expect(only(host.messages).rcpts).toEqual(['RCPT TO:<jo@held.example>']);
});
