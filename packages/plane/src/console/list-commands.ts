// Commands, newest first, each with what every node answered.
import type { CommandResult, EngineCommand } from '@sluice/contract';
import type { Sql } from './sql.ts';

export type CommandWithResults = EngineCommand & { results: CommandResult[] };

type Row = Omit<CommandWithResults, 'issuedAt' | 'expiresAt' | 'results'> & {
  issuedAt: Date;
  expiresAt: Date | null;
  results: (Omit<CommandResult, 'at'> & { at: string })[];
};

/** `sourceId` narrows to commands whose scope is that source. */
export async function listCommands(sql: Sql, { limit, sourceId }: { limit: number; sourceId?: string }): Promise<CommandWithResults[]> {
  const rows = await sql.query<Row>(
    `select c.id::text as id, c.kind, c.scope, c.reason, c.issued_by as "issuedBy", c.issued_at as "issuedAt", c.expires_at as "expiresAt",
            coalesce((select jsonb_agg(jsonb_build_object('commandId', r.command_id, 'node', r.node, 'status', r.status, 'matched', r.matched, 'message', r.message, 'at', r.at) order by r.node)
                        from engine_command_result r where r.command_id = c.id), '[]'::jsonb) as results
       from engine_command c
      where $2::text is null or c.scope ->> 'sourceId' = $2::text
      order by c.seq desc limit $1::int`,
    [limit, sourceId ?? null],
  );
  return rows.map((row) => ({
    ...row,
    issuedAt: row.issuedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    results: row.results.map((result) => ({ ...result, at: new Date(result.at).toISOString() })),
  }));
}
