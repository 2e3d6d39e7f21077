// Edits become one revision. They are made, judged and written under the lock of the head, so that what was judged is what is written.
import type { EntityBody, EntityKind } from '@sluice/contract';
import { entitySchemas, entityKinds, maxChangesPerRevision } from '@sluice/contract';
import type { ConfigPlan } from '@sluice/contract/api';
import { configHead, deleteSecret } from '@sluice/plane/console';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { changeConfig, type Change, type ChangeOptions, type Why } from './change.ts';
import { actionOf, learnNames, readBody, type Edit } from './edits.ts';
import { judge } from './judge.ts';
import type { Intent } from './roll-back.ts';
import { rows, type RowsOf } from './rows.ts';
import { secretsOf } from './settle-secrets.ts';
import { Names } from './text/names.ts';

export interface WriteOptions extends ChangeOptions {
  /** Refused when the configuration moved on since. Null: whatever it is now. */
  readonly baseRevision: number | null;
  /** The edits, given the head that they are written onto. */
  readonly intend: () => Promise<Intent>;
}

type Written = { revision: number; counts: ConfigPlan['counts']; notes: string[] };

/** Writes what `intend` says, or refuses with the first errors. Nothing to do makes no revision. */
export async function writeEdits(scope: Scope, why: Why, { baseRevision, intend, lock }: WriteOptions): Promise<Written> {
  let intent: Intent = { edits: [], notes: [] };
  const { revision } = await changeConfig(
    scope,
    why,
    async () => {
      const { number: head } = await configHead(scope.sql);
      if (baseRevision !== null && baseRevision !== head)
        throw new Refusal('CONFLICT', `the configuration is at revision ${head} now, not ${baseRevision}: plan again`);
      intent = await intend();
      if (intent.edits.length === 0) return [];
      if (intent.edits.length > maxChangesPerRevision)
        throw new Refusal(
          'BAD_REQUEST',
          `it changes ${intent.edits.length} entities; at most ${maxChangesPerRevision} in one revision: go section by section`,
        );
      const names = new Names(scope, head);
      await learnNames(names, intent.edits);
      const { findings } = await judge(scope, intent.edits, names);
      const errors = findings.filter(({ level }) => level === 'error');
      if (errors.length > 0) throw new Refusal('BAD_REQUEST', inWords(errors));
      await dropSecrets(scope, intent.edits);
      return changesOf(intent.edits);
    },
    { lock },
  );
  return { revision, counts: countsOf(intent.edits), notes: intent.notes };
}

const maxToldErrors = 10;

export function inWords(
  findings: readonly { about: string; field: string; message: string; line: number | null; column: number | null }[],
): string {
  const told = findings.slice(0, maxToldErrors).map(({ about, field, message, line, column }) => {
    const place = line === null ? '' : `line ${line}, column ${column ?? 1}: `;
    return `${place}${[about, field].filter(Boolean).join(', ')}: ${message}`;
  });
  const more = findings.length - told.length;
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

export function countsOf(edits: readonly Edit[]): ConfigPlan['counts'] {
  const counts = { add: 0, change: 0, remove: 0 };
  for (const edit of edits) counts[actionOf(edit)] += 1;
  return counts;
}

/** A secret that nothing names any more is taken away, as the use cases do. */
async function dropSecrets(scope: Scope, edits: readonly Edit[]): Promise<void> {
  for (const { kind, id, before, after } of edits) {
    const kept = new Set(secretsOf(kind, id, after).map(({ secretId }) => secretId));
    for (const { secretId } of secretsOf(kind, id, before)) if (!kept.has(secretId)) await deleteSecret(scope.sql, secretId);
  }
}

const placeOf = (kind: EntityKind): number => entityKinds.indexOf(kind);

/** Removals first, from what refers to what is referred to; then the rest the other way round. */
function changesOf(edits: readonly Edit[]): Change[] {
  const removals = edits.filter(({ after }) => after === null).toSorted((a, b) => placeOf(b.kind) - placeOf(a.kind));
  const writes = edits.filter(({ after }) => after !== null).toSorted((a, b) => placeOf(a.kind) - placeOf(b.kind));
  return [...removals, ...writes].map(changeOf);
}

function changeOf({ kind, id, tenantId, before, after }: Edit): Change {
  const table = rows[kind] as unknown as RowsOf<EntityBody>;
  const common = { kind, id, tenantId, body: after };
  if (after === null) return { ...common, ...detaching(kind, id), apply: (scope) => table.remove(scope.db, id) };
  const body = entitySchemas[kind].parse(after) as EntityBody;
  const first =
    before === null ? {} : movesAside(kind, before, body) ? { first: (scope: Scope) => table.remove(scope.db, id) } : detaching(kind, id);
  return { ...common, ...first, apply: (scope) => table.write(scope.db, id, body) };
}

/** Pools and streams let go of what they refer to before anything of it is removed; their own rows are written again afterwards. */
function detaching(kind: EntityKind, id: string): Pick<Change, 'first'> {
  if (kind === 'pool') return { first: async ({ db }) => void (await db.ipPoolMember.deleteMany({ where: { poolId: id } })) };
  if (kind === 'stream') return { first: async ({ db }) => void (await db.streamPool.deleteMany({ where: { streamId: id } })) };
  return {};
}

/** Rows to which no other row refers give up their unique name, or their stream, by being written anew. */
const leaves: { readonly [kind in EntityKind]?: string } = {
  limit: 'name',
  setting: 'name',
  warm_up: 'name',
  automation: 'name',
  route: 'domain',
  credential: 'streamId',
  relay: 'streamId',
};

function movesAside(kind: EntityKind, before: unknown, after: EntityBody): boolean {
  const field = leaves[kind];
  if (field === undefined) return false;
  const old: { readonly [name: string]: unknown } | null = readBody(kind, before);
  return old?.[field] !== (after as { readonly [name: string]: unknown })[field];
}
