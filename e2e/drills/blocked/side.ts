// One process of the drill as the drill sees it: asked in lines of JSON, and stopped by signal while the other is measured, so that each has
// the machine for itself without starting anew.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { engineNodeFlags } from '@sluice/engine/node-flags';
import type { BlockedMemory, BlockedSeed, BlockedStart } from '@sluice/engine/testing';
import type { Task as RulesTask } from '../rules/one-run.ts';
import type { Task } from './one-run.ts';

const blockedProgram = fileURLToPath(new URL('one-run.ts', import.meta.url));

/** With their ends some 140 MB of journal: four full segments, beside which it is made small. */
const overMessages = 200_000;

export type Side = {
  /** Its answer to one task; only one is asked at a time. It runs only meanwhile. */
  ask<T>(task: Task | RulesTask): Promise<T>;
  /** The same of one whose turns to run the caller gives. */
  begin<T>(task: Task | RulesTask): Promise<T>;
  run(): void;
  halt(): void;
  /** Ends it, however it stands. */
  end(): void;
};

export type StartedSide = { side: Side; facts: BlockedStart; memory: BlockedMemory };

/** `program`: what the process runs; that of the blocked million unless told. */
export function startSide(program: string = blockedProgram): Side {
  const child = spawn(process.execPath, [...engineNodeFlags, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<never>((_, reject) =>
    child.once('close', (code) => reject(new Error(`a side of the drill ended with ${String(code)} before it answered`))),
  );
  ended.catch(() => undefined);
  const run = (): void => void child.kill('SIGCONT');
  const halt = (): void => void child.kill('SIGSTOP');
  async function begin<T>(task: Task | RulesTask): Promise<T> {
    const answer = new Promise<string>((resolve) => lines.once('line', resolve));
    child.stdin.write(`${JSON.stringify(task)}\n`);
    const line = await Promise.race([answer, ended]);
    process.stderr.write(`${JSON.stringify(task)}: ${line}\n`);
    return JSON.parse(line) as T;
  }
  return {
    async ask<T>(task: Task | RulesTask): Promise<T> {
      run();
      const answer = await begin<T>(task);
      halt();
      return answer;
    },
    ...{ begin, run, halt },
    end: () => void child.kill('SIGKILL'),
  };
}

/**
 * Both answers to one task, of processes that run by turns this short: what makes the machine faster or slower for longer weighs on both
 * alike, and what does so for a moment evens out.
 */
export async function inShortTurns<T>(sides: readonly [Side, Side], task: Task | RulesTask, turnMs: number): Promise<T[]> {
  let answered = 0;
  const answers = sides.map((side) => side.begin<T>(task).finally(() => (answered += 1)));
  for (let turn = 0; answered < sides.length; turn++) {
    const [on, off] = inTurn(turn, sides);
    off.halt();
    on.run();
    await Promise.race([sleep(turnMs), ...(answered === 0 ? [] : [Promise.all(answers)])]);
  }
  for (const side of sides) side.halt();
  return Promise.all(answers);
}

/** A spool made by a process of its own, and an engine started over it. */
export async function startBlockedSide(
  directory: string,
  seed: Pick<BlockedSeed, 'entries' | 'hours'>,
  sides: Side[],
): Promise<StartedSide> {
  const seeder = startSide();
  sides.push(seeder);
  await seeder.ask({ do: 'seed', directory, over: overMessages, ...seed });
  seeder.end();
  const side = startSide();
  sides.push(side);
  const facts = await side.ask<BlockedStart>({ do: 'start', directory });
  return { side, facts, memory: await side.ask<BlockedMemory>({ do: 'memory' }) };
}

/** What the engine may take with so many entries waiting, in megabytes. */
export const maxResidentMb = (entries: number): number => (entries > 1_000_000 ? 1_500 : Math.ceil(400 * 1.048576 + (64 * entries) / 1e6));

/** Who is measured first and who second in the n-th turn: what gets slower or faster all the time weighs on both alike. */
export function inTurn<const T>(n: number, [first, second]: readonly [T, T]): readonly [T, T] {
  return n % 2 === 0 ? [first, second] : [second, first];
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [below = NaN, above = NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return (below + above) / 2;
}

export const shareOf = (part: number, whole: number): number => Math.round((part / whole) * 1_000) / 1_000;
