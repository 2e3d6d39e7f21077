// DNS that answers nobody is our trouble, not that of the domains: look-ups slow down, no mail loses an attempt, and all of it goes out
// when DNS is back.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

const domains = Array.from({ length: 60 }, (_, index) => `d${index}.example`);
let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] } });
});
afterAll(() => world?.close());

it('mail for sixty domains without any answer waits, and is delivered at the first attempt once there are answers', async () => {
  const host = await world.host('mx.all.example');
  for (const domain of domains) world.dns.override(domain, 'MX', { kind: 'silence' });
  const recipients = domains.map((domain) => `jo@${domain}`);
  await world.send(recipients);
  const slowed = () => world.events(null).filter(({ detail }) => detail?.startsWith('slowed down'));
  await expect.poll(() => slowed().length, { timeout: 15_000 }).toBe(1);
  expect(slowed()[0]).toMatchObject({ type: 'path_deferred', bounceClass: 'dns' });
  expect(recipients.flatMap((recipient) => world.events(recipient)).map(({ type }) => type)).toEqual(recipients.map(() => 'accepted'));

  for (const domain of domains) world.mx(domain, 'mx.all.example');
  await world.stop();
  await world.start();
  for (const recipient of recipients) {
    const [, delivered] = await world.story(recipient, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
  }
  expect(host.messages).toHaveLength(domains.length);
});
