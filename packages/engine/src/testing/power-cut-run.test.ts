// The crash stories in small; the drill `crash` runs them at 200 points.
import { expect, it } from 'vitest';
import { powerCutPoints } from './power-cut-run.ts';

it('loses nothing that was promised and returns nothing torn when the power goes at random points', async () => {
  const figures = await powerCutPoints({ seed: 7, points: 30 });
  expect(figures.violations).toEqual([]);
  expect(figures.accepted).toBeGreaterThan(500);
  expect(figures.liveAfter).toBeGreaterThan(50);
  expect(figures.laidBy).toBeGreaterThan(50);
  expect(figures.relaid).toBeGreaterThan(50);
}, 60_000);
