// What changed, who changed it, and why: revisions of the configuration, and the audit record of every act.
import { auditView, type auditList, type configRevisions } from '@sluice/contract/api';
import { revisions } from '@sluice/plane/console';
import type { z } from 'zod';
import { page, readCursor } from '../cursor.ts';
import type { Scope } from '../scope.ts';

/** A tenant-bound operator sees the revisions that touched its tenant, and of those only its own entities. */
export async function listRevisions(
  scope: Scope,
  input: z.output<typeof configRevisions.input>,
): Promise<z.input<typeof configRevisions.output>> {
  const rows = await revisions(scope.sql, { before: readCursor(input.cursor), limit: input.limit + 1 });
  const { items, nextCursor } = page(rows, input.limit, (row) => row.number);
  return { items: items.map((row) => ({ ...row, at: row.at.toISOString() })), nextCursor };
}

export async function listAudit({ db }: Scope, input: z.output<typeof auditList.input>): Promise<z.input<typeof auditList.output>> {
  const before = readCursor(input.cursor);
  const rows = await db.auditEntry.findMany({
    where: before === undefined ? {} : { seq: { lt: before } },
    orderBy: { seq: 'desc' },
    take: input.limit + 1,
  });
  const { items, nextCursor } = page(rows, input.limit, (row) => row.seq);
  return {
    items: items.map(({ seq: _seq, before: _before, after: _after, at, actorKind, ...row }) => ({
      ...row,
      at: at.toISOString(),
      actorKind: auditView.shape.actorKind.parse(actorKind),
    })),
    nextCursor,
  };
}
