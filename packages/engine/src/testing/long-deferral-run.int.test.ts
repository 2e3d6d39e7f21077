// The drill `blocked-million`, part deferral, in small: days of a second, segments of a mebibyte.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startLongDeferral } from './long-deferral-run.ts';

const mebibyte = 1024 * 1024;

it('with one message in fifty deferred for five days the disk keeps within twice what is live and four segments of each kind', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-deferral-'));
  try {
    const engine = await startLongDeferral({ directory, dayMs: 1_000, moves: true, segmentBytes: mebibyte });
    let laidBy = 0;
    let most = -Infinity;
    let last = 0;
    for (let turn = 0; turn < 6; turn += 1) {
      const flow = await engine.flow(1_000);
      expect(flow.delivered).toBeGreaterThan(500);
      laidBy = Math.max(laidBy, flow.laidBy);
      most = Math.max(most, flow.mostBeyondBarBytes);
      last = flow.entries;
    }
    expect(laidBy).toBeGreaterThan(0);
    expect(last).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(0);
    await engine.stop();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
