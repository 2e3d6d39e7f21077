// Mail that waits long though it was never tried lies on disk alone, and goes out in its time: a whole engine over a real spool, in short days.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { noOptions } from './entry.ts';
import { settingEntity } from './testing/engine-rig.ts';
import { smallConfig } from './testing/sample-config.ts';
import { shortDays } from './testing/short-days.ts';
import { messageTo, startSpoolEngine, type SpoolEngine } from './testing/spool-engine.ts';

const minuteMs = 60_000;
const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const directory = mkdtempSync(join(tmpdir(), 'sluice-waiting-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Two minutes of the engine's clock for each tenth of a second. */
const speed = 1_200;
const timeOfDay = (ms: number): string => new Date(ms).toISOString().slice(11, 16);

async function until(holds: () => boolean): Promise<void> {
  for (let waits = 0; waits < 1_000 && !holds(); waits += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

it('mail for a later time, and mail whose window opens later, is laid by untried and goes out when its time has come, over a restart too', async () => {
  const clock = shortDays(speed);
  const startMs = clock.nowMs();
  const opensMs = Math.floor(startMs / minuteMs) * minuteMs + 50 * minuteMs;
  const window = { days, from: timeOfDay(opensMs), to: timeOfDay(opensMs + 60 * minuteMs), zone: 'UTC' };
  const config = [...smallConfig(), settingEntity(1, { domain: 'quiet.example' }, { window })];
  const sentAt = new Map<string, number>();
  const start = (): Promise<SpoolEngine> =>
    startSpoolEngine({
      ...{ directory, config, clock },
      script: { watch: ({ atMs, entries }) => entries.forEach(({ domain }) => sentAt.set(domain, atMs)) },
    });
  const message = (domain: string, notBefore: number | null): ReturnType<typeof messageTo> => ({
    ...messageTo({ tenant: 1, domain, bytes: Buffer.from('Subject: later\r\n\r\n'), lifeMs: 24 * 60 * minuteMs, nowMs: clock.nowMs() }),
    options: notBefore === null ? null : { ...noOptions, notBefore },
  });
  let running = await start();
  const notBefore = startMs + 40 * minuteMs;
  await running.accept([message('asked.example', notBefore), message('quiet.example', null), message('now.example', null)]);
  await until(() => running.spool.stats().depotEntries === 2 && sentAt.has('now.example'));
  expect(running.engine.status().entries).toBe(2);
  await running.stop();

  running = await start();
  await until(() => running.engine.status().entries === 2);
  expect([running.spool.stats().depotEntries, [...sentAt.keys()]]).toEqual([2, ['now.example']]);
  clock.run();
  await until(() => sentAt.size === 3);
  clock.halt();
  expect(sentAt.get('asked.example')).toBeGreaterThanOrEqual(notBefore);
  expect(sentAt.get('quiet.example')).toBeGreaterThanOrEqual(opensMs);
  await until(() => running.engine.status().entries === 0);
  expect(running.spool.stats()).toMatchObject({ depotEntries: 0, liveEntries: 0 });
  await running.stop();
}, 60_000);
