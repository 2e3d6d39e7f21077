// What changed, who changed it, and why: revisions of the configuration, and the audit record of every act.
import type { auditList, auditView, configRevisions } from '@sluice/contract/api';
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

type AuditLine = z.input<typeof auditView>;

export async function listAudit({ sql }: Scope, input: z.output<typeof auditList.input>): Promise<z.input<typeof auditList.output>> {
  const before = readCursor(input.cursor);
  const rows = await sql.query<Omit<AuditLine, 'at'> & { at: Date; seq: number }>(
    `select id::text as id, seq::float8 as seq, at, actor_kind as "actorKind", actor, action, target, tenant_id::text as "tenantId", reason,
            request_id as "requestId", address, revision
       from audit_entry${before === undefined ? '' : ' where seq < $1::text::bigint'} order by audit_entry.seq desc limit ${Math.trunc(input.limit) + 1}`,
    before === undefined ? [] : [String(before)],
  );
  const { items, nextCursor } = page(rows, input.limit, (row) => row.seq);
  return { items: items.map(({ seq: _seq, at, ...row }) => ({ ...row, at: at.toISOString() })), nextCursor };
}
