// That an edit costs what its kind costs, and that nothing old is answered for a kind that was changed.
import { expect, test } from 'vitest';
import { atOnce } from '@sluice/policy';
import { deltaOn, id, nothingSaid, smallConfig, type SampleEntity } from '../testing/sample-config.ts';
import { buildGeneration, emptyEntitySet } from './build-generation.ts';
import { entitiesOf, type EntitySet } from './entity-set.ts';
import { madeOf } from './made-of-kinds.ts';

const limit = (count: number): SampleEntity => ({
  kind: 'limit',
  id: id(900),
  body: { name: 'of all', where: {}, by: [], kind: 'message_rate', count },
});

function built(previous: EntitySet, said: ReturnType<typeof nothingSaid>, revision: number, entities: SampleEntity[]) {
  const next = buildGeneration(previous, deltaOn(said, revision, entities));
  if (!next.ok) throw new Error(JSON.stringify(next.problems));
  return next;
}

test('what is made of a kind is made once until a delta changes one of the kinds that it looks at', () => {
  let made = 0;
  const domains = madeOf(['domain', 'tenant'], function* (set) {
    made += 1;
    yield;
    return entitiesOf(set, 'domain').size;
  });
  const said = nothingSaid();
  const first = built(emptyEntitySet, said, 1, [...smallConfig(), limit(1)]);
  const known = atOnce(domains(first.entities));
  const limited = built(first.entities, said, 2, [limit(2)]);
  expect(atOnce(domains(limited.entities))).toBe(known);
  expect(made).toBe(1);
  const more = { kind: 'domain', id: id(950), body: { tenantId: id(1), domain: 'more.example' } } as const;
  const grown = built(limited.entities, said, 3, [more]);
  expect(atOnce(domains(grown.entities))).toBe(known + 1);
  // The generation before still answers what it answered.
  expect(atOnce(domains(limited.entities))).toBe(known);
  expect(made).toBe(2);
});

test('a generation after an edit answers by the edit, and by what was there before for all else', () => {
  const said = nothingSaid();
  const first = built(emptyEntitySet, said, 1, [...smallConfig(), limit(1)]);
  const second = built(first.entities, said, 2, [limit(7)]);
  expect(second.generation.limits).not.toBe(first.generation.limits);
  expect(second.generation.limits.rules.get(id(900))?.count).toBe(7);
  expect(first.generation.limits.rules.get(id(900))?.count).toBe(1);
  expect(second.generation.settings).toBe(first.generation.settings);
  expect(second.generation.warmUps).toBe(first.generation.warmUps);
  expect([...second.generation.sources()]).toEqual([...first.generation.sources()]);
});

test('what broke by a deletion in another kind is found, though the kind that refers to it did not change', () => {
  const said = nothingSaid();
  const first = built(emptyEntitySet, said, 1, smallConfig());
  const [tenant] = entitiesOf(first.entities, 'tenant').keys();
  const gone = { kind: 'tenant', id: tenant ?? '', body: null } as const;
  expect(buildGeneration(first.entities, deltaOn(said, 2, [gone])).ok).toBe(false);
});
