// Large messages all at once: what the engine holds of each is a part, in and out, and every octet arrives. A small version of the drill
// `large-messages`.
import { expect, it } from 'vitest';
import { runLarge } from '../drills/large/large-run.ts';

const [count, megabytes] = [12, 25];
/** Less than the messages' own octets; held whole they took three times as much as those. */
const boundMb = 260;

it('a dozen messages of 25 MB at once, in and out, arrive as they were sent and cost less memory than they are long', async () => {
  const figures = await runLarge({ count, megabytes });
  expect(figures.arrived).toBe(count);
  expect(Math.max(figures.inMb, figures.outMb) - figures.idleMb, JSON.stringify(figures)).toBeLessThan(boundMb);
});
