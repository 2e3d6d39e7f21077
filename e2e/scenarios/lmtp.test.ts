// LMTP on a static route: the server answers the message once for every recipient that it took, and each gets its own outcome. RFC 2033.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    stream: { retrySeconds: [3600] },
    entities: [{ kind: 'route', id: id(80), body: { domain: 'store.example', host: 'lmtp.store.example', port: 25, protocol: 'lmtp' } }],
  });
});
afterAll(() => world?.close());

it('of three recipients one is stored, one bounces and one is deferred, each by the answer that was given for it', async () => {
  const store = await world.host('lmtp.store.example', {
    EHLO: '500 5.5.1 this is LMTP\r\n',
    message: '250 2.1.5 stored\r\n550 5.2.1 disabled\r\n452 4.2.2 over quota\r\n',
  });
  await world.send(['in@store.example', 'off@store.example', 'full@store.example']);
  await world.story('in@store.example', 'accepted', 'delivered');
  const [, bounced] = await world.story('off@store.example', 'accepted', 'bounced');
  expect(bounced).toMatchObject({ reply: { code: 550, enhanced: '5.2.1' }, scope: 'recipient' });
  const [, deferred] = await world.story('full@store.example', 'accepted', 'deferred');
  expect(deferred).toMatchObject({ reply: { code: 452, enhanced: '4.2.2' }, scope: 'recipient', bounceClass: 'mailbox_full' });
  expect(store.commands[0]?.line).toMatch(/^LHLO /);
  expect(only(store.messages).rcpts).toHaveLength(3);
});
