// A bounce is told to the sender in a report that machines can read; a report that bounces itself makes no second one. RFC 3464,
// RFC 5321 section 4.5.5.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { only, sender, startWorld, type World } from './testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
  await world.host('mx.unknown.example', { RCPT: '550 5.1.1 no such user\r\n' });
  world.mx('unknown.example', 'mx.unknown.example');
});
afterAll(() => world?.close());

it('the sender of a message that bounced gets one report from the null sender, and a refusal of the report ends there', async () => {
  const home = await world.host('mx.sender.example');
  world.mx('sender.example', 'mx.sender.example');
  await world.send('first@unknown.example');
  await world.story('first@unknown.example', 'accepted', 'bounced');
  await expect.poll(() => home.messages.length, { timeout: 20_000 }).toBe(1);
  const report = only(home.messages);
  expect([report.mail.split(' ')[1], report.rcpts[0]?.split(' ')[1]]).toEqual(['FROM:<>', `TO:<${sender}>`]);
  for (const field of [
    /^Content-Type: multipart\/report/im,
    /^Final-Recipient: rfc822; ?first@unknown\.example/im,
    /^Action: failed/im,
    /^Status: 5\.1\.1/im,
  ])
    expect(report.content).toMatch(field);

  home.answers.RCPT = '550 5.1.1 no such sender\r\n';
  await world.send('second@unknown.example');
  await expect.poll(() => home.commands.filter(({ line }) => line.startsWith('RCPT')).length, { timeout: 20_000 }).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(home.commands.filter(({ line }) => line.startsWith('RCPT'))).toHaveLength(2);
  expect(world.events(sender).map((event) => event.type)).toEqual(['accepted', 'delivered', 'accepted', 'bounced']);
});
