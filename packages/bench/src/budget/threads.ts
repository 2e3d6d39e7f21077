// CPU time by thread, from /proc: what the engine's own thread, its pool and its workers each took, and what the other processes did.
import { readdirSync, readFileSync } from 'node:fs';

const microsecondsPerTick = 10_000; // sysconf(_SC_CLK_TCK) is 100 on Linux x64 and arm64

/** Microseconds of CPU by thread name of one process; threads of equal name are added up. */
export function threadMicroseconds(pid: number): Map<string, number> {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const end = text.lastIndexOf(')');
      const fields = text.slice(end + 2).split(' ');
      const name = Number(thread) === pid ? 'main' : text.slice(text.indexOf('(') + 1, end);
      times.set(name, (times.get(name) ?? 0) + (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick);
    } catch {
      // The thread ended between the two reads; its time is lost to us and small.
    }
  }
  return times;
}

export function difference(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Map<string, number> {
  return new Map([...after].map(([name, value]) => [name, value - (before.get(name) ?? 0)]));
}
