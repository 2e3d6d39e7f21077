// Commands meet mail wherever it waits, over a real spool: in memory, parked, in the depot, and still on its way back after a start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Script } from './testing/simulated-attempter.ts';
import { memoryRecordFile } from './testing/memory-record-file.ts';
import { commandOf } from './testing/sample-command.ts';
import { id, poolEntity, sourceEntity, tenantEntities } from './testing/sample-config.ts';
import { seedSpool } from './testing/seeded-spool.ts';
import { messageTo, spoolEngineNode, startSpoolEngine, type SpoolEngine } from './testing/spool-engine.ts';
import { retried } from './spool/testing.ts';

const hourMs = 3_600_000;
const lifeMs = 5 * 24 * hourMs;
const domains = 20;
const bytes = Buffer.from('Subject: waiting\r\n\r\nmail\r\n');
/** Past the time for which mail is kept in memory and out of the depot. */
const retrySeconds = [2 * 3600];
const config = [
  ...[sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }])],
  ...[1, 2].flatMap((tenant) => tenantEntities(tenant, 1, { retrySeconds })),
];
const messageOf = (n: number, nowMs: number, messageId?: string): ReturnType<typeof messageTo> =>
  messageTo({ tenant: 1 + (n % 2), domain: `d${n % domains}.example`, bytes, lifeMs, nowMs }, messageId);

let directory = '';
let running: SpoolEngine | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-waiting-'));
});
afterEach(async () => {
  await running?.stop();
  running = null;
  rmSync(directory, { recursive: true, force: true });
});

async function start(script: Script, commandFile = memoryRecordFile()): Promise<SpoolEngine> {
  running = await startSpoolEngine({ directory, config, script, commandFile });
  return running;
}
async function restarted(script: Script, commandFile?: ReturnType<typeof memoryRecordFile>): Promise<SpoolEngine> {
  await running?.stop();
  return start(script, commandFile);
}

describe('cancel', () => {
  const count = 6_000;

  /** As many messages, each tried once and deferred for hours. */
  async function deferred(): Promise<{ first: SpoolEngine; restart(): Promise<SpoolEngine>; attempted(): number }> {
    const commandFile = memoryRecordFile();
    let attempts = 0;
    const defers: Script = {
      outcome: () => ({ kind: 'deferred', bounceClass: 'rate_limited' }),
      watch: ({ entries }) => (attempts += entries.length),
    };
    const first = await start(defers, commandFile);
    await first.accept(Array.from({ length: count }, (_, n) => messageOf(n, Date.now())));
    await expect.poll(() => attempts, { timeout: 20_000 }).toBe(count);
    return { first, restart: () => restarted(defers, commandFile), attempted: () => attempts };
  }

  it('ends mail that is due in hours at once, in the depot too and after a restart, and leaves the rest to wait for its time', async () => {
    const { first, restart, attempted } = await deferred();
    await expect.poll(() => first.spool.stats().depotEntries, { timeout: 20_000 }).toBe(count);
    // What it spares lies in the same buckets: it is called in with the rest, looked at by nobody and waits on.
    const nowMs = Date.now();
    const command = commandOf('cancel', { tenant: id(1) }, { number: 1, nowMs, cutoffMs: nowMs });
    expect(await first.command(command)).toMatchObject({ status: 'applied', matched: count / 2 });
    await expect.poll(() => first.engine.status().entries, { timeout: 20_000 }).toBe(count / 2);
    const second = await restart();
    expect(second.engine.status().entries).toBe(count / 2);
    expect(attempted()).toBe(count);
  }, 90_000);

  it('goes on after a restart in the middle of it', async () => {
    const { first, restart, attempted } = await deferred();
    const nowMs = Date.now();
    await first.command(commandOf('cancel', { tenant: id(1) }, { number: 1, nowMs, cutoffMs: nowMs }));
    expect(first.engine.status().entries).toBeGreaterThan(count / 2);
    const second = await restart();
    await expect.poll(() => second.engine.status().entries, { timeout: 20_000 }).toBe(count / 2);
    expect(attempted()).toBe(count);
  }, 90_000);
});

describe('retry now', () => {
  const count = 60_000;
  const idOf = (n: number): string => `0199aaaa-0000-7000-8000-${String(n).padStart(12, '0')}`;

  it('right after a start reaches what has not come back from the spool yet', async () => {
    const nowMs = Date.now();
    seedSpool({
      ...{ directory, node: spoolEngineNode },
      laidBy: { count: 0, message: (n) => messageOf(n, nowMs, idOf(n)), dueAt: () => nowMs },
      journal: Array.from({ length: count }, (_, n) => ({
        message: messageOf(n, nowMs, idOf(n)),
        outcome: retried(`${idOf(n)}.0`, 1, nowMs + 2 * hourMs + n),
      })),
    });
    const engine = await start({});
    expect(engine.engine.status()).toMatchObject({ recovering: true });
    const { matched } = await engine.command(commandOf('retry', { domain: 'd1.example' }, { number: 1, nowMs: Date.now(), lastsMs: null }));
    expect(matched).toBeLessThan(count / domains);
    await expect.poll(() => engine.delivered, { timeout: 60_000 }).toBe(count / domains);
    const status = (): unknown => engine.engine.status();
    await expect.poll(status, { timeout: 10_000 }).toMatchObject({ recovering: false, entries: count - count / domains });
  }, 120_000);
});
