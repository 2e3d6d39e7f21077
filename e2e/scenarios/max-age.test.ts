// Mail that nobody took until its time was up ends as expired, with a report to its sender. The day is passed by an engine whose clock
// stands later. RFC 5321 section 4.5.4.1, RFC 3463 section 3.5 (4.4.7).
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, only, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  const aDay = { name: 'a day', where: { domain: 'short.example' }, values: { maxAgeSeconds: 86_400 } };
  world = await startWorld({ stream: { retrySeconds: [3600] }, entities: [{ kind: 'setting', id: id(80), body: aDay }] });
});
afterAll(() => world?.close());

it('mail for a domain with an age of a day expires after it, other mail goes on', async () => {
  const home = await world.host('mx.sender.example');
  world.mx('sender.example', 'mx.sender.example');
  await world.host('mx.never.example', { RCPT: '450 4.2.0 later\r\n' });
  for (const domain of ['short.example', 'long.example']) {
    world.mx(domain, 'mx.never.example');
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'deferred');
  }
  await world.stop();
  await world.start({ aheadMs: 86_400_000 + 60_000 });
  const story = await world.story('jo@short.example', 'accepted', 'deferred', 'expired');
  expect(story.at(-1)).toMatchObject({ bounceClass: 'expired' });
  await expect.poll(() => home.messages.length, { timeout: 10_000 }).toBe(1);
  const report = only(home.messages).content;
  for (const field of [/^Action: failed\r?$/m, /^Final-Recipient: rfc822; ?jo@short\.example\r?$/m, /^Status: 4\.4\.7\r?$/m])
    expect(report).toMatch(field);
  await world.story('jo@long.example', 'accepted', 'deferred', 'deferred');
});
