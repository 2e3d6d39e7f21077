// Drafts: several edits that are to become one revision. A draft is a text as it would be applied, kept under its author's name; it is
// planned against the configuration of now, and whatever others changed meanwhile of what it changes is said before it is published.
import type { Prisma } from '@sluice/db';
import { configMode } from '@sluice/contract/api';
import type * as api from '@sluice/contract/api';
import { configHead, entityChanges } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { nameOfEdit, type Edit } from './edits.ts';
import { planText } from './text/apply.ts';
import { TextIntent } from './text/intent-of-text.ts';
import { Names } from './text/names.ts';
import { parseText } from './text/parse.ts';
import { inWords, writeEdits } from './write-edits.ts';

const maxDraftsEach = 20;
const maxListed = 200;
const maxScanned = 20_000;
const maxMoved = 50;

const viewOf = (
  scope: Scope,
  { id, name, author, authorId, baseRevision, mode, updatedAt }: Omit<Prisma.ConfigDraftGetPayload<object>, 'text'>,
) => ({
  ...{ id, name, author, baseRevision, mode: configMode.parse(mode), updatedAt: updatedAt.toISOString() },
  mine: authorId === scope.actor.id,
});

export async function listDrafts(scope: Scope): Promise<z.input<typeof api.configDrafts.output>> {
  const rows = await scope.db.configDraft.findMany({ omit: { text: true }, orderBy: { updatedAt: 'desc' }, take: maxListed });
  return rows.map((row) => viewOf(scope, row));
}

export async function getDraft(scope: Scope, { id }: z.output<typeof api.configDraftGet.input>) {
  const row = found(await scope.db.configDraft.findUnique({ where: { id } }), `draft ${id}`);
  return { ...viewOf(scope, row), text: row.text };
}

export async function saveDraft(scope: Scope, { name, ...fields }: z.output<typeof api.configDraftSave.input>) {
  const { id: authorId, name: author } = scope.actor;
  const { number: head } = await configHead(scope.sql);
  if (fields.baseRevision > head) throw new Refusal('BAD_REQUEST', `baseRevision: the newest revision is ${head}`);
  const own = await scope.db.configDraft.findMany({ where: { authorId }, select: { id: true, name: true } });
  const known = own.find((draft) => draft.name === name);
  if (!known && own.length >= maxDraftsEach)
    throw new Refusal('CONFLICT', `you have ${maxDraftsEach} drafts already: publish or discard one`);
  const id = known?.id ?? newId();
  await scope.db.configDraft.upsert({
    where: { id },
    create: { id, name, authorId, author, ...fields, createdAt: scope.now, updatedAt: scope.now },
    update: { ...fields, updatedAt: scope.now },
  });
  await scope.audit({ action: 'config.saveDraft', target: `draft:${id}`, reason: `saved the draft ${name}` });
  return { id };
}

export async function planDraft(scope: Scope, { id }: z.output<typeof api.configDraftPlan.input>) {
  const draft = found(await scope.db.configDraft.findUnique({ where: { id } }), `draft ${id}`);
  const { edits, ...plan } = await planText(scope, { text: draft.text, mode: configMode.parse(draft.mode) });
  return { ...plan, moved: await movedSince(scope, draft.baseRevision, edits) };
}

/** Whoever may apply a text may publish a draft, also another's: the revision carries the name of who published it. */
export async function publishDraft(scope: Scope, { id, overwrite, lock, reason }: z.output<typeof api.configDraftPublish.input>) {
  const draft = found(await scope.db.configDraft.findUnique({ where: { id } }), `draft ${id}`);
  const parsed = await parseText(draft.text);
  try {
    const written = await writeEdits(
      scope,
      { action: 'config.publishDraft', target: `draft:${id}`, reason },
      {
        ...{ baseRevision: null, lock },
        async intend() {
          const reading = new TextIntent(scope, parsed, configMode.parse(draft.mode));
          const intent = await reading.read();
          if (reading.findings.length > 0) throw new Refusal('BAD_REQUEST', inWords(reading.findings));
          const moved = overwrite ? [] : await movedSince(scope, draft.baseRevision, intent.edits);
          if (moved.length > 0)
            throw new Refusal(
              'CONFLICT',
              `others changed since revision ${draft.baseRevision}: ${moved.join(', ')}; look at the plan, then publish over it`,
            );
          return intent;
        },
      },
    );
    await scope.db.configDraft.delete({ where: { id } });
    return written;
  } finally {
    await parsed.close();
  }
}

export async function discardDraft(scope: Scope, { id }: z.output<typeof api.configDraftDiscard.input>) {
  const draft = found(await scope.db.configDraft.findUnique({ where: { id } }), `draft ${id}`);
  await scope.db.configDraft.delete({ where: { id } });
  await scope.audit({ action: 'config.discardDraft', target: `draft:${id}`, reason: `discarded the draft ${draft.name}` });
  return { id };
}

/** Which of the edited entities others changed since the revision that the draft was begun on. */
async function movedSince(scope: Scope, baseRevision: number, edits: readonly Edit[]): Promise<string[]> {
  const { number: head } = await configHead(scope.sql);
  const changed = new Set(
    (await entityChanges(scope.sql, { from: baseRevision, to: head, limit: maxScanned })).map(({ kind, id }) => `${kind}:${id}`),
  );
  const moved = edits.filter(({ kind, id }) => changed.has(`${kind}:${id}`)).slice(0, maxMoved);
  return new Names(scope, head).with((nameOf) => moved.map((edit) => `${edit.kind.replaceAll('_', ' ')} ${nameOfEdit(edit, nameOf)}`));
}
