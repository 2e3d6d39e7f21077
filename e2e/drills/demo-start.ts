// demo-start: a fresh clone with a warm npm cache shows a signed-in Overview with a new delivery within 180 s; the second start takes 10 s.
//
// Clones this checkout's HEAD into a scratch folder, runs `npm start -- --demo` there as a newcomer would, signs in with a real browser
// and waits for a delivery newer than the start. Usage: npm run drill -- demo-start [--first 180] [--second 10]
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { freePorts, stopProcess, until } from '@sluice/bench/installation';
import { browserLaunch } from '../browser.ts';

const { values } = parseArgs({ options: { first: { type: 'string', default: '180' }, second: { type: 'string', default: '10' } } });
const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'sluice-clone-'));
const clone = join(scratch, 'sluice');
const owner = { email: 'owner@example.net', password: 'a password for the drill' };
const [consolePort = 0, smtp = 0, engineHttp = 0, postgres = 0] = await freePorts(4);
const consoleUrl = `http://127.0.0.1:${consolePort}`;
const env = {
  ...process.env,
  SLUICE_CONSOLE_PORT: String(consolePort),
  SLUICE_SMTP_PORT: String(smtp),
  SLUICE_ENGINE_HTTP_PORT: String(engineHttp),
  SLUICE_POSTGRES_PORT: String(postgres),
  SLUICE_OWNER_EMAIL: owner.email,
  SLUICE_OWNER_PASSWORD: owner.password,
};

const runFile = join(clone, 'var', 'run.json');
let postgresElsewhere: string | null = null;

/** As root under a private folder Postgres keeps its data outside the clone, which goes with the drill too. */
function postgresFolder(): string | null {
  const { postgres: place } = JSON.parse(readFileSync(runFile, 'utf8')) as { postgres: { dataDirectory: string } };
  return place.dataDirectory.startsWith(clone) ? null : dirname(dirname(place.dataDirectory));
}

function npmStart(): ChildProcess {
  return spawn('npm', ['start', '--', '--demo'], { cwd: clone, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch(`${consoleUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

/** Signs in and waits until the page itself shows a delivery made after `since`. */
async function overviewWithDelivery(page: Page, since: number): Promise<void> {
  await page.goto(`${consoleUrl}/sign-in`);
  await page.getByLabel(/e-?mail/i).fill(owner.email);
  await page.getByLabel(/password/i).fill(owner.password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.waitForURL(`${consoleUrl}/`);
  const newest = async () => {
    const delivered = page
      .getByRole('row')
      .filter({ hasText: /delivered/i })
      .locator('time');
    const times = await delivered.evaluateAll((found) => found.map((time) => Date.parse(time.getAttribute('datetime') ?? '')));
    return Math.max(0, ...times);
  };
  await until(async () => (await newest()) > since, 120_000);
}

let running: ChildProcess | null = null;
let exitCode = 1;
const browser = await chromium.launch(browserLaunch());
try {
  const cloned = spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' });
  if (cloned.status !== 0) throw new Error('git clone failed');
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));

  const since = Date.now();
  running = npmStart();
  await until(answers, Number(values.first) * 1000, () => (running?.exitCode === null ? null : 'npm start ended'));
  await overviewWithDelivery(page, since);
  const firstSeconds = (Date.now() - since) / 1000;
  await page.close();
  await stopProcess(running);

  postgresElsewhere = postgresFolder();
  await until(() => !existsSync(runFile), 20_000);
  const again = Date.now();
  running = npmStart();
  await until(answers, 60_000, () => (running?.exitCode === null ? null : 'npm start ended'));
  const secondSeconds = (Date.now() - again) / 1000;
  const holds = firstSeconds <= Number(values.first) && secondSeconds <= Number(values.second) && errors.length === 0;
  process.stdout.write(`${JSON.stringify({ drill: 'demo-start', holds, firstSeconds, secondSeconds, consoleErrors: errors })}\n`);
  exitCode = holds ? 0 : 1;
} finally {
  await browser.close();
  if (running) await stopProcess(running);
  // npm ends before what it started has drained.
  await until(async () => !existsSync(runFile), 20_000);
  if (postgresElsewhere !== null) rmSync(postgresElsewhere, { recursive: true, force: true });
  rmSync(scratch, { recursive: true, force: true });
}
process.exit(exitCode);
