// The lock of a data folder, with real processes as holders.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { liveHolder, takeLock } from './lock.ts';
import { isAlive, self, startTimeOf } from './process-table.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that lives until its stdin closes. */
async function sleeper() {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await new Promise((resolve) => child.once('spawn', resolve));
  const pid = child.pid ?? 0;
  const id = { pid, startedAt: startTimeOf(pid) ?? '' };
  const end = () => new Promise<void>((resolve) => (child.once('exit', () => resolve()), child.kill('SIGKILL')));
  return { id, end };
}

test('a second taker is told the pid of the holder, and succeeds after the release', () => {
  const first = takeLock(path);
  expect(first.ok).toBe(true);
  expect(takeLock(path)).toEqual({ ok: false, holder: process.pid });
  if (first.ok) first.lock.release();
  expect(takeLock(path).ok).toBe(true);
});

test('the lock of a killed process is taken over', async () => {
  const holder = await sleeper();
  writeFileSync(path, JSON.stringify(holder.id));
  expect(takeLock(path)).toEqual({ ok: false, holder: holder.id.pid });
  await holder.end();
  expect(liveHolder(path)).toBeNull();
  expect(takeLock(path).ok).toBe(true);
  expect(liveHolder(path)).toBe(process.pid);
});

test('a reused pid does not hold the lock', () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: '1' }));
  expect(takeLock(path).ok).toBe(true);
});

test.each(['', '{', 'null', '[]', '{"pid":"1","startedAt":1}', '{"pid":1}'])('a damaged lock is taken over: %s', (content) => {
  writeFileSync(path, content);
  expect(takeLock(path).ok).toBe(true);
});

test('releasing does not remove the lock of somebody else', () => {
  const first = takeLock(path);
  writeFileSync(path, JSON.stringify({ ...self(), startedAt: '1' }));
  if (first.ok) first.lock.release();
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('taking leaves no other file behind', () => {
  writeFileSync(path, '{}');
  takeLock(path);
  takeLock(path);
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('a zombie counts as gone', async () => {
  // The shell's child ends at once; the exec'ed sleep never collects it.
  const shell = spawn('sh', ['-c', '(exit 0) & echo $!; exec sleep 20'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = Number(await new Promise<string>((resolve) => shell.stdout.once('data', (data: Buffer) => resolve(data.toString()))));
  await expect.poll(() => startTimeOf(pid)).toBeNull();
  expect(isAlive({ pid, startedAt: '' })).toBe(false);
  shell.kill('SIGKILL');
});
