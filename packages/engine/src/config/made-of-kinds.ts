// What is made of some kinds of an entity set, made once for as long as these kinds are the same: a delta copies only the kinds that it
// changes, so an edit of one limit does not index a hundred thousand sources anew.
import type { EntityKind } from '@sluice/contract';
import type { Steps } from '@sluice/policy';
import { entitiesOf, type EntitySet } from './entity-set.ts';

/** `kinds`: all that `make` looks at. Of each map of the first kind the last thing made is kept, as long as that map is. */
export function madeOf<T>(kinds: readonly [EntityKind, ...EntityKind[]], make: (set: EntitySet) => Steps<T>): (set: EntitySet) => Steps<T> {
  const known = new WeakMap<object, { others: readonly object[]; made: T }>();
  const [first, ...rest] = kinds;
  return function* (set) {
    const key = entitiesOf(set, first);
    const others = rest.map((kind) => entitiesOf(set, kind));
    const before = known.get(key);
    if (before?.others.every((map, at) => map === others[at])) return before.made;
    const made = yield* make(set);
    known.set(key, { others, made });
    return made;
  };
}
