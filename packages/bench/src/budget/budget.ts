// Where the microseconds of a message go: one run without the profiler for the totals of every thread and process, one with it for the
// split of the engine's own thread into stages.
import { threadMicroseconds, difference } from './threads.ts';
import { profileWhile } from './profile.ts';
import { stageShares, stages, type Stage } from './stages.ts';
import { cpuSecondsOf } from '../process-tree.ts';
import { measure } from '../throughput/run.ts';
import type { Load, Sink } from '../throughput/load.ts';
import type { Product } from '../throughput/product.ts';

export type Budget = {
  deliveredPerSecond: number;
  /** Microseconds of CPU a message, of everything that runs. */
  total: number;
  /** Of the engine's own thread, by stage. */
  main: Record<Stage, number>;
  /** Of the engine process's other threads, by their names. */
  threads: Record<string, number>;
  /** Postgres, console, sandbox, supervisor together. */
  otherProcesses: number;
};

export async function measureBudget(product: Product, enginePid: number, sink: Sink, load: Load): Promise<Budget> {
  const before = threadMicroseconds(enginePid);
  const totalBefore = cpuSecondsOf(product.processes());
  const figures = await measure(product, sink, load);
  const took = difference(threadMicroseconds(enginePid), before);
  const perMessage = (microseconds: number) => Math.round(microseconds / load.messages);
  const total = perMessage((cpuSecondsOf(product.processes()) - totalBefore) * 1e6);
  const profile = await profileWhile(enginePid, async () => void (await measure(product, sink, load)));
  const shares = stageShares(profile);
  const mainMicroseconds = perMessage(took.get('main') ?? 0);
  const threads = Object.fromEntries([...took].filter(([name]) => name !== 'main').map(([name, value]) => [name, perMessage(value)]));
  const engine = [...took.values()].reduce((sum, value) => sum + value, 0);
  return {
    deliveredPerSecond: Math.round(figures.deliveredPerSecond),
    total,
    main: Object.fromEntries(stages.map((stage) => [stage, Math.round(shares[stage] * mainMicroseconds)])) as Record<Stage, number>,
    threads,
    otherProcesses: total - perMessage(engine),
  };
}

export function budgetTable(budget: Budget): string {
  const rows: [string, number][] = [
    ...stages.map((stage): [string, number] => [`engine thread: ${stage}`, budget.main[stage]]),
    ...Object.entries(budget.threads)
      .filter(([, value]) => value > 0)
      .toSorted(([, a], [, b]) => b - a)
      .map(([name, value]): [string, number] => [`thread ${name}`, value]),
    ['other processes', budget.otherProcesses],
    ['all', budget.total],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(6)}`);
  return [`CPU microseconds a message at ${budget.deliveredPerSecond} delivered/s`, ...lines].join('\n');
}
