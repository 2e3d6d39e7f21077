// blocked-million: a million entries deferred at a provider that is away cost the mail to another nothing: not its rate, whether it shares
// source or tenant with them, not its first delivery after a start, and little memory. Every run is a process with the flags of the engine.
//
// Usage: npm run drill -- blocked-million [--entries 1000000] [--flow-seconds 15]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { blockedCases, type BlockedFigures } from '@sluice/engine/testing';

const { values } = parseArgs({
  options: { entries: { type: 'string', default: '1000000' }, 'flow-seconds': { type: 'string', default: '15' } },
});
const entries = Number(values.entries);
const flowMs = Number(values['flow-seconds']) * 1_000;
const flags = ['--max-semi-space-size=64', '--single-threaded-gc'];
const minShare = 0.95;
const maxStartMs = 10_000;
const maxResidentMb = (400 * 1024 * 1024 + 64 * entries) / 1e6;
const program = fileURLToPath(new URL('blocked/one-run.ts', import.meta.url));

async function run(task: Record<string, unknown>): Promise<BlockedFigures & { firstMs: number | null }> {
  const fromMs = Date.now();
  const child = spawn(process.execPath, [...flags, program, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${JSON.stringify(task)} ended with ${String(code)}`);
  const figures = JSON.parse(text) as BlockedFigures;
  process.stderr.write(`${JSON.stringify(task)}: ${text}`);
  return { ...figures, firstMs: figures.firstDeliveredAt === null ? null : figures.firstDeliveredAt - fromMs };
}

const scratch = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
try {
  const [full, bare] = [join(scratch, 'full'), join(scratch, 'bare')];
  const rows: Record<string, { with: number; without: number; share: number; residentMb: number }> = {};
  let firstMs: number | null = null;
  await run({ seed: entries, directory: full });
  await run({ seed: 0, directory: bare });
  for (const which of blockedCases) {
    const before = await run({ directory: bare, which, flowMs });
    const during = await run({ directory: full, which, flowMs });
    const after = await run({ directory: bare, which, flowMs });
    firstMs ??= during.firstMs;
    const without = (before.ratePerSecond + after.ratePerSecond) / 2;
    const share = Math.round((during.ratePerSecond / without) * 1_000) / 1_000;
    rows[which] = { with: during.ratePerSecond, without, share, residentMb: during.residentMb };
  }
  const holds =
    firstMs !== null &&
    firstMs <= maxStartMs &&
    Object.values(rows).every(({ share, residentMb }) => share >= minShare && residentMb <= maxResidentMb);
  process.stdout.write(`${JSON.stringify({ drill: 'blocked-million', holds, entries, firstMs, ...rows })}\n`);
  process.exitCode = holds ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
