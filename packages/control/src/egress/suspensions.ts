// Which sources are suspended now: for each, the newest command about it, when that is a suspension whose time is not over.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import type { Scope } from '../scope.ts';

export type Suspension = z.input<typeof api.suspensionView>;

type Row = { id: string; sourceId: string; reason: string; issuedBy: string; issuedAt: Date; expiresAt: Date };

export async function suspensionsInForce({ sql, now }: Pick<Scope, 'sql' | 'now'>): Promise<Map<string, Suspension>> {
  const rows = await sql.query<Row>(
    `select id::text as id, source_id as "sourceId", reason, issued_by as "issuedBy", issued_at as "issuedAt", expires_at as "expiresAt"
       from (select distinct on (scope ->> 'sourceId') scope ->> 'sourceId' as source_id, id, kind, reason, issued_by, issued_at, expires_at
               from engine_command where kind in ('suspend', 'resume') order by scope ->> 'sourceId', seq desc) newest
      where kind = 'suspend' and expires_at > $1::text::timestamptz`,
    [now.toISOString()],
  );
  return new Map(
    rows.map(({ id, sourceId, reason, issuedBy, issuedAt, expiresAt }) => [
      sourceId,
      { commandId: id, sourceId, reason, issuedBy, issuedAt: issuedAt.toISOString(), expiresAt: expiresAt.toISOString() },
    ]),
  );
}
