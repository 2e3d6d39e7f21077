// The drill `blocked-million` in small: a spool on the real disk, its own thread, simulated remotes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blockedCases, seedBlocked, startBlocked } from './blocked-run.ts';

const blocked = 20_000;

it('with many entries at a provider that is away, what is due elsewhere leaves within ten seconds of a start and new mail flows, whatever it shares with them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
  try {
    seedBlocked(directory, { entries: blocked, hours: 1, over: 2_000 });
    const engine = await startBlocked(directory);
    expect(engine.start.entries).toBeGreaterThanOrEqual(blocked);
    expect(engine.start.firstMs).not.toBeNull();
    expect(engine.start.firstMs).toBeLessThan(10_000);
    expect(engine.start.firstLaidByMs).not.toBeNull();
    expect(engine.start.firstLaidByMs).toBeLessThan(10_000);
    for (const which of blockedCases) expect((await engine.flow(which, 100, 600)).delivered, which).toBeGreaterThan(100);
    expect(engine.entries()).toBeGreaterThanOrEqual(blocked);
    await engine.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
