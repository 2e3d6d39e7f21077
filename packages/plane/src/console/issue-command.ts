// Hands a command to every node. Its row belongs to the tenant that its scope names, so that an operator of the tenant meets it.
import type { EngineCommand } from '@sluice/contract';
import { channels } from '../channels.ts';
import { json, type Sql } from './sql.ts';

export async function issueCommand(sql: Sql, command: EngineCommand): Promise<void> {
  const { id, kind, scope, reason, issuedBy, issuedAt, expiresAt, cutoffAt, startsAt, poolId, targetId } = command;
  await sql.query(
    `insert into engine_command (id, kind, scope, reason, issued_by, issued_at, expires_at, cutoff_at, starts_at, pool_id, target_id, tenant_id)
     values ($1::uuid, $2::text, $3::jsonb, $4::text, $5::text, $6::text::timestamptz, $7::text::timestamptz, $8::text::timestamptz,
             $9::text::timestamptz, $10::text::uuid, $11::text::uuid, $12::text::uuid) returning id::text as id`,
    [id, kind, json(scope), reason, issuedBy, issuedAt, expiresAt, cutoffAt, startsAt, poolId, targetId, scope.tenant ?? null],
  );
  await sql.query(`select pg_notify('${channels.command}', '')::text as hint`, []);
}
