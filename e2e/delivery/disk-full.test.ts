// The small version of the drill `disk-full`: real processes, a real disk that really is full.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownMounts } from '../drills/disk/small-disk.ts';

const drill = fileURLToPath(new URL('../drills/disk-full.ts', import.meta.url));
const limitMs = 240_000;
const small = ['--disk-mib', '32', '--free-mib', '8', '--reserve-mib', '2', '--bytes', '3000'];

describe.skipIf(ownMounts() === null)('the disk of the spool is full (skipped: unshare is not allowed here)', () => {
  it(
    'refuses mail with 452, delivers out of the reserve, then offers nothing, and loses nothing when space returns',
    () => {
      const { stdout, stderr } = spawnSync(process.execPath, [drill, ...small], { encoding: 'utf8', timeout: limitMs });
      const last = stdout.trim().split('\n').at(-1) ?? '';
      expect(last, stderr).toContain('"holds":true');
    },
    limitMs + 10_000,
  );
});
