// The machine runs out of file descriptors: delivery slows down, says so once, and no mail and no path pays for it.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

const domains = Array.from({ length: 40 }, (_, index) => `d${index}.example`);
const spareDescriptors = 12;
let world: World;
beforeAll(async () => {
  world = await startWorld({ stream: { retrySeconds: [3600] }, settings: { idleTimeoutMs: 60_000 } });
});
afterAll(() => world?.close());

const limit = (soft: number): void => void execFileSync('prlimit', ['--pid', String(world.pid), `--nofile=${soft}:`]);

it('mail for forty hosts through a dozen descriptors waits without a deferral, and is delivered when there are more', async () => {
  const hosts = await Promise.all(domains.map((domain) => world.host(`mx.${domain}`)));
  for (const domain of domains) world.mx(domain, `mx.${domain}`);
  const recipients = domains.map((domain) => `jo@${domain}`);
  limit(readdirSync(`/proc/${world.pid}/fd`).length + spareDescriptors);
  await world.send(recipients);
  const slowed = () => world.events(null).filter(({ detail }) => detail?.startsWith('slowed down'));
  await expect.poll(() => slowed().length, { timeout: 10_000 }).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(hosts.filter((host) => host.messages.length > 0).length).toBeLessThan(domains.length);
  expect(recipients.flatMap((recipient) => world.events(recipient)).filter(({ type }) => type === 'deferred')).toEqual([]);

  limit(4096);
  for (const recipient of recipients) {
    const [, delivered] = await world.story(recipient, 'accepted', 'delivered');
    expect(delivered).toMatchObject({ attempt: 1 });
  }
  expect(slowed()).toHaveLength(1);
  expect(world.events(null)).toEqual(slowed());
});
