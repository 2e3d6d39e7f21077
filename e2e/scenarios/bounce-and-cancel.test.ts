// What operators take out of the queue is out of it: bounced with a report to its sender, or cancelled without; by scope, up to the
// command's time, over a restart, as they come due and without another attempt. What comes in later is delivered.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { id, sender, startWorld, type World } from './testing/world.ts';

const domains = ['bounced.example', 'cancelled.example', 'spared.example'];
let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [4] } });
});
afterAll(() => world?.close());

it('waiting mail of one domain bounces with a report, of another is cancelled without, of a third is tried again', async () => {
  const home = await world.host('mx.sender.example');
  world.mx('sender.example', 'mx.sender.example');
  const host = await world.host('mx.busy.example', { RCPT: '450 4.2.0 later\r\n' });
  for (const domain of domains) {
    world.mx(domain, 'mx.busy.example');
    await world.send(`jo@${domain}`);
    await world.story(`jo@${domain}`, 'accepted', 'deferred');
  }
  await world.stop();
  const issuedAt = new Date().toISOString();
  const command = (number: number, kind: string, domain: string) => ({
    ...{ id: id(number), kind, scope: { domain }, reason: 'wrong list', issuedBy: 'operator', issuedAt, cutoffAt: issuedAt },
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  delete host.answers.RCPT;
  await world.start({ commands: [command(70, 'bounce', 'bounced.example'), command(71, 'cancel', 'cancelled.example')] });

  const [, , bounced] = await world.story('jo@bounced.example', 'accepted', 'deferred', 'bounced');
  expect(bounced).toMatchObject({ attempt: 1, reply: null, detail: expect.stringContaining('wrong list') });
  const [, , cancelled] = await world.story('jo@cancelled.example', 'accepted', 'deferred', 'cancelled');
  expect(cancelled?.detail).toContain('wrong list');
  await expect.poll(() => home.messages.length, { timeout: 10_000 }).toBe(1);
  expect(home.messages[0]?.content).toMatch(/^Final-Recipient: rfc822; ?jo@bounced\.example\r?$/m);
  await world.story(sender, 'accepted', 'delivered');
  await world.story('jo@spared.example', 'accepted', 'deferred', 'delivered');

  for (const domain of domains) {
    await world.send(`new@${domain}`);
    await world.story(`new@${domain}`, 'accepted', 'delivered');
  }
  expect(host.messages.flatMap(({ rcpts }) => rcpts)).toEqual(
    ['jo@spared.example', ...domains.map((domain) => `new@${domain}`)].map((recipient) => `RCPT TO:<${recipient}>`),
  );
});
