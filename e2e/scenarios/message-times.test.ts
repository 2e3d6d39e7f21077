// A message may say itself when it is over and when it may first be tried.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
});
afterAll(() => world?.close());

const told = (...fields: string[]): string => [`From: <${sender}>`, ...fields].join('\r\n') + '\r\n\r\nhello';

it('a message that expires in 4 seconds is tried once and then expired, although its next attempt is an hour away', async () => {
  await world.host('mx.later.example', { RCPT: '450 4.2.0 later\r\n' });
  world.mx('later.example', 'mx.later.example');
  await world.send('jo@later.example', told('X-Sluice-Expires: 4'));
  const [accepted, , expired] = await world.story('jo@later.example', 'accepted', 'deferred', 'expired');
  const livedMs = (expired?.at ?? 0) - (accepted?.at ?? 0);
  expect(livedMs).toBeGreaterThan(3_000);
  expect(livedMs).toBeLessThan(10_000);
});

it('a message that may first be tried in 3 seconds is not tried before, and its field does not travel', async () => {
  const host = await world.host('mx.soon.example');
  world.mx('soon.example', 'mx.soon.example');
  await world.send('jo@soon.example', told('X-Sluice-Not-Before: 3'));
  const [accepted, delivered] = await world.story('jo@soon.example', 'accepted', 'delivered');
  expect((delivered?.at ?? 0) - (accepted?.at ?? 0)).toBeGreaterThan(2_000);
  expect(host.messages[0]?.content).not.toMatch(/x-sluice/i);
});
