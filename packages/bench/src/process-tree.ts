// What a product costs: CPU time and memory of all its processes, read from /proc. A child that ended and was waited for has its time in
// its parent's children's time, so the sum over the living is the sum over all, short-lived Postfix daemons included.
import { readdirSync, readFileSync } from 'node:fs';

const clockTicksPerSecond = 100; // sysconf(_SC_CLK_TCK) on Linux x64 and arm64
const kibPerMib = 1024;

type ProcessFacts = { pid: number; parent: number; ticks: number };

function factsOf(pid: number): ProcessFacts | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold blanks and parentheses; the fields after it are fixed: state, ppid, ..., utime, stime, cutime, cstime.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { pid, parent: Number(fields[1]), ticks };
  } catch {
    return null;
  }
}

/** The given processes and all their descendants that live now. */
function treeOf(roots: readonly number[]): ProcessFacts[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => factsOf(Number(name)))
    .filter((facts) => facts !== null);
  const members = new Set(roots);
  // A parent has not always the lower number: repeat until nothing is added.
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const facts of all) if (members.has(facts.parent)) members.add(facts.pid);
  }
  return all.filter((facts) => members.has(facts.pid));
}

export function cpuSecondsOf(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, facts) => sum + facts.ticks, 0) / clockTicksPerSecond;
}

/** Resident memory in MiB; a page that several processes share is counted once (PSS). Needs the rights of their users. */
export function memoryMibOf(roots: readonly number[]): number {
  const kib = treeOf(roots).map(({ pid }) => {
    try {
      return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      return 0;
    }
  });
  return kib.reduce((sum, value) => sum + value, 0) / kibPerMib;
}
