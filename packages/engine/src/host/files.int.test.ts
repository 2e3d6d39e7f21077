// The real file system behind the Files port.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFiles } from './files.ts';

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-files-'));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('writes chunks in order at a position and reads them back', () =>
  inFolder((folder) => {
    const files = nodeFiles();
    const handle = files.create(join(folder, 'a'));
    const chunks = Array.from({ length: 1_500 }, (_, index) => Buffer.from(`${index};`));
    files.write(handle, [Buffer.from('head')], 0);
    files.write(handle, chunks, 4);
    files.datasync(handle);
    const expected = `head${Buffer.concat(chunks).toString()}`;
    expect(Buffer.from(files.read(handle, 1e6, 0)).toString()).toBe(expected);
    expect(files.size(handle)).toBe(expected.length);
    files.truncate(handle, 4);
    expect(Buffer.from(files.read(handle, 100, 2)).toString()).toBe('ad');
    files.close(handle);
  }));

it('keeps other users out and refuses to create over a file that is there', () =>
  inFolder((folder) => {
    const files = nodeFiles();
    const inner = join(folder, 'x', 'y');
    files.makeDirectory(inner);
    files.close(files.create(join(inner, 'a')));
    expect(statSync(join(inner, 'a')).mode & 0o777).toBe(0o600);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    expect(() => files.create(join(inner, 'a'))).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    files.rename(join(inner, 'a'), join(inner, 'b'));
    files.syncDirectory(inner);
    expect(files.list(inner)).toEqual(['b']);
    files.remove(join(inner, 'b'));
    expect(files.list(inner)).toEqual([]);
    expect(files.freeBytes(inner)).toBeGreaterThan(0);
  }));
