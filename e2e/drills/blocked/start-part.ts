// A start with very many entries waiting, most of them on disk alone: when the first that is due is delivered, from the journal and from the
// depot, and what the engine takes afterwards.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { maxResidentMb, startBlockedSide, type Side } from './side.ts';

const manyEntries = 1_000_000;
const hours = 4;

export async function startPart(scratch: string, sides: Side[], { entries }: { entries: number }): Promise<object> {
  const directory = join(scratch, 'start');
  const { side, facts, memory } = await startBlockedSide(directory, { entries, hours }, sides);
  side.end();
  rmSync(directory, { recursive: true, force: true });
  const { firstMs, firstLaidByMs } = facts;
  const maxFirstMs = entries > manyEntries ? 30_000 : 10_000;
  const first = firstMs !== null && firstMs <= maxFirstMs && firstLaidByMs !== null && firstLaidByMs <= maxFirstMs;
  const maxMb = maxResidentMb(entries);
  return { holds: first && memory.residentMb <= maxMb, ...facts, ...memory, maxFirstMs, maxResidentMb: maxMb };
}
