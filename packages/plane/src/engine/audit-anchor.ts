// Once a minute a node asks for the head of the audit record, and whether the entry that it last kept an anchor of is still the same. What
// it keeps goes to its own disk first; then it says in Postgres how it found the record, for the console's screen.
import type { AuditAnchor, AuditHead } from '@sluice/contract';
import { followWith, type NodeLink } from './follower.ts';
import type { Following } from './ports.ts';

const everyMs = 60_000;

const look = `select h.seq::float8 as seq, h.hash, sluice_audit_hash_at($1::bigint) as found from audit_head h where h.id = 1`;
const tell = `insert into audit_anchor (node, at, seq, hash, agrees) values ($1, to_timestamp($2::float8 / 1000), $3::bigint, $4, $5)
  on conflict (node) do update set at = excluded.at, seq = excluded.seq, hash = excluded.hash, agrees = excluded.agrees`;

export interface AnchorKeeper {
  /** The newest anchor that was kept while the record agreed with those before it; null before the first. */
  newest(): Promise<AuditHead | null>;
  /** Resolves once it is on disk. */
  keep(anchor: AuditAnchor): Promise<void>;
}

export function followAudit(
  { database, node, log }: NodeLink,
  { keeper, nowMs }: { keeper: AnchorKeeper; nowMs: () => number },
): Following {
  return followWith({ database, channel: null, name: 'audit anchors', log, everyMs }, async () => {
    const last = await keeper.newest();
    const [head] = await database.query<AuditHead & { found: string | null }>(look, [last?.seq ?? 0]);
    if (!head) return false;
    const { seq, hash, found } = head;
    // Entry 0 is none: an anchor of the empty record always holds.
    const agrees = last === null || last.seq === 0 || (found === last.hash && seq >= last.seq);
    const at = nowMs();
    if (!agrees) log('error', `the audit record is not the one that this node knows: entry ${last.seq} was replaced or removed`);
    await keeper.keep({ at, seq, hash, agrees });
    await database.query(tell, [node, at, seq, hash, agrees]);
    return false;
  });
}
