// What an installation leaves in the system, seen from outside: processes that carry its data folder in their environment, arguments or
// working folder, and ports that somebody listens on. The test of every end is that neither is left.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export type Trace = { pid: number; command: string };
/** The part of run.json that tests read. */
type RunFile = {
  ports: Record<string, number | null>;
  sandbox: { dns: string; smtpPort: number } | null;
  processes: Record<string, { pid: number } | undefined>;
};

const pollMs = 50;

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile, or somebody else's
  }
};

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Processes of the installation on `dataDir`. A zombie has neither environment nor arguments and does not count. */
export function processesOf(dataDir: string): Trace[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const command = readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
    const belongs = [command, readText(`/proc/${pid}/environ`), workingFolder(pid)].some((text) => text.includes(dataDir));
    return belongs ? [{ pid: Number(pid), command }] : [];
  });
}

/** All ports of this machine in state listen (TCP) or bound (UDP). proc_net_tcp: the second field is the local address, the fourth the state. */
function listeningPorts(): Set<number> {
  const tables = [
    ['tcp', '0A'],
    ['tcp6', '0A'],
    ['udp', '07'],
    ['udp6', '07'],
  ] as const;
  return new Set(
    tables.flatMap(([table, listening]) => {
      const rows = readText(`/proc/net/${table}`).split('\n').slice(1);
      const fields = rows.map((row) => row.trim().split(/\s+/)).filter((row) => row[3] === listening);
      return fields.map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16));
    }),
  );
}

/** The run file of a running installation. */
export function runFile(dataDir: string): RunFile {
  return JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8')) as RunFile;
}

/** Every port that the running installation listens on, the sandbox's included. */
export function portsOf(dataDir: string): number[] {
  const { ports, sandbox } = runFile(dataDir);
  const dnsPort = Number(sandbox?.dns.split(':').at(-1) ?? 0);
  return [...Object.values(ports), sandbox?.smtpPort ?? 0, dnsPort].filter((port): port is number => port !== null && port > 0);
}

/** Waits until nothing is left; answers with what still is after `limitMs`, as lines. */
export async function leftAfter(dataDir: string, ports: readonly number[], limitMs: number): Promise<string[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const listening = listeningPorts();
    const open = ports.filter((port) => listening.has(port)).map((port) => `port ${port}`);
    const left = [...processesOf(dataDir).map(({ pid, command }) => `process ${pid}: ${command}`), ...open];
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
