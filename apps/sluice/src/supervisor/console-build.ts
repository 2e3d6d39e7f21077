// The console's pages are built on the machine, once per state of their sources: a hash over everything that goes into them is kept beside
// the result, so that a second start builds nothing. The build runs under `run.mjs guard`: it ends with us, however we end.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAlone } from './build-lock.ts';
import { StartProblem } from './problem.ts';
import { signalGroup } from './process-table.ts';

const inputs = [
  'apps/console',
  'packages/contract',
  'packages/control',
  'packages/plane',
  'packages/policy',
  'packages/providers',
  'prisma/src',
];
const files = ['package-lock.json', 'tsconfig.base.json', 'prisma/schema.prisma'];
const ignored = /^(?:node_modules|\.next|test-results|next-env\.d\.ts|.*\.test\.tsx?|.*\.tsbuildinfo)$/;
const tailLines = 25;

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => !ignored.test(entry.name));
  return entries.flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/** Hash over names and contents of all that the build reads. */
export function sourceHash(root: string): string {
  const hash = createHash('sha256').update(process.version);
  const paths = [...inputs.flatMap((folder) => filesUnder(join(root, folder))), ...files.map((file) => join(root, file))];
  for (const path of paths.filter((candidate) => existsSync(candidate)).sort()) {
    const content = readFileSync(path);
    hash.update(`${path.slice(root.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

const stampPath = (root: string): string => join(root, 'apps/console/.next/source-hash');

export function isConsoleBuilt(root: string): boolean {
  const stamp = stampPath(root);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash(root);
}

/** Builds the console. `signal` ends the build. The build's output goes to `logFile`; its end is told when the build fails. */
async function buildConsole(root: string, env: Record<string, string>, logFile: string, signal: AbortSignal): Promise<void> {
  const wanted = sourceHash(root);
  rmSync(stampPath(root), { force: true });
  const log = openSync(logFile, 'w', 0o600);
  const next = join(root, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [join(root, 'run.mjs'), 'guard', process.execPath, next, 'build', 'apps/console'], {
    cwd: root,
    env,
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  const end = (): void => void child.stdin?.end();
  signal.addEventListener('abort', end, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', resolve);
  });
  signal.removeEventListener('abort', end);
  signalGroup(child.pid ?? 0, 'SIGKILL');
  if (signal.aborted) return;
  if (code !== 0) {
    const tail = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n');
    throw new StartProblem(`building the console failed (${logFile}):\n${tail}`);
  }
  writeFileSync(stampPath(root), wanted);
}

/** The console as its sources say: built where it is not, by one of all who want it. */
export function bringConsoleUpToDate(root: string, env: Record<string, string>, logFile: string, signal: AbortSignal): Promise<void> {
  const build = (): Promise<void> => buildConsole(root, env, logFile, signal);
  return buildAlone(root, () => isConsoleBuilt(root), signal, build);
}
