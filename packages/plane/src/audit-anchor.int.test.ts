// A node that keeps anchors of the audit record under its own role: it may know no entry, and it notices when the record is another one.
import { testDatabase, type TestDatabase } from '@sluice/db/testing';
import type { AuditAnchor } from '@sluice/contract';
import type pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followAudit } from './engine/audit-anchor.ts';
import { EngineDatabase } from './engine/database.ts';
import type { PlaneLog } from './engine/ports.ts';
import { connect } from './testing/fixture.ts';

let database: TestDatabase;
let owner: pg.Client;
let kept: AuditAnchor[];
beforeEach(async () => {
  database = await testDatabase();
  owner = await connect(database.ownerUrl);
  kept = [];
});
afterEach(async () => {
  await owner.end();
  await database.drop();
});

const append = (reason: string) =>
  owner.query(`insert into audit_entry (actor_kind, actor, action, target, reason, request_id) values ('system', 'x', 'x', 'x', $1, 'x')`, [
    reason,
  ]);

/** One look, as after a start. */
async function look(lines: string[] = []): Promise<AuditAnchor> {
  const log: PlaneLog = (level, message) => void lines.push(`${level}: ${message}`);
  const engine = new EngineDatabase({ databaseUrl: database.engineUrl, log });
  const before = kept.length;
  const keeper = {
    newest: async () => kept.findLast(({ agrees }) => agrees) ?? null,
    keep: async (anchor: AuditAnchor) => void kept.push(anchor),
  };
  const following = followAudit({ database: engine, node: 'node-1', log }, { keeper, nowMs: () => Date.UTC(2026, 10, 29) });
  await expect
    .poll(async () => (await owner.query('select seq::int as seq, agrees from audit_anchor')).rows.length > 0 && kept.length > before)
    .toBe(true);
  await following.stop();
  await engine.close();
  return kept.at(-1) as AuditAnchor;
}
const told = async () => (await owner.query<{ seq: number; agrees: boolean }>('select seq::int as seq, agrees from audit_anchor')).rows;

test('a record that grows agrees, and one whose past was computed anew does not, from then on', async () => {
  expect(await look()).toMatchObject({ seq: 0, agrees: true });
  for (const reason of ['one', 'two', 'three']) await append(reason);
  expect(await look()).toMatchObject({ seq: 3, agrees: true });
  await append('four');
  expect(await look()).toMatchObject({ seq: 4, agrees: true });
  expect(await told()).toEqual([{ seq: 4, agrees: true }]);
  await owner.query(`set session_replication_role = 'replica'`);
  await owner.query(`update audit_entry set reason = 'another' where seq = 2`);
  await owner.query(`do $$ declare e audit_entry%rowtype; link text := repeat('0', 64); begin
    for e in select * from audit_entry order by seq loop
      e.prev_hash := link; link := sluice_audit_hash(e);
      update audit_entry set prev_hash = e.prev_hash, hash = link where id = e.id;
    end loop; update audit_head set hash = link; end $$`);
  await owner.query(`set session_replication_role = 'origin'`);
  const lines: string[] = [];
  expect(await look(lines)).toMatchObject({ seq: 4, agrees: false });
  expect(lines).toEqual(['error: the audit record is not the one that this node knows: entry 4 was replaced or removed']);
  await append('five');
  expect(await look()).toMatchObject({ seq: 5, agrees: false });
  expect(await told()).toEqual([{ seq: 5, agrees: false }]);
});

test('a tail that is gone is noticed although the head was set back', async () => {
  for (const reason of ['one', 'two', 'three']) await append(reason);
  await look();
  await owner.query(`set session_replication_role = 'replica'`);
  await owner.query('delete from audit_entry where seq = 3');
  await owner.query('update audit_head set seq = 2, hash = (select hash from audit_entry where seq = 2)');
  expect(await look()).toMatchObject({ seq: 2, agrees: false });
});

test('the role of a node learns hashes and nothing else of the record', async () => {
  await append('private');
  const engine = await connect(database.engineUrl);
  expect((await engine.query('select sluice_audit_hash_at(1) as hash')).rows).toEqual([{ hash: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  await expect(engine.query('select reason from audit_entry')).rejects.toThrow('permission denied');
  await engine.end();
});
