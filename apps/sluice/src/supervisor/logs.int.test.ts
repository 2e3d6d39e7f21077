// The parts' logs: errors come through to the operator, harmlessly, and the files stay bounded.
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followLogs, rotateLog } from './logs.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('shows errors written since the start and nothing else', () => {
  const base = join(folder, 'mta');
  writeFileSync(`${base}.errors.log`, 'of an earlier run\n');
  const shown: string[] = [];
  const follower = followLogs([{ name: 'mta', base }], (line) => shown.push(line));
  appendFileSync(`${base}.log`, '{"level":30,"msg":"all is well"}\n{"level":50,"msg":"disk full"}\nplain\n');
  appendFileSync(`${base}.errors.log`, 'Error: \u001b[31mred\u0007\nhalf a li');
  follower.look();
  follower.look();
  appendFileSync(`${base}.errors.log`, 'ne\n');
  follower.look();
  follower.stop();
  expect(shown).toEqual(['mta: disk full', 'mta: Error: ?[31mred?', 'mta: half a line']);
});

test('many lines at once are cut short', () => {
  const base = join(folder, 'mta');
  const shown: string[] = [];
  const follower = followLogs([{ name: 'mta', base }], (line) => shown.push(line));
  appendFileSync(`${base}.errors.log`, 'x\n'.repeat(500));
  follower.look();
  follower.stop();
  expect(shown).toHaveLength(21);
});

test('a file over its bound moves aside and goes on empty', () => {
  const path = join(folder, 'mta.log');
  writeFileSync(path, 'x'.repeat(101));
  rotateLog(path, 100);
  expect(statSync(path).size).toBe(0);
  expect(statSync(`${path}.1`).size).toBe(101);
  rotateLog(join(folder, 'none.log'), 100);
  expect(existsSync(join(folder, 'none.log.1'))).toBe(false);
});
