// The running server as the data folder and the kernel tell it. postmaster.pid holds, by line: pid, data folder, start time, port, socket
// folder, listen address, shared memory key, status. A pid alone proves nothing: it can be a zombie or by now somebody else's.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export type Postmaster = { pid: number; port: number; status: string };

const line = { pid: 0, port: 3, status: 7 } as const;

export function readPostmaster(data: string): Postmaster | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Math.abs(Number(lines[line.pid]));
    const port = Number(lines[line.port] ?? 0);
    return Number.isInteger(pid) && pid > 0 ? { pid, port, status: (lines[line.status] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}

/** Running, that is: not a zombie waiting to be collected. */
function isRunning(pid: number | string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether the process works in this data folder: every process of a server does, and nothing else has a reason to. */
export function worksIn(pid: number | string, data: string): boolean {
  try {
    return isRunning(pid) && readlinkSync(`/proc/${pid}/cwd`) === data;
  } catch {
    return false;
  }
}

/** Every process of a server in this folder, orphaned backends of a killed one included. */
export function processesIn(data: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && worksIn(name, data))
    .map(Number);
}
