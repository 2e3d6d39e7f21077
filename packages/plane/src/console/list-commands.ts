// Commands, newest first, each with what every node answered and whether it is in force: its time is not over, and no later command
// withdrew it, ended it or took its place.
import type { CommandResult, EngineCommand } from '@sluice/contract';
import type { Sql } from './sql.ts';

export type CommandWithResults = EngineCommand & { results: CommandResult[]; active: boolean };

type Instants = 'issuedAt' | 'expiresAt' | 'cutoffAt' | 'startsAt';
type Row = Omit<CommandWithResults, Instants | 'results'> & {
  issuedAt: Date;
  expiresAt: Date | null;
  cutoffAt: Date | null;
  startsAt: Date | null;
  results: (Omit<CommandResult, 'at'> & { at: string })[];
};

/** Kinds that last; the others are done when they are applied. */
const lasting = `c.kind in ('suspend', 'cancel', 'bounce', 'move', 'drain')`;
/** A resume ends every suspension that its scope covers; a withdrawal names its command; of two alike the later counts. */
export const ended = `exists (select from engine_command l where l.seq > c.seq and (
    (l.kind = 'withdraw' and l.target_id = c.id)
    or (l.kind = 'resume' and c.kind = 'suspend' and c.scope @> l.scope)
    or (l.kind = 'undrain' and c.kind = 'drain' and c.scope = l.scope)
    or (l.kind = c.kind and c.kind in ('suspend', 'move', 'drain') and l.scope = c.scope)))`;

/** `now` decides what is over; `activeOnly` leaves out what is; `source` narrows to commands about exactly this source. */
export async function listCommands(
  sql: Sql,
  { limit, now, source, activeOnly = false }: { limit: number; now: Date; source?: string; activeOnly?: boolean },
): Promise<CommandWithResults[]> {
  const rows = await sql.query<Row>(
    `select * from (
       select c.id::text as id, c.kind, c.scope, c.reason, c.issued_by as "issuedBy", c.issued_at as "issuedAt", c.expires_at as "expiresAt",
              c.cutoff_at as "cutoffAt", c.starts_at as "startsAt", c.pool_id::text as "poolId", c.target_id::text as "targetId",
              ${lasting} and (c.expires_at is null or c.expires_at > $2::text::timestamptz) and not ${ended} as active, c.seq::float8 as seq,
              coalesce((select jsonb_agg(jsonb_build_object('commandId', r.command_id, 'node', r.node, 'status', r.status, 'matched', r.matched, 'message', r.message, 'at', r.at) order by r.node)
                          from engine_command_result r where r.command_id = c.id), '[]'::jsonb) as results
         from engine_command c
        where ($3::text is null or c.scope = jsonb_build_object('source', $3::text))
          and (not $4::boolean or c.expires_at is null or c.expires_at > $2::text::timestamptz)) commands
      where not $4::boolean or active
      order by seq desc limit $1::int`,
    [limit, now.toISOString(), source ?? null, activeOnly],
  );
  return rows.map(({ results, ...row }) => ({
    id: row.id,
    kind: row.kind,
    scope: row.scope,
    reason: row.reason,
    issuedBy: row.issuedBy,
    issuedAt: row.issuedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    cutoffAt: row.cutoffAt?.toISOString() ?? null,
    startsAt: row.startsAt?.toISOString() ?? null,
    poolId: row.poolId,
    targetId: row.targetId,
    active: row.active,
    results: results.map((result) => ({ ...result, at: new Date(result.at).toISOString() })),
  }));
}
