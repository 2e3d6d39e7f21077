// How far the old generation may grow before it is collected. A share of what lives suits a large one; of a small one it is so little that what
// buffers hold outside the heap, which counts with it, uses it up several times a second. Measured: ADR 0010.
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import type { Clock } from '../ports.ts';

/** A small one may grow by so much. */
const leastRoomBytes = 64 * 1024 * 1024;
const [leastPercent, mostPercent] = [30, 300];
const lookEveryMs = 1_000;
const oldSpaces = new Set(['old_space', 'large_object_space', 'trusted_space', 'trusted_large_object_space']);

/**
 * Room for a heap of which `liveBytes` lived when it was collected last, in per cent of that. V8 applies it at the end of the next collection, to
 * what lives then: of a heap that has outgrown its room meanwhile (`usedBytes` now) more does.
 */
export function growthPercent(liveBytes: number, usedBytes: number): number {
  const expectedBytes = Math.max(liveBytes, usedBytes - leastRoomBytes);
  return Math.min(mostPercent, Math.max(leastPercent, Math.ceil((leastRoomBytes / expectedBytes) * 100)));
}

function oldBytes(): number {
  return getHeapSpaceStatistics().reduce(
    (sum, { space_name, space_used_size }) => sum + (oldSpaces.has(space_name) ? space_used_size : 0),
    0,
  );
}

/** Looks after it for the life of the process, all of its threads by the heap of the one that calls. Call once. */
export function watchHeapGrowth(clock: Clock): void {
  let [liveBytes, seenBytes, percent] = [0, 0, 0];
  const look = (): void => {
    const bytes = oldBytes();
    // Only a full collection makes it smaller.
    if (bytes < seenBytes || liveBytes === 0) liveBytes = bytes;
    seenBytes = bytes;
    const next = growthPercent(liveBytes, bytes);
    if (next !== percent) {
      percent = next;
      setFlagsFromString(`--heap-growing-percent=${percent}`);
    }
    clock.setTimer(lookEveryMs, look);
  };
  look();
}
