// 452 to RCPT may speak of one mailbox or of the number of recipients. Either way the others of the transaction are delivered, and the
// one concerned is tried again. RFC 5321 section 4.5.3.1.10.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [1] } });
});
afterAll(() => world?.close());

const atMost = (count: number, reply: string) => {
  let rcpts = 0;
  return {
    MAIL: () => {
      rcpts = 0;
      return '250 ok\r\n';
    },
    RCPT: () => (++rcpts > count ? reply : '250 ok\r\n'),
  };
};

it.each([
  ['452 4.5.3', 'enhanced.example'],
  ['452', 'plain.example'],
  ['552', 'old.example'],
])('with %s to every third recipient of a transaction all of seven arrive, each once', async (code, domain) => {
  const host = await world.host(`mx.${domain}`, atMost(2, `${code} too many recipients\r\n`));
  world.mx(domain, `mx.${domain}`);
  const recipients = Array.from({ length: 7 }, (_, index) => `r${index}@${domain}`);
  await world.send(recipients);
  await expect
    .poll(() => recipients.every((recipient) => world.events(recipient).at(-1)?.type === 'delivered'), { timeout: 20_000, interval: 200 })
    .toBe(true);
  expect(host.messages.flatMap((message) => message.rcpts).toSorted()).toEqual(recipients.map((recipient) => `RCPT TO:<${recipient}>`));
});

it('452 4.2.2 for one mailbox defers that recipient and no other', async () => {
  await world.host('mx.full.example', { RCPT: ({ line }) => (line.includes('<full@') ? '452 4.2.2 mailbox full\r\n' : '250 ok\r\n') });
  world.mx('full.example', 'mx.full.example');
  await world.send(['one@full.example', 'full@full.example', 'two@full.example']);
  for (const recipient of ['one@full.example', 'two@full.example']) await world.story(recipient, 'accepted', 'delivered');
  await expect.poll(() => world.events('full@full.example')[1]?.type).toBe('deferred');
  expect(world.events('full@full.example')[1]).toMatchObject({
    scope: 'recipient',
    bounceClass: 'mailbox_full',
    reply: { enhanced: '4.2.2' },
  });
});
