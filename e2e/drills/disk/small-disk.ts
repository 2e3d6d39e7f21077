// A real, small disk that really fills up: a tmpfs, or ext4 in a file, mounted in a mount namespace of the drill's own, so that nothing is
// left of it when the drill's processes are gone, however they ended.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const insideMark = '--in-own-mounts';
const mebibyte = 1024 * 1024;

/** How to get a mount namespace here: as root at once, else with a user namespace; null where neither is allowed. */
export function ownMounts(): string[] | null {
  const ways = process.getuid?.() === 0 ? [['-m']] : [['-r', '-m']];
  return ways.find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0) ?? null;
}

/** Runs this very script again in a mount namespace of its own and ends with its exit code; returns when it already runs in one. */
export function enterOwnMounts(): void {
  if (process.argv.includes(insideMark)) return;
  const flags = ownMounts();
  if (flags === null) throw new Error('unshare is not allowed here: a small disk cannot be mounted');
  const [node, ...args] = [process.execPath, ...process.argv.slice(1), insideMark];
  const { status } = spawnSync('unshare', [...flags, node, ...args], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

export type SmallDisk = {
  /** Fills the disk to its last block; again after something was freed. */
  fill(): void;
  /** Gives back what `fill` took. */
  empty(): void;
  freeBytes(): number;
};

/** Mounts a disk of `mib` at `folder`, which is made. */
export function mountSmallDisk(folder: string, kind: 'tmpfs' | 'ext4', mib: number, scratch: string): SmallDisk {
  mkdirSync(folder, { recursive: true });
  if (kind === 'tmpfs') execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'none', folder]);
  else {
    const image = join(scratch, 'disk.img');
    writeFileSync(image, '');
    truncateSync(image, mib * mebibyte);
    execFileSync('mkfs.ext4', ['-q', '-m', '0', image], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'loop', image, folder]);
  }
  const ballast: string[] = [];
  return {
    fill() {
      const path = join(folder, `ballast-${ballast.length}`);
      ballast.push(path);
      const file = openSync(path, 'w');
      for (const chunk of [Buffer.alloc(mebibyte), Buffer.alloc(4096)]) {
        try {
          while (writeSync(file, chunk) === chunk.length);
        } catch {
          // ENOSPC is what was wanted.
        }
      }
      closeSync(file);
    },
    empty: () => ballast.splice(0).forEach((path) => rmSync(path, { force: true })),
    freeBytes() {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
  };
}
