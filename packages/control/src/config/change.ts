// How configuration changes, always: lock the head, check, write the relational rows, append entity versions and the revision, write the
// audit entry; one transaction. Checks run under the lock, so what they found true still is when the change is written; two writers
// without it lose changes. A use case states the change and the reason; it never touches the feed itself.
import { entitySchemas, sectionOf, type EntityBody, type EntityKind } from '@sluice/contract';
import { publishRevision } from '@sluice/plane/console';
import type { z } from 'zod';
import type { Scope } from '../scope.ts';
import { bodiesOf } from '../audit/bodies.ts';
import { lockHead } from './head.ts';
import { assertUnlocked } from './locks.ts';
import { rows } from './rows.ts';

type BodyInput<K extends EntityKind> = z.input<(typeof entitySchemas)[K]>;

export interface Change {
  readonly kind: EntityKind;
  readonly id: string;
  /** The tenant it belongs to; null for what belongs to the installation. */
  readonly tenantId: string | null;
  /** Null removes the entity. */
  readonly body: unknown;
  /** What has to be done to the rows before those of any other change are written. */
  readonly first?: (scope: Scope) => Promise<void>;
  readonly apply: (scope: Scope) => Promise<void>;
}

/** The entity is, from this revision on, as `input` says. */
export function put<K extends EntityKind>(kind: K, id: string, tenantId: string | null, input: BodyInput<K>): Change {
  const body = entitySchemas[kind].parse(input) as EntityBody<K>;
  return { kind, id, tenantId, body, apply: (scope) => rows[kind].write(scope.db, id, body) };
}

/** The entity is gone from this revision on. */
export function remove(kind: EntityKind, id: string, tenantId: string | null): Change {
  return { kind, id, tenantId, body: null, apply: (scope) => rows[kind].remove(scope.db, id) };
}

export interface Why {
  readonly action: string;
  readonly target: string;
  readonly reason: string;
  readonly tenantId?: string | null;
}

export interface ChangeOptions {
  /** The name of the lock under which the change comes, for sections that are managed elsewhere. */
  readonly lock?: string | undefined;
}

/** Writes the changes that `decide` returns, in their order. None: there is no new revision, and the head's is answered. */
export async function changeConfig(
  scope: Scope,
  why: Why,
  decide: () => Promise<Change[]>,
  { lock }: ChangeOptions = {},
): Promise<{ revision: number }> {
  const head = await lockHead(scope);
  const changes = await decide();
  await assertUnlocked(scope, new Set(changes.map(({ kind }) => sectionOf(kind))), lock);
  if (changes.length === 0) {
    await scope.audit(why);
    return { revision: head };
  }
  for (const change of changes) await change.first?.(scope);
  for (const change of changes) await change.apply(scope);
  const { number: revision, previous } = await publishRevision(scope.sql, {
    author: scope.actor.name,
    reason: why.reason,
    requestId: scope.requestId,
    changes: changes.map(({ kind, id, tenantId, body }) => ({ kind, id, tenantId, body })),
  });
  const before = bodiesOf(changes.map(({ kind, id }, at) => ({ kind, id, body: previous[at] })));
  await scope.audit({ ...why, revision, before, after: bodiesOf(changes) });
  return { revision };
}
