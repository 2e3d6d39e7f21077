// The double itself: what it may lose, and what it never loses.
import { expect, it } from 'vitest';
import { PowerCutFiles } from './power-cut-files.ts';

const text = (files: PowerCutFiles, path: string): string => {
  const handle = files.open(path);
  const bytes = Buffer.from(files.read(handle, 10_000, 0)).toString('latin1');
  files.close(handle);
  return bytes;
};

it('keeps synced bytes under a synced name through every cut', () => {
  for (let seed = 1; seed < 40; seed += 1) {
    const files = new PowerCutFiles({ seed });
    files.makeDirectory('/d');
    const handle = files.create('/d/a');
    files.write(handle, [Buffer.alloc(1_500, 'a')], 0);
    files.datasync(handle);
    files.syncDirectory('/d');
    files.write(handle, [Buffer.alloc(1_500, 'b')], 1_500);
    expect(text(files.afterCut({ seed }), '/d/a').slice(0, 1_500)).toBe('a'.repeat(1_500));
  }
});

it('loses, keeps and tears unsynced bytes, and unsynced names, in some cuts', () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed < 200; seed += 1) {
    const files = new PowerCutFiles({ seed });
    files.makeDirectory('/d');
    const handle = files.create('/d/a');
    files.write(handle, [Buffer.alloc(1_024, 'a')], 0);
    const left = files.afterCut({ seed });
    if (!left.paths().includes('/d/a')) outcomes.add('no name');
    else
      outcomes.add(
        text(left, '/d/a')
          .replaceAll('\0', '.')
          .replaceAll(/(.)\1*/g, '$1'),
      );
  }
  expect([...outcomes].sort()).toEqual(['', '.a', 'a', 'no name']);
});

it('never makes durable by a second fsync what a failed one let go', () => {
  let lost = 0;
  for (let seed = 1; seed < 40; seed += 1) {
    const files = new PowerCutFiles({ seed });
    files.makeDirectory('/d');
    const handle = files.create('/d/a');
    files.syncDirectory('/d');
    files.write(handle, [Buffer.alloc(512, 'a')], 0);
    files.fail({ operation: 'datasync', code: 'EIO', times: 1 });
    expect(() => files.datasync(handle)).toThrow('EIO');
    files.datasync(handle);
    if (text(files.afterCut({ seed }), '/d/a') === '') lost += 1;
  }
  expect(lost).toBeGreaterThan(5);
});

it('fails every call after the cut, and a write that does not fit', () => {
  const files = new PowerCutFiles({ seed: 1, cutAt: 3, capacityBytes: 100 });
  files.makeDirectory('/d');
  const handle = files.create('/d/a');
  expect(() => files.write(handle, [Buffer.alloc(200)], 0)).toThrow('ENOSPC');
  expect(() => files.datasync(handle)).toThrow('the power is cut');
  expect(() => files.list('/d')).toThrow('the power is cut');
});
