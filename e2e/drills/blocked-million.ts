// blocked-million: a million entries deferred at a provider that is away cost the mail to another nothing: not its rate, whether it shares
// source or tenant with them, not its first delivery after a start, and little memory. Two processes with the flags of the engine, one with
// the million and one without, let mail flow by turns, each while the other is stopped: what the machine does in the long run cancels out.
//
// Usage: npm run drill -- blocked-million [--entries 1000000] [--flow-seconds 4] [--turns 4]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { blockedCases, type BlockedFlow, type BlockedStart } from '@sluice/engine/testing';
import type { BlockedTask } from './blocked/one-run.ts';
import { startSide, type Side } from './blocked/side.ts';

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    'flow-seconds': { type: 'string', default: '4' },
    turns: { type: 'string', default: '4' },
  },
});
const entries = Number(values.entries);
const flowMs = Number(values['flow-seconds']) * 1_000;
const warmMs = 1_000;
const turns = Number(values.turns);
const minShare = 0.95;
const maxFirstMs = 10_000;
const maxResidentMb = Math.ceil((400 * 1024 * 1024 + 64 * entries) / 1e6);
const program = 'one-run.ts';

const ask = <T>(side: Side, task: BlockedTask): Promise<T> => side.ask<T>(task);
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** A spool made by a process of its own, and an engine started over it, stopped until its turn. */
async function start(directory: string, count: number, sides: Side[]): Promise<{ side: Side; facts: BlockedStart }> {
  const seeder = startSide(program);
  sides.push(seeder);
  await ask(seeder, { do: 'seed', directory, entries: count });
  seeder.end();
  const side = startSide(program);
  sides.push(side);
  const facts = await ask<BlockedStart>(side, { do: 'start', directory });
  side.pause();
  return { side, facts };
}

async function turn(side: Side, which: (typeof blockedCases)[number]): Promise<BlockedFlow> {
  side.goOn();
  const flow = await ask<BlockedFlow>(side, { do: 'flow', which, warmMs, flowMs });
  side.pause();
  return flow;
}

const scratch = mkdtempSync(join(tmpdir(), 'sluice-blocked-'));
const sides: Side[] = [];
try {
  const bare = await start(join(scratch, 'bare'), 0, sides);
  const full = await start(join(scratch, 'full'), entries, sides);
  // Both compile what they run before anything counts.
  for (const { side } of [full, bare]) await turn(side, 'provider');
  const rows: Record<string, { with: number; without: number; share: number }> = {};
  const resident = { with: 0, without: 0 };
  for (const which of blockedCases) {
    const rates = { with: [] as number[], without: [] as number[] };
    for (let n = 0; n < turns; n++) {
      // A, B, B, A: what gets slower or faster all the time weighs on both alike.
      for (const kind of n % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        const flow = await turn((kind === 'with' ? full : bare).side, which);
        rates[kind].push(flow.ratePerSecond);
        resident[kind] = Math.max(resident[kind], flow.residentMb);
      }
    }
    const [during, without] = [Math.round(mean(rates.with)), Math.round(mean(rates.without))];
    rows[which] = { with: during, without, share: Math.round((during / without) * 1_000) / 1_000 };
  }
  const { firstMs, startedMs } = full.facts;
  const holds =
    firstMs !== null &&
    firstMs <= maxFirstMs &&
    resident.with <= maxResidentMb &&
    Object.values(rows).every(({ share }) => share >= minShare);
  const figures = { drill: 'blocked-million', holds, entries, firstMs, startedMs, residentMb: resident, maxResidentMb, ...rows };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  process.exitCode = holds ? 0 : 1;
} finally {
  for (const side of sides) side.end();
  rmSync(scratch, { recursive: true, force: true });
}
