// Commands that this node has not answered yet, in order of issue. "Seen" is written before a command is applied, its result after; a
// result that could not be written is written later without applying again. Commands past their expiry, and those without one that are
// older than the longest suspension can last, have nothing left to do; those that name another node are not this one's.
import type { CommandResult, EngineCommand } from '@sluice/contract';
import { channels } from '../channels.ts';
import type { EngineDatabase } from './database.ts';
import { followWith, type NodeLink } from './follower.ts';
import type { CommandSource, Following } from './ports.ts';

const batchSize = 100;
const longestEffectDays = 8;

type Instants = 'issuedAt' | 'expiresAt' | 'cutoffAt' | 'startsAt';
type Row = Omit<EngineCommand, Instants> & { issuedAt: Date; expiresAt: Date | null; cutoffAt: Date | null; startsAt: Date | null };

async function unanswered(database: EngineDatabase, node: string): Promise<EngineCommand[]> {
  const rows = await database.query<Row>(
    `select c.id::text as id, c.kind, c.scope, c.reason, c.issued_by as "issuedBy", c.issued_at as "issuedAt", c.expires_at as "expiresAt",
            c.cutoff_at as "cutoffAt", c.starts_at as "startsAt", c.pool_id::text as "poolId", c.target_id::text as "targetId"
       from engine_command c
      where (c.expires_at > now() or (c.expires_at is null and c.issued_at > now() - $2::int * interval '1 day'))
        and coalesce(c.scope ->> 'node', $1) = $1
        and not exists (select from engine_command_result r where r.command_id = c.id and r.node = $1 and r.status <> 'seen')
      order by c.seq limit $3::int`,
    [node, longestEffectDays, batchSize],
  );
  return rows.map((row) => ({
    ...row,
    issuedAt: row.issuedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    cutoffAt: row.cutoffAt?.toISOString() ?? null,
    startsAt: row.startsAt?.toISOString() ?? null,
  }));
}

async function storeResult(database: EngineDatabase, result: CommandResult): Promise<void> {
  await database.query(
    `insert into engine_command_result (command_id, node, status, matched, message, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (command_id, node) do update set status = excluded.status, matched = excluded.matched, message = excluded.message, at = excluded.at
      where engine_command_result.status = 'seen'`,
    [result.commandId, result.node, result.status, result.matched, result.message, result.at],
  );
}

export class PgCommandSource implements CommandSource {
  readonly #link: NodeLink;

  constructor(link: NodeLink) {
    this.#link = link;
  }

  follow(apply: (command: EngineCommand) => Promise<CommandResult>): Following {
    let unstored: CommandResult | null = null;
    const look = async (): Promise<boolean> => {
      if (unstored) {
        await storeResult(this.#link.database, unstored);
        unstored = null;
      }
      const commands = await unanswered(this.#link.database, this.#link.node);
      for (const command of commands) {
        const seen: CommandResult = {
          commandId: command.id,
          node: this.#link.node,
          status: 'seen',
          matched: 0,
          message: '',
          at: new Date().toISOString(),
        };
        await storeResult(this.#link.database, seen);
        unstored = await apply(command);
        await storeResult(this.#link.database, unstored);
        unstored = null;
      }
      return commands.length === batchSize;
    };
    return followWith({ ...this.#link, channel: channels.command, name: 'commands' }, look);
  }
}
