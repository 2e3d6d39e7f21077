// Mail with a delivery window waits for it without an attempt, by settings or by its own word. The days are passed by an engine whose
// clock stands later.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, sender, startWorld, type World } from './testing/world.ts';

const dayMs = 86_400_000;
const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const dayIn = (days: number): string => names[new Date(Date.now() + days * dayMs).getUTCDay()] ?? 'mon';
let world: World;
beforeAll(async () => {
  const window = { days: [dayIn(2), dayIn(3)], from: '00:00', to: '00:00', zone: 'UTC' };
  world = await startWorld({
    entities: [{ kind: 'setting', id: id(80), body: { name: 'window', where: { domain: 'weekly.example' }, values: { window } } }],
  });
});
afterAll(() => world?.close());

it('mail for a domain with a window, and mail that brings one, waits until it opens and is delivered at the first attempt', async () => {
  const host = await world.host('mx.weekly.example');
  for (const domain of ['weekly.example', 'daily.example']) world.mx(domain, 'mx.weekly.example');
  await world.send('jo@weekly.example');
  await world.send('own@daily.example', `From: <${sender}>\r\nX-Sluice-Window: ${dayIn(2)},${dayIn(3)} 00:00-00:00 UTC\r\n\r\nhello`);
  await world.send('jo@daily.example');
  await world.story('jo@daily.example', 'accepted', 'delivered');
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const held of ['jo@weekly.example', 'own@daily.example']) expect(world.events(held).map(({ type }) => type)).toEqual(['accepted']);
  expect(host.messages).toHaveLength(1);

  await world.stop();
  await world.start({ aheadMs: 2 * dayMs });
  for (const held of ['jo@weekly.example', 'own@daily.example']) {
    const [, delivered] = await world.story(held, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
  }
});
