// One side of the drill in a process of its own, so that its memory and its start are its own. Told what to do in lines of JSON, answers each
// with one.
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { seedBlocked, startBlocked, type BlockedCase, type BlockedEngine } from '@sluice/engine/testing';

/** What this process is asked; `start` comes before `flow`. */
export type BlockedTask =
  | { do: 'seed'; directory: string; entries: number }
  | { do: 'start'; directory: string }
  | { do: 'flow'; which: BlockedCase; warmMs: number; flowMs: number }
  | { do: 'stop' };

let engine: BlockedEngine | null = null;

async function perform(task: BlockedTask): Promise<unknown> {
  switch (task.do) {
    case 'seed':
      mkdirSync(task.directory, { recursive: true });
      seedBlocked(task.directory, task.entries);
      return {};
    case 'start':
      engine = await startBlocked(task.directory);
      return engine.start;
    case 'flow':
      return engine?.flow(task.which, task.warmMs, task.flowMs);
    case 'stop':
      await engine?.stop();
      return {};
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await perform(JSON.parse(line) as BlockedTask))}\n`);
process.exit(0);
