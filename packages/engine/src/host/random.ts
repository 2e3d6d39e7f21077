// The one place of the engine that asks the machine for chance: identifiers, jitter and boundary bytes all come from here.
import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Random } from '../ports.ts';

/** The machine's randomness. `fraction` is for spreading load, never for secrets. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  bytes: (count) => randomBytes(count),
  uuid: () => v7(),
};
