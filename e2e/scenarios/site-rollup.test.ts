// Domains with the same MX set are one site: their mail shares a ready queue and its connections.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

it('mail for two domains with the same MX hosts goes over one connection, each message with its own recipient', async () => {
  const host = await world.host('mx.hosting.example');
  for (const domain of ['one.example', 'two.example']) world.mx(domain, 'mx.hosting.example');
  for (const domain of ['one.example', 'two.example']) {
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'delivered');
  }
  expect(host.messages.map((message) => [message.connection, message.rcpts])).toEqual([
    [1, ['RCPT TO:<jo@one.example>']],
    [1, ['RCPT TO:<jo@two.example>']],
  ]);
  const sites = ['one.example', 'two.example'].map((domain) => world.events(`jo@${domain}`)[1]?.site);
  expect(new Set(sites).size).toBe(1);
});
