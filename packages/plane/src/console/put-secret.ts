// Stores a sealed secret, or takes one away. The cursor that readers follow is given by a trigger under a lock held until commit. The
// head of the configuration is locked before it, so that a transaction that does both always takes the locks in the same order.
import type { SealedSecret } from '@sluice/contract';
import { channels } from '../channels.ts';
import { json, type Sql } from './sql.ts';

async function hint(sql: Sql): Promise<void> {
  await sql.query(`select pg_notify('${channels.secret}', '')::text as hint`, []);
}

export async function putSecret(sql: Sql, secret: SealedSecret): Promise<void> {
  await sql.query(`select number from config_head where id = 1 for update`, []);
  await sql.query(
    `insert into secret (id, aad, ciphertext, wraps) values ($1::uuid, $2::text, $3::text, $4::jsonb)
     on conflict (id) do update set aad = excluded.aad, ciphertext = excluded.ciphertext, wraps = excluded.wraps, deleted = false
     returning id::text as id`,
    [secret.id, secret.aad, secret.ciphertext, json(secret.wraps)],
  );
  await hint(sql);
}

/** Whether there was one. The row stays, emptied, so that readers learn of it. */
export async function deleteSecret(sql: Sql, id: string): Promise<boolean> {
  await sql.query(`select number from config_head where id = 1 for update`, []);
  const rows = await sql.query(
    `update secret set deleted = true, ciphertext = '', wraps = '{}' where id = $1::uuid and not deleted returning id::text as id`,
    [id],
  );
  if (rows.length > 0) await hint(sql);
  return rows.length > 0;
}
