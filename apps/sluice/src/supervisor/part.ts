// One process that the supervisor runs: a part. Its stdin is our pipe, so that it learns of our end even when we are killed; it leads its
// own process group, so that a Ctrl-C reaches only us and its leftovers can be ended with it; its output goes straight to files, so that
// it can still write when we are gone. A part that has something to tell at its start writes one JSON line to descriptor 3.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { signalGroup, startTimeOf, type ProcessId } from './process-table.ts';

export type PartSpec = {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Without extension: `.log` takes standard output, `.errors.log` standard error. */
  logFile: string;
  /** Longest time between being asked to end and being killed. */
  drainMs: number;
};
export type Ending = { code: number | null; signal: NodeJS.Signals | null };
export type Part = {
  name: string;
  id: ProcessId;
  /** Settles when the process is gone; never rejects. */
  exited: Promise<Ending>;
  /** The line on descriptor 3; rejects when the process ends without one. */
  report: Promise<unknown>;
  /** Sends one line to the part's stdin. */
  tell(line: string): void;
  /** Asks the part to end and waits for it; after `drainMs` its whole group is killed. */
  stop(): Promise<Ending>;
};

const maxReportBytes = 64 * 1024;

/** First line of a stream, parsed; undefined when the stream ends before one. */
async function readReport(stream: Readable): Promise<unknown> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end >= 0) return JSON.parse(text.slice(0, end)) as unknown;
    if (text.length > maxReportBytes) break;
  }
  return undefined;
}

export function describeEnding({ code, signal }: Ending): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}

function launch(spec: PartSpec, cwd: string): ChildProcess {
  const out = openSync(`${spec.logFile}.log`, 'a', 0o600);
  const errors = openSync(`${spec.logFile}.errors.log`, 'a', 0o600);
  try {
    return spawn(spec.command, spec.args, { cwd, env: spec.env, detached: true, stdio: ['pipe', out, errors, 'pipe'] });
  } finally {
    closeSync(out);
    closeSync(errors);
  }
}

export function startPart(spec: PartSpec, cwd: string): Part {
  const child = launch(spec, cwd);
  const pid = child.pid ?? 0;
  const exited = new Promise<Ending>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  // Whatever the part itself had started goes with it.
  void exited.then(() => signalGroup(pid, 'SIGKILL'));
  child.stdin?.on('error', () => undefined);
  const line = child.stdio[3] as Readable;
  line.on('error', () => undefined);
  const report = readReport(line).then((value) => {
    if (value === undefined) throw new Error(`${spec.name} ended before it was ready`);
    return value;
  });
  report.catch(() => undefined);
  return {
    name: spec.name,
    id: { pid, startedAt: startTimeOf(pid) ?? '' },
    exited,
    report,
    tell: (text) => void child.stdin?.write(`${text}\n`),
    stop: async () => {
      child.stdin?.end();
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), spec.drainMs);
      const ending = await exited;
      clearTimeout(timer);
      return ending;
    },
  };
}
