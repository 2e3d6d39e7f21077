// The entities of one revision as an engine holds them: the raw body (what the content root is taken over and what is kept on disk)
// beside its tolerant reading. Immutable; a delta copies only the kinds that it changes.
import { entityKinds, type EntityBody, type EntityKind, type EntityVersion } from '@sluice/contract';
import { emptyContentRoot } from '@sluice/contract/content-root';

export type StoredEntity<K extends EntityKind = EntityKind> = {
  readonly revision: number;
  readonly id: string;
  readonly raw: unknown;
  readonly body: EntityBody<K> & { readonly id: string };
};

export type EntitySet = {
  readonly revision: number;
  readonly contentRoot: string;
  readonly kinds: ReadonlyMap<EntityKind, ReadonlyMap<string, StoredEntity>>;
};

export const emptyEntitySet: EntitySet = { revision: 0, contentRoot: emptyContentRoot, kinds: new Map() };

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** The live entities of one kind by id. */
export function entitiesOf<K extends EntityKind>(set: EntitySet, kind: K): ReadonlyMap<string, StoredEntity<K>> {
  // The map under a kind holds only bodies that its schema parsed (see build-generation), which the type of the outer map cannot say.
  return (set.kinds.get(kind) ?? none) as ReadonlyMap<string, StoredEntity<K>>;
}

/** Their bodies. */
export function* bodiesOf<K extends EntityKind>(set: EntitySet, kind: K): Generator<StoredEntity<K>['body']> {
  for (const { body } of entitiesOf(set, kind).values()) yield body;
}

/** Every live entity as the feed would bring it, referred-to kinds before referring ones. */
export function* entityVersions(set: EntitySet): Generator<EntityVersion> {
  for (const kind of entityKinds) {
    for (const entity of entitiesOf(set, kind).values()) yield { revision: entity.revision, kind, id: entity.id, body: entity.raw };
  }
}
