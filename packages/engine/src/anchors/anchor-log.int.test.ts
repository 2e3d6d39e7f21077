import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storedAnchors } from '../offline/audit-anchors.ts';
import { anchorLog } from './anchor-log.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-anchors-'));
});
afterEach(() => rm(directory, { recursive: true }));

const at = Date.UTC(2026, 10, 30, 23, 59);
const anchor = (seq: number, minutes = 0, agrees = true) => ({ at: at + minutes * 60_000, seq, hash: `${seq}`.padStart(64, 'a'), agrees });

test('what was kept is there after a restart, a month has its own file, and an unchanged record is kept once an hour', async () => {
  const log = anchorLog(directory);
  expect(await log.newest()).toBeNull();
  await log.keep(anchor(1));
  await log.keep(anchor(1, 1));
  await log.keep(anchor(2, 2));
  await log.keep(anchor(2, 3));
  await log.keep(anchor(2, 70));
  expect((await readdir(directory)).sort()).toEqual(['2026-11.jsonl', '2026-12.jsonl']);
  expect(await anchorLog(directory).newest()).toEqual({ seq: 2, hash: anchor(2).hash });
  expect(storedAnchors(directory).anchors.map(({ seq }) => seq)).toEqual([1, 2, 2]);
});

test('the anchor that a record disagrees with stays the one to compare with, across restarts and months', async () => {
  const log = anchorLog(directory);
  await log.keep(anchor(5));
  await log.keep(anchor(3, 2, false));
  expect(await log.newest()).toEqual({ seq: 5, hash: anchor(5).hash });
  expect(await anchorLog(directory).newest()).toEqual({ seq: 5, hash: anchor(5).hash });
});

test('a torn line is cut off, and a line that is no anchor is counted', async () => {
  await anchorLog(directory).keep(anchor(1));
  await appendFile(join(directory, '2026-11.jsonl'), '{"at":1,"se');
  const log = anchorLog(directory);
  expect(await log.newest()).toEqual({ seq: 1, hash: anchor(1).hash });
  await log.keep(anchor(2));
  expect((await readFile(join(directory, '2026-11.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(2);
  await writeFile(join(directory, '2026-10.jsonl'), 'not an anchor\n');
  expect(storedAnchors(directory)).toMatchObject({ unreadable: 1, anchors: [{ seq: 1 }, { seq: 2 }] });
});
