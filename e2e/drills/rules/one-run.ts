// One side of the drill in a process of its own. Told what to do in lines of JSON, answers each with one.
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { runAsEngine, startRulesCost, type RulesCostEngine } from '@sluice/engine/testing';

export type Task = { do: 'start'; directory: string; withRules: boolean } | { do: 'flow'; warmMs: number; flowMs: number };

let engine: RulesCostEngine | null = null;

async function perform(task: Task): Promise<unknown> {
  switch (task.do) {
    case 'start':
      mkdirSync(task.directory, { recursive: true });
      engine = await startRulesCost(task);
      return { actions: engine.actions() };
    case 'flow':
      return engine?.flow(task.warmMs, task.flowMs);
  }
}

runAsEngine();
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await perform(JSON.parse(line) as Task))}\n`);
process.exit(0);
