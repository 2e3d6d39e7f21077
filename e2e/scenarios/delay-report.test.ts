// The sender of mail that is late is told so once, and that it is still tried. The hours are passed by an engine whose clock stands
// later. RFC 3464, RFC 5321 section 4.5.4.1.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { only, sender, startWorld, type World } from './testing/world.ts';

const hourMs = 3_600_000;
let world: World;
beforeAll(async () => {
  world = await startWorld({
    stream: { retrySeconds: [1800] },
    settings: { delayReportAfterSeconds: 4 * 3600, delayReports: 'sender' },
  });
});
afterAll(() => world?.close());

it('one report of delay goes out after four hours, none before, no second one, and the mail is delivered in the end', async () => {
  const home = await world.host('mx.sender.example');
  world.mx('sender.example', 'mx.sender.example');
  const host = await world.host('mx.slow.example', { RCPT: '450 4.2.0 later\r\n' });
  world.mx('slow.example', 'mx.slow.example');
  const later = async (hours: number): Promise<void> => {
    await world.stop();
    await world.start({ aheadMs: hours * hourMs });
  };
  await world.send('jo@slow.example');
  await world.story('jo@slow.example', 'accepted', 'deferred');
  await later(1);
  await world.story('jo@slow.example', 'accepted', 'deferred', 'deferred');
  expect(home.messages).toEqual([]);

  await later(5);
  await world.story('jo@slow.example', 'accepted', 'deferred', 'deferred', 'deferred');
  await expect.poll(() => home.messages.length, { timeout: 10_000 }).toBe(1);
  const report = only(home.messages);
  expect([report.mail.split(' ')[1], report.rcpts[0]?.split(' ')[1]]).toEqual(['FROM:<>', `TO:<${sender}>`]);
  for (const field of [
    /^Action: delayed\r?$/m,
    /^Final-Recipient: rfc822; ?jo@slow\.example\r?$/m,
    /^Status: 4\.2\.0\r?$/m,
    /^Will-Retry-Until: /m,
  ])
    expect(report.content).toMatch(field);

  delete host.answers.RCPT;
  await later(10);
  await world.story('jo@slow.example', 'accepted', 'deferred', 'deferred', 'deferred', 'delivered');
  expect(home.messages).toHaveLength(1);
});
