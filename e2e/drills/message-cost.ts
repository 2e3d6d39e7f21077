// What a message costs the whole product on this machine: drills with a simulated wire set what they measure against it, since beside an
// engine that has nothing else to do every microsecond looks large.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const budgetMessages = 6_000;
const bench = fileURLToPath(new URL('../bench.ts', import.meta.url));

/** Microseconds of CPU of a message of 4 KB, unsigned, from its sender to the receiver and into Postgres: of everything that runs. */
export function microsecondsOfAMessage(scratch: string): number {
  const json = join(scratch, 'budget.json');
  const args = [bench, 'budget', '--messages', String(budgetMessages), '--json', json];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  return (JSON.parse(readFileSync(json, 'utf8')) as { total: number }).total;
}
