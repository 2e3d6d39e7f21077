// The drill `blocked-million`, part domains, in small: thousands of domains with an MX each and one limit for all of them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runManyDomains } from './many-domains-run.ts';

it('of thousands of domains with an MX each that one limit binds, none waits more than three times the mean, and the limit is used', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-domains-'));
  try {
    // A rate that a busy machine can keep as well: where the limit does not bind, who comes next is not its choice.
    const figures = await runManyDomains({ directory, domains: 4_500, ratePerSecond: 600, sources: 2, flowMs: 7_000 });
    expect(figures.ratePerSecond).toBeGreaterThan(450);
    expect(figures.ratePerSecond).toBeLessThan(660);
    expect(figures.longestWaitSeconds).toBeLessThan(figures.meanWaitSeconds * 3);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
