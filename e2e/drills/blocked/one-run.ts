// One measurement of the drill in a process of its own, so that its memory and its start are its own: told what to do as JSON, answers so.
import { mkdirSync } from 'node:fs';
import { runBlocked, seedBlocked } from '@sluice/engine/testing';

type Task = { directory: string; seed: number } | ({ seed?: undefined } & Parameters<typeof runBlocked>[0]);

const task = JSON.parse(process.argv[2] ?? '') as Task;
if (task.seed === undefined) process.stdout.write(`${JSON.stringify(await runBlocked(task))}\n`);
else {
  mkdirSync(task.directory, { recursive: true });
  seedBlocked(task.directory, task.seed);
  process.stdout.write('{}\n');
}
process.exit(0);
