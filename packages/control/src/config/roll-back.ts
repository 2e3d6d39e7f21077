// Back to an earlier revision, as a new one: each entity that changed since is put back as it was. Entities that came from presets since
// stay, and what needs a secret that is gone says so.
import type { EntityKind } from '@sluice/contract';
import { maxChangesPerRevision } from '@sluice/contract';
import { configHead, entityChanges } from '@sluice/plane/console';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import type { Edit } from './edits.ts';
import { settleSecrets } from './settle-secrets.ts';

type Chosen = readonly { kind: EntityKind; id: string }[] | undefined;

export interface Intent {
  readonly edits: Edit[];
  readonly notes: string[];
}

/** The edits that put these entities, or all, back as they were at `to`. */
export async function rollBackTo(scope: Scope, to: number, chosen: Chosen): Promise<Intent> {
  const { number: head } = await configHead(scope.sql);
  if (to > head) throw new Refusal('NOT_FOUND', `revision ${to} not found: the newest is ${head}`);
  // One more than may be written, to know that there are more; with a choice the rest is looked through.
  const found = await entityChanges(scope.sql, { from: head, to, limit: chosen ? maxScanned : maxChangesPerRevision + 1 });
  const wanted = chosen && new Set(chosen.map(({ kind, id }) => `${kind}:${id}`));
  const changes = wanted ? found.filter(({ kind, id }) => wanted.has(`${kind}:${id}`)) : found;
  if (wanted && changes.length < wanted.size)
    throw new Refusal('NOT_FOUND', `of the entities named, ${wanted.size - changes.length} did not change since revision ${to}`);
  if (changes.length > maxChangesPerRevision)
    throw new Refusal(
      'BAD_REQUEST',
      `more than ${maxChangesPerRevision} entities changed since revision ${to}: go back in smaller steps, or name entities`,
    );
  const notes: string[] = [];
  const edits: Edit[] = [];
  for (const { kind, id, tenantId, before, after } of changes) {
    if (after === null && presetKey(before) !== null) {
      notes.push(`${kind} ${presetKey(before)} came with a preset and would be back with the next start: it stays`);
      continue;
    }
    edits.push({ kind: kind as EntityKind, id, tenantId, before: before ?? null, after: after ?? null });
  }
  const settled = await settleSecrets(scope, edits);
  return { edits: settled.edits, notes: [...notes, ...settled.notes] };
}

const maxScanned = 20_000;

/** The key of the preset that a stored body comes from. */
export function presetKey(stored: unknown): string | null {
  if (typeof stored !== 'object' || stored === null || !('preset' in stored)) return null;
  const { preset } = stored;
  return typeof preset === 'object' && preset !== null && 'key' in preset ? String(preset.key) : null;
}
