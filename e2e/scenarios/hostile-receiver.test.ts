// A receiver that means harm is one line in the log, with the reason in words, and never stops the mail of others.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
});
afterAll(() => world?.close());

it.each([
  ['a greeting of 10 MB', { greeting: `220 ${'x'.repeat(10_485_760)}\r\n` }, /reply line is longer/, 'banner.example'],
  ['another protocol', { greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, /not a reply/, 'http.example'],
  [
    'replies behind STARTTLS',
    { EHLO: '250-mx.example\r\n250 STARTTLS\r\n', STARTTLS: '220 go\r\n250 ok\r\n' },
    /bytes follow the reply to STARTTLS/,
    'inject.example',
  ],
])('%s delays the path with what happened', async (_name, answers, reason, domain) => {
  await world.host(`mx.${domain}`, answers);
  world.mx(domain, `mx.${domain}`);
  await world.send(`jo@${domain}`);
  await expect.poll(() => world.events(null).find((event) => event.mxHost === `mx.${domain}`)?.detail, { timeout: 10_000 }).toMatch(reason);
});

it('mail for a well-behaved domain is delivered while the others misbehave', async () => {
  const host = await world.host('mx.good.example');
  world.mx('good.example', 'mx.good.example');
  await world.send('jo@good.example');
  await world.story('jo@good.example', 'accepted', 'delivered');
  expect(host.messages).toHaveLength(1);
});
