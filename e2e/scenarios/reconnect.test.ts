// A connection that breaks in the middle of a message: the next one goes to another host of the domain where the settings say so, to the
// same one where they say that. What was cut off is tried again, not lost.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Answer } from './testing/receiver.ts';
import { id, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const same = { name: 'same', where: { site: 'mx1.same.example' }, values: { reconnect: 'same_host' } };
  world = await startWorld({
    stream: { retrySeconds: [1] },
    entities: [
      { kind: 'provider', id: id(70), body: { key: 'same', name: 'Same', mxSuffixes: ['same.example'] } },
      { kind: 'setting', id: id(80), body: { ...same, where: { provider: 'same' } } },
    ],
  });
});
afterAll(() => world?.close());

const cutOnce = (): Answer => {
  let first = true;
  return ({ socket }) => {
    if (!first) return '250 2.0.0 queued\r\n';
    first = false;
    socket.resetAndDestroy();
    return null;
  };
};

it.each([
  ['other.example', 'the next host', 'mx2.other.example'],
  ['same.example', 'the same host', 'mx1.same.example'],
])('%s: after a cut in a message the next connection goes to %s', async (domain, _what, next) => {
  await world.host(`mx1.${domain}`, { message: cutOnce() });
  await world.host(`mx2.${domain}`);
  world.mx(domain, `mx1.${domain}`, `mx2.${domain}`);
  await world.send(`jo@${domain}`);
  const [, deferred, delivered] = await world.story(`jo@${domain}`, 'accepted', 'deferred', 'delivered');
  expect(deferred).toMatchObject({ attempt: 1, mxHost: `mx1.${domain}`, scope: 'session' });
  expect(delivered).toMatchObject({ attempt: 2, mxHost: next });
});
