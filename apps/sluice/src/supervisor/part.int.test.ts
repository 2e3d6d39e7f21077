// Parts and how they end, with tiny real processes: asked, deaf, orphaned, with children of their own.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../env.ts';
import { startPart, type Part } from './part.ts';
import { isAlive, startTimeOf } from './process-table.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-part-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const drains = 'process.stdin.on("end", () => { console.log("drained"); process.exit(0); }).resume();';
const tells = (value: string) => `require("fs").writeSync(3, JSON.stringify(${value}) + "\\n");`;

function partOf(script: string, drainMs = 5000): Part {
  const spec = { name: 'tiny', command: process.execPath, args: ['-e', script], env: {}, logFile: join(folder, 'tiny'), drainMs };
  return startPart(spec, folder);
}

test('a part reports once and ends when asked', async () => {
  const part = partOf(tells('{ port: 7 }') + drains);
  expect(await part.report).toEqual({ port: 7 });
  expect(await part.stop()).toEqual({ code: 0, signal: null });
  expect(readFileSync(join(folder, 'tiny.log'), 'utf8')).toBe('drained\n');
});

test('a part that does not end is killed with all that it started', async () => {
  const deaf =
    'process.on("SIGTERM", () => {}); const c = require("child_process").spawn("sleep", ["60"]);' +
    tells('c.pid') +
    'setInterval(() => {}, 1000);';
  const part = partOf(deaf, 300);
  const pid = Number(await part.report);
  const child = { pid, startedAt: startTimeOf(pid) ?? '' };
  expect(isAlive(child)).toBe(true);
  expect(await part.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  await expect.poll(() => isAlive(child)).toBe(false);
});

test('a part that ends before it reports says so', async () => {
  const part = partOf('process.exit(3)');
  await expect(part.report).rejects.toThrow('tiny ended before it was ready');
  expect(await part.exited).toEqual({ code: 3, signal: null });
});

test('a program that does not exist is an ending, not a crash', async () => {
  const part = startPart(
    { name: 'none', command: join(folder, 'none'), args: [], env: {}, logFile: join(folder, 'none'), drainMs: 100 },
    folder,
  );
  expect((await part.exited).code).toBe(127);
  await part.stop();
});

test('when the starter is killed, the part drains and the guardian waits for it before it ends', async () => {
  // A supervisor of two parts that is killed outright: a guardian without Postgres, and a part that takes a moment to drain.
  const slow = `process.stdin.on("end", () => setTimeout(() => { require("fs").writeFileSync(${JSON.stringify(join(folder, 'drained'))}, String(Date.now())); process.exit(0); }, 700)).resume();`;
  const starter = join(folder, 'starter.ts');
  const source = `
    import { startPart } from ${JSON.stringify(join(projectRoot, 'apps/sluice/src/supervisor/part.ts'))};
    const node = process.execPath;
    const guardian = startPart({ name: 'guardian', command: node, args: [${JSON.stringify(join(projectRoot, 'apps/sluice/src/guardian.ts'))}, ${JSON.stringify(join(folder, 'guardian.lock'))}], env: { PATH: process.env.PATH ?? '' }, logFile: ${JSON.stringify(join(folder, 'guardian'))}, drainMs: 5000 }, process.cwd());
    await guardian.report;
    const slow = startPart({ name: 'slow', command: node, args: ['-e', ${JSON.stringify(slow)}], env: {}, logFile: ${JSON.stringify(join(folder, 'slow'))}, drainMs: 5000 }, process.cwd());
    guardian.tell(\`part \${slow.id.pid} \${slow.id.startedAt}\`);
    setTimeout(() => process.stdout.write(JSON.stringify([guardian.id, slow.id]) + '\\n'), 300);
  `;
  writeFileSync(starter, source);
  const child = spawn(process.execPath, [starter], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString())));
  const [guardian, part] = JSON.parse(line) as { pid: number; startedAt: string }[];
  if (guardian === undefined || part === undefined) throw new Error('the starter said nothing');
  expect([isAlive(guardian), isAlive(part)]).toEqual([true, true]);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(part), { timeout: 5000 }).toBe(false);
  expect(Number(readFileSync(join(folder, 'drained'), 'utf8'))).toBeGreaterThan(0);
  await expect.poll(() => isAlive(guardian), { timeout: 5000 }).toBe(false);
  expect(readFileSync(join(folder, 'guardian.log'), 'utf8')).toContain('the supervisor is gone');
});

test('a long command under run.mjs guard ends when the other end of the pipe is gone', async () => {
  const child = spawn(process.execPath, [join(projectRoot, 'run.mjs'), 'guard', 'sh', '-c', 'echo $$; exec sleep 60'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const pid = Number(await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString()))));
  const command = { pid, startedAt: startTimeOf(pid) ?? '' };
  expect(isAlive(command)).toBe(true);
  child.stdin.end();
  await expect.poll(() => isAlive(command), { timeout: 5000 }).toBe(false);
});
