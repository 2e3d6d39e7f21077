// Hands a command to every node.
import type { EngineCommand } from '@sluice/contract';
import { channels } from '../channels.ts';
import { json, type Sql } from './sql.ts';

export async function issueCommand(sql: Sql, command: EngineCommand): Promise<void> {
  await sql.query(
    `insert into engine_command (id, kind, scope, reason, issued_by, issued_at, expires_at)
     values ($1::uuid, $2::text, $3::jsonb, $4::text, $5::text, $6::text::timestamptz, $7::text::timestamptz) returning id::text as id`,
    [command.id, command.kind, json(command.scope), command.reason, command.issuedBy, command.issuedAt, command.expiresAt],
  );
  await sql.query(`select pg_notify('${channels.command}', '')::text as hint`, []);
}
