// A host of the sandbox that greylists: it lets in whoever comes back from the same address. With eight sources in the pool only a retry
// from the same one gets in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '@sluice/isp-simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './testing/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-greylist-'));
const worlds: World[] = [];
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ seed: 'greylisting', directory });
});
afterAll(async () => {
  for (const world of worlds) await world.close();
  await simulator?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function worldWith(greylistSameSource: boolean): Promise<World> {
  const world = await startWorld({
    sources: Array.from({ length: 8 }, () => ({})),
    settings: { greylistSameSource },
    stream: { retrySeconds: [7] },
    environment: { SLUICE_DNS_SERVER: simulator.dnsAddress, SLUICE_SANDBOX_SMTP_PORT: String(simulator.smtpPort) },
  });
  worlds.push(world);
  return world;
}
const recipients = (of: string): string[] => Array.from({ length: 6 }, (_, n) => `greylist.${of}${n}@plain-${of}.example`);

it('every recipient gets in with its second attempt, from the source of its first', async () => {
  const world = await worldWith(true);
  for (const recipient of recipients('same')) await world.send(recipient);
  for (const recipient of recipients('same')) {
    const [, deferred, delivered] = await world.story(recipient, 'accepted', 'deferred', 'delivered');
    expect(deferred).toMatchObject({ reply: { code: 451 }, attempt: 1 });
    expect(delivered).toMatchObject({ attempt: 2, sourceId: deferred?.sourceId });
  }
});

it('switched off, retries go by turn and are put off again', async () => {
  const world = await worldWith(false);
  for (const recipient of recipients('turn')) await world.send(recipient);
  const second = () => recipients('turn').flatMap((recipient) => world.events(recipient).slice(2, 3));
  await expect.poll(() => second().length, { timeout: 30_000 }).toBe(6);
  expect(second().some(({ type }) => type === 'deferred')).toBe(true);
});
