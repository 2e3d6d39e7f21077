// One side of the drill in a process of its own, so that its memory and its start are its own. Told what to do in lines of JSON, answers each
// with one.
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import {
  runAsEngine,
  runManyDomains,
  seedBlocked,
  startBlocked,
  startLongDeferral,
  type BlockedCase,
  type BlockedEngine,
  type BlockedSeed,
  type LongDeferralEngine,
} from '@sluice/engine/testing';

/** What this process is asked; a start comes before its flows. */
export type Task =
  | ({ do: 'seed'; directory: string } & BlockedSeed)
  | { do: 'start'; directory: string }
  | { do: 'memory' }
  | { do: 'flow'; which: BlockedCase; warmMs: number; flowMs: number }
  | ({ do: 'domains' } & Parameters<typeof runManyDomains>[0])
  | ({ do: 'start deferral' } & Parameters<typeof startLongDeferral>[0])
  | { do: 'deferral flow'; flowMs: number };

let blocked: BlockedEngine | null = null;
let deferral: LongDeferralEngine | null = null;

async function perform(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'seed':
      mkdirSync(task.directory, { recursive: true });
      seedBlocked(task.directory, task);
      return {};
    case 'start':
      blocked = await startBlocked(task.directory);
      return blocked.start;
    case 'memory':
      return blocked?.memory();
    case 'flow':
      return blocked?.flow(task.which, task.warmMs, task.flowMs);
    case 'domains':
      mkdirSync(task.directory, { recursive: true });
      return runManyDomains(task);
    case 'start deferral':
      mkdirSync(task.directory, { recursive: true });
      deferral = await startLongDeferral(task);
      return {};
    case 'deferral flow':
      return deferral?.flow(task.flowMs);
  }
}

runAsEngine();
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await perform(JSON.parse(line) as Task))}\n`);
process.exit(0);
