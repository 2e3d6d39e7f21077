// `npm test [-- TIER ...]`: runs the tiers of tests with what is on the machine, names what is skipped and why and what failed, and ends
// with counts per tier and one plain line. A tier whose runner reports nothing counts as failed: green must mean that tests ran.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { playwrightCounts, vitestCounts, type Counts } from './tier-counts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);
const parentIntervalMs = 1000;
const killAfterMs = 20_000;

type Tier = {
  name: string;
  /** Programs without which the whole tier cannot run. */
  needs: readonly string[];
  /** Programs without which single tests of the tier skip themselves. */
  uses: readonly string[];
  command(report: string): [string, string[]];
  counts(report: string): Counts;
};

const vitest = (project: string, config: string): Tier['command'] => {
  return (report) => [
    bin('vitest'),
    ['run', '--config', config, '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ];
};

const tiers: readonly Tier[] = [
  { name: 'unit', needs: [], uses: [], command: vitest('unit', 'vitest.config.ts'), counts: vitestCounts },
  { name: 'integration', needs: [], uses: [], command: vitest('integration', 'vitest.config.ts'), counts: vitestCounts },
  {
    name: 'delivery',
    needs: [],
    uses: ['swaks', 'strace', 'python3'],
    command: vitest('delivery', 'e2e/vitest.config.ts'),
    counts: vitestCounts,
  },
  {
    name: 'scenarios',
    needs: [],
    uses: ['ip', 'unshare', 'nsenter'],
    command: vitest('scenarios', 'e2e/vitest.config.ts'),
    counts: vitestCounts,
  },
  {
    name: 'interop',
    needs: ['postfix', 'opendkim', 'swaks'],
    uses: [],
    command: vitest('interop', 'e2e/vitest.config.ts'),
    counts: vitestCounts,
  },
  {
    name: 'console',
    needs: ['chromium'],
    uses: [],
    command: () => [bin('playwright'), ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json']],
    counts: playwrightCounts,
  },
];

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin'];
function isInstalled(program: string): boolean {
  if (folders.some((folder) => existsSync(join(folder, program)))) return true;
  return program === 'chromium' && playwrightBrowser();
}

/** The browser that Playwright itself has fetched, where the user has one. */
function playwrightBrowser(): boolean {
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(process.env['HOME'] ?? '/nonexistent', '.cache', 'ms-playwright');
  return existsSync(cache) && readdirSync(cache).some((name) => name.startsWith('chromium'));
}

let running: ChildProcess | null = null;
let stopped = false;

/** Each runner leads its own process group, so that stopping us stops all that it started. */
function stop(): void {
  if (stopped) return;
  stopped = true;
  const pid = running?.pid;
  if (pid === undefined) process.exit(1);
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // The group has ended.
    }
  };
  kill('SIGTERM');
  setTimeout(() => kill('SIGKILL'), killAfterMs).unref();
}

async function run(tier: Tier): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tests-'));
  const report = join(folder, 'report.json');
  const [command, args] = tier.command(report);
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], detached: true, env });
  running = child;
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  running = null;
  const none = { passed: 0, failed: 0, skipped: 0, skippedNames: [], failedNames: [] };
  const counts = existsSync(report) ? tier.counts(readFileSync(report, 'utf8')) : none;
  rmSync(folder, { recursive: true, force: true });
  const silent = counts.passed + counts.failed === 0 || (code !== 0 && counts.failed === 0);
  return silent ? { ...counts, failed: counts.failed + 1 } : counts;
}

async function runAll(chosen: readonly Tier[]): Promise<void> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  for (const tier of chosen) {
    const missing = tier.needs.filter((program) => !isInstalled(program));
    if (missing.length > 0) {
      total.skipped += 1;
      lines.push(`${tier.name}: skipped, not installed: ${missing.join(', ')}`);
      continue;
    }
    console.log(`\n== ${tier.name}`);
    const fromMs = performance.now();
    const counts = await run(tier);
    const seconds = Math.round((performance.now() - fromMs) / 1_000);
    if (stopped) process.exit(1);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
    const absent = tier.uses.filter((program) => !isInstalled(program));
    const why = absent.length > 0 ? ` (not installed: ${absent.join(', ')})` : '';
    lines.push(`${tier.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped, ${seconds} s${why}`);
    lines.push(...counts.skippedNames.map((name) => `  skipped: ${name}`));
    lines.push(...counts.failedNames.map((name) => `  FAILED: ${name}`));
  }
  console.log(`\n${lines.join('\n')}`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) stop();
}, parentIntervalMs).unref();

const names = process.argv.slice(2);
const unknown = names.find((name) => !tiers.some((tier) => tier.name === name));
if (unknown === undefined) await runAll(names.length === 0 ? tiers : tiers.filter((tier) => names.includes(tier.name)));
else {
  console.error(`there is no tier ${unknown}: ${tiers.map((tier) => tier.name).join(', ')}`);
  process.exitCode = 2;
}
