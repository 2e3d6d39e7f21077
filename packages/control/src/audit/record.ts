// The audit record for those who read it: searched, exported, and as the chain by which it can be checked.
import { auditView, type AuditDetail, type auditChain, type auditExport, type auditSearch } from '@sluice/contract/api';
import { auditLinks, auditPage, type AuditRow } from '@sluice/plane/console';
import type { z } from 'zod';
import { readCursor } from '../cursor.ts';
import type { Scope } from '../scope.ts';
import { auditLines } from './lines.ts';

const detailOf = ({ actorKind, before, after, ...row }: AuditRow): AuditDetail => ({
  ...row,
  actorKind: auditView.shape.actorKind.parse(actorKind),
  before: before ?? null,
  after: after ?? null,
});

const cursorOf = (next: number | null): string | null => (next === null ? null : String(next));

export async function searchAudit(
  { sql }: Scope,
  { cursor, limit, ...wanted }: z.output<typeof auditSearch.input>,
): Promise<z.input<typeof auditSearch.output>> {
  const { rows, next } = await auditPage(sql, wanted, { cursor: readCursor(cursor), limit });
  return { items: rows.map(detailOf), nextCursor: cursorOf(next) };
}

export async function exportAudit(
  { sql }: Scope,
  { cursor, limit, format, ...wanted }: z.output<typeof auditExport.input>,
): Promise<z.input<typeof auditExport.output>> {
  const { rows, next } = await auditPage(sql, wanted, { cursor: readCursor(cursor), limit, oldestFirst: true });
  return { text: auditLines(rows.map(detailOf), format, cursor === undefined), entries: rows.length, nextCursor: cursorOf(next) };
}

export function chainOf({ sql }: Scope, { after, limit }: z.output<typeof auditChain.input>): Promise<z.input<typeof auditChain.output>> {
  return auditLinks(sql, after, limit);
}
