// The one place of the engine that asks the machine for chance: identifiers, jitter and boundary bytes all come from here.
import { randomBytes, randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Random } from '../ports.ts';

/** Random octets for identifiers are fetched many at a time: a call for sixteen costs as much as one for thousands. */
const idOctets = 16;
const pool = Buffer.allocUnsafe(idOctets * 256);
let used = pool.length;

function idRandom(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idOctets;
  return pool.subarray(used - idOctets, used);
}

/** The machine's randomness. `fraction` is for spreading load, never for secrets. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
  uuid: () => v7({ random: idRandom() }),
};
