// The way in of every root script. It runs on the Node that a machine happens to have (20 or newer) with nothing installed: it installs
// the dependencies when they do not agree with the lockfile, makes the database client when the schema is newer, and hands over to the
// Node that came with the dependencies. It stays as the parent: signals go down, the end of npm or of any process up to npm ends the
// child, and the child's exit code goes up. Only plain JavaScript and node: modules here. See docs/adr/0001-node-24-brought-along.md.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
const minNode = 24;
const watchIntervalMs = 1000;
const progressIntervalMs = 10_000;
const maxAncestors = 8;
const installAttempts = 2;

/** Verb -> file that the bundled Node runs. */
const targets = {
  start: 'apps/sluice/src/start.ts',
  build: 'apps/sluice/src/build.ts',
  sluice: 'apps/sluice/src/cli.ts',
  test: 'e2e/tiers.ts',
  drill: 'e2e/drill.ts',
  bench: 'e2e/bench.ts',
  check: 'e2e/gates/check.ts',
  format: 'e2e/gates/format.ts',
  openapi: 'packages/control/src/openapi/write.ts',
};

const say = (line) => process.stderr.write(`${line}\n`);
function fail(line) {
  say(line);
  process.exit(1);
}

/** State, parent and start time of a process; null when it is gone. The name in /proc/N/stat may hold blanks and parentheses. */
function processStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], parent: Number(fields[1]), startedAt: fields[19] };
  } catch {
    return null;
  }
}

/** The processes between us and npm, npm included; empty when npm did not start us. */
function ancestorsUpToNpm() {
  const chain = [];
  let pid = process.ppid;
  for (let level = 0; level < maxAncestors && pid > 1; level += 1) {
    const stat = processStat(pid);
    if (stat === null) return [];
    chain.push({ pid, startedAt: stat.startedAt });
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (/^npm( |$)|npm-cli\.js/.test(command)) return chain;
    pid = stat.parent;
  }
  return [];
}

/** Calls back once when a process up to npm is gone: npm hands no signal down when it is killed. */
function watchAncestors(onGone) {
  const chain = existsSync('/proc/self/stat') ? ancestorsUpToNpm() : [];
  const alive = ({ pid, startedAt }) => {
    const stat = processStat(pid);
    return stat !== null && stat.state !== 'Z' && stat.startedAt === startedAt;
  };
  const timer = setInterval(() => {
    if (chain.every(alive)) return;
    clearInterval(timer);
    onGone();
  }, watchIntervalMs);
  timer.unref();
}

/** The child that is running now, and the signal by which we were told to end. */
let current = null;
let endedBy = null;
function end(signal) {
  endedBy ??= signal;
  current?.kill(signal);
}

/**
 * `node run.mjs guard COMMAND ...`: runs the command in our own process group until our stdin closes, then ends the group. Together with
 * the group being killed when we end (see runGuarded), neither side can be killed and leave the command running.
 */
function guard(command, args) {
  process.on('SIGTERM', () => {});
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', (error) => fail(`${command}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
  const endGroup = () => {
    process.kill(0, 'SIGTERM');
    setTimeout(() => process.kill(0, 'SIGKILL'), 3000);
  };
  process.stdin.on('end', endGroup).on('error', endGroup).resume();
}

/** Runs a long command under guard, telling every ten seconds that it still runs. Answers with its exit code. */
function runGuarded(label, command, args, env) {
  return new Promise((resolve) => {
    const startedAt = Date.now();
    const self = fileURLToPath(import.meta.url);
    const child = spawn(process.execPath, [self, 'guard', command, ...args], { cwd: root, env, stdio: ['pipe', 2, 2], detached: true });
    current = { kill: () => child.stdin.end() };
    const timer = setInterval(() => say(`${label}: ${Math.round((Date.now() - startedAt) / 1000)} s ...`), progressIntervalMs);
    child.stdin.on('error', () => {});
    child.on('exit', (code) => {
      clearInterval(timer);
      current = null;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group ended by itself, as it should.
      }
      if (endedBy !== null) process.exit(1);
      say(`${label}: ${code === 0 ? 'done' : 'failed'} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
      resolve(code ?? 1);
    });
  });
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** True when npm's own record of node_modules has every package of the lockfile at its version; optional ones may be missing. */
function isInstalled() {
  const record = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = Object.entries(readJson(inRoot('package-lock.json')).packages);
  const present = readJson(record).packages;
  return wanted.every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link) return true;
    const found = present[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

async function install() {
  if (isInstalled()) return;
  const npmScript = process.env.npm_execpath;
  const [command, first] = npmScript?.endsWith('.js') ? [process.execPath, [npmScript]] : ['npm', []];
  const args = [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev', '--include=optional'];
  for (let attempt = 1; attempt <= installAttempts; attempt += 1) {
    say(`Installing dependencies (npm ci); without a warm cache this takes a minute or two${attempt > 1 ? ' (second try)' : ''}`);
    if ((await runGuarded('Installing dependencies', command, args, process.env)) === 0) return;
  }
  fail('npm ci failed; its message is above. Nothing was started.');
}

/** The bundled Node, else our own if it is new enough. */
function findNode() {
  const bundled = inRoot('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  const reason = existsSync(bundled) ? runsOr(bundled) : 'there is no package with Node 24 for this platform';
  if (reason === null) return bundled;
  if (Number(process.versions.node.split('.')[0]) >= minNode) return process.execPath;
  return fail(
    `Sluice runs on Node ${minNode}, which it brings along for Linux on x64 and arm64, but here ${reason}.\n` +
      `This is Node ${process.versions.node} on ${process.platform}-${process.arch}: install Node ${minNode} or newer and start again.`,
  );
}

function runsOr(binary) {
  const { status, error, stderr } = spawnSync(binary, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? null : `the bundled one does not run (${error?.message ?? stderr.trim().split('\n')[0]})`;
}

/** Makes the Prisma client when schema or Prisma changed. Generating needs no schema engine, yet the CLI asks for one: any file will do. */
async function generateClient(node) {
  const schema = inRoot('prisma', 'schema.prisma');
  if (!existsSync(schema)) return;
  const version = readJson(inRoot('node_modules', 'prisma', 'package.json')).version;
  const stamp = createHash('sha256').update(version).update(readFileSync(schema)).digest('hex');
  const folder = inRoot('prisma', 'src', 'generated');
  const stampFile = join(folder, '.stamp');
  if (existsSync(stampFile) && existsSync(join(folder, 'client.ts')) && readFileSync(stampFile, 'utf8') === stamp) return;
  const cli = inRoot('node_modules', 'prisma', 'build', 'index.js');
  const quiet = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
  const env = { ...process.env, ...quiet, PRISMA_SCHEMA_ENGINE_BINARY: node };
  const code = await runGuarded('Making the database client', node, [cli, 'generate', '--schema', schema, '--no-hints'], env);
  if (code !== 0) fail('prisma generate failed; its message is above.');
  mkdirSync(folder, { recursive: true });
  writeFileSync(stampFile, stamp);
}

function handOver(node, file, args) {
  if (endedBy !== null) process.exit(1);
  const path = [dirname(node), inRoot('node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  // Compiled code is kept from one run to the next: a word of the command line begins in a third of the time. Node checks what it keeps
  // against the sources, and goes without where the folder cannot be written.
  const compiled = { NODE_COMPILE_CACHE: inRoot('node_modules', '.cache', 'compiled') };
  const child = spawn(node, [inRoot(file), ...args], { cwd: root, stdio: 'inherit', env: { ...compiled, ...process.env, PATH: path } });
  current = child;
  child.on('error', (error) => fail(`${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}

const [verb = '', ...rest] = process.argv.slice(2);
if (verb === 'guard' && rest.length > 0) {
  guard(rest[0], rest.slice(1));
} else {
  if (!Object.hasOwn(targets, verb)) fail(`usage: node run.mjs ${Object.keys(targets).join('|')} [arguments]`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal));
  watchAncestors(() => end('SIGTERM'));
  await install();
  const node = findNode();
  await generateClient(node);
  handOver(node, targets[verb], rest);
}
