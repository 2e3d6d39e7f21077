// Part (a) of the drill `crash`: the real spool on a disk that loses its power in the middle of a random operation, then once more. At every
// point: nothing acknowledged is lost, no end that was recorded is undone, and no byte comes back that was not accepted.
import { crc32 } from 'node:zlib';
import { powerCutPoints } from '@sluice/engine/testing';

export type PowerCutDrill = {
  points: number;
  accepted: number;
  outcomes: number;
  /** Acknowledged mail or events that are gone. */
  lost: number;
  /** Ends or retries that were recorded and forgotten, or told twice. */
  undone: number;
  /** Contents or events that are not what was written. */
  torn: number;
  /** The first broken promises in words, with the seed that repeats them. */
  examples: string[];
};

const maxExamples = 5;

export async function runPowerCut(options: { seed: string; points: number }): Promise<PowerCutDrill> {
  const { points, accepted, outcomes, violations } = await powerCutPoints({ seed: crc32(options.seed) % 10_000, points: options.points });
  const count = (kind: 'lost' | 'undone' | 'torn'): number => violations.filter((violation) => violation.kind === kind).length;
  const examples = violations.slice(0, maxExamples).map(({ kind, what }) => `${kind}: ${what}`);
  return { points, accepted, outcomes, lost: count('lost'), undone: count('undone'), torn: count('torn'), examples };
}
