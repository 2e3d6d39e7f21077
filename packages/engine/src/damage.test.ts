// Damage as frames tell it.
import { expect, it } from 'vitest';
import { DamageWatch } from './damage.ts';

it('keeps the moment at which the first damage was seen, whatever is found later', () => {
  const watch = new DamageWatch();
  const none = { entries: 0, injections: 0, stretches: 0 };
  expect(watch.look(none, 1_000)).toEqual({ ...none, since: null });
  expect(watch.look({ ...none, stretches: 1 }, 2_000)).toEqual({ ...none, stretches: 1, since: 2_000 });
  expect(watch.look({ entries: 3, injections: 1, stretches: 1 }, 9_000)).toEqual({ entries: 3, injections: 1, stretches: 1, since: 2_000 });
});
