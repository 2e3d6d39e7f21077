// A source with two messages a day sends two; what is over waits without an attempt.
import { afterAll, expect, it } from 'vitest';
import { id, startWorld, type World } from './testing/world.ts';

const twoADay = (sourceId: string) => ({
  kind: 'limit',
  id: id(60),
  body: { name: 'two a day', where: { source: sourceId }, by: ['source'], kind: 'message_rate', count: 2, perSeconds: 86_400, burst: 1 },
});
const recipients = Array.from({ length: 10 }, (_, index) => `r${index}@limited.example`);
let world: World | null = null;
afterAll(() => world?.close());

it('of ten messages two go out and eight wait, none of them with an attempt', async () => {
  world = await startWorld({ entities: [twoADay(id(100))] });
  const host = await world.host('mx.limited.example');
  world.mx('limited.example', 'mx.limited.example');
  for (const recipient of recipients) await world.send(recipient);
  await expect.poll(() => host.messages.length).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(host.messages).toHaveLength(2);
  const types = recipients.map((recipient) =>
    world
      ?.events(recipient)
      .map((event) => event.type)
      .join(' '),
  );
  expect(types.toSorted()).toEqual([...Array<string>(8).fill('accepted'), ...Array<string>(2).fill('accepted delivered')]);
});
