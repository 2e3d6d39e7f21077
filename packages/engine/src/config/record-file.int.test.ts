// The record file on a real disk.
import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { recordFile } from './record-file.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
async function path(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-record-'));
  folders.push(folder);
  return join(folder, 'config', 'copy.jsonl');
}

describe('recordFile', () => {
  it('is empty before the first write and readable by its owner only', async () => {
    const at = await path();
    const file = recordFile(at);
    expect(await file.read()).toEqual([]);
    await file.append(['{"a":1}']);
    expect((await stat(at)).mode & 0o777).toBe(0o600);
    await file.replace(['{"b":1}']);
    expect((await stat(at)).mode & 0o777).toBe(0o600);
    expect(await file.read()).toEqual(['{"b":1}']);
  });

  it('cuts off a torn last line, so that the next append starts on a line of its own', async () => {
    const at = await path();
    const file = recordFile(at);
    await file.append(['{"ä":"ö"}', '{"b":2}']);
    await appendFile(at, '{"torn":');
    expect(await file.read()).toEqual(['{"ä":"ö"}', '{"b":2}']);
    await file.append(['{"c":3}']);
    expect(await file.read()).toEqual(['{"ä":"ö"}', '{"b":2}', '{"c":3}']);
  });

  it('holds many lines', async () => {
    const file = recordFile(await path());
    const lines = Array.from({ length: 20_000 }, (_, index) => JSON.stringify({ index, text: 'x'.repeat(40) }));
    await file.append(lines);
    expect(await file.read()).toEqual(lines);
  });
});
