// The drill `blocked-million` in small: a spool on the real disk, its own thread, simulated remotes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blockedCases, runBlocked, seedBlocked } from './blocked-run.ts';

const blocked = 20_000;

describe('a start with many entries at a provider that is away', () => {
  it.each(blockedCases)('delivers what is due elsewhere within ten seconds, and lets new mail flow that shares its %s', async (which) => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
    try {
      seedBlocked(directory, blocked);
      const fromMs = Date.now();
      const figures = await runBlocked({ directory, which, flowMs: 500 });
      expect(figures.firstDeliveredAt).not.toBeNull();
      expect(figures.firstDeliveredAt! - fromMs).toBeLessThan(10_000);
      expect(figures.delivered).toBeGreaterThan(500);
      expect(figures.entries).toBeGreaterThanOrEqual(blocked);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
