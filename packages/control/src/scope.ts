// What a use case works in: one database transaction that sees only what the actor may see, the actor, and where the request came from.
// The tenant is set on the transaction from the actor before any statement of the use case runs; row-level security does the rest, so a
// use case neither takes a tenant from its input nor can forget to filter. A question of an actor who sees every tenant needs no
// transaction: its statements go over connections that see every tenant and cannot change anything.
import type { Prisma } from '@sluice/db';
import type { Sql } from '@sluice/plane/console';
import type { Access } from './access.ts';
import type { Actor } from './actor.ts';
import { redacted } from './audit/redact.ts';
import type { Installation } from './installation.ts';

/** One line of the audit record; actor, request id and address are added by the scope. */
export interface AuditNote {
  readonly action: string;
  /** What was acted on, for example `pool:<id>`. */
  readonly target: string;
  readonly reason: string;
  readonly tenantId?: string | null;
  readonly revision?: number | null;
  readonly before?: Prisma.InputJsonValue;
  readonly after?: Prisma.InputJsonValue;
}

export interface Scope {
  readonly db: Prisma.TransactionClient;
  /** The same transaction for the SQL verbs of plane. */
  readonly sql: Sql;
  readonly actor: Actor;
  readonly requestId: string;
  readonly address: string | null;
  readonly installation: Installation;
  /** Start of the request. */
  readonly now: Date;
  /**
   * Notes what was done. It is written as the last act of the transaction: the head of the audit record is locked until commit, always
   * after every other lock, and as shortly as can be.
   */
  audit(note: AuditNote): Promise<void>;
}

export interface ScopeOptions {
  readonly actor: Actor;
  readonly requestId: string;
  readonly address: string | null;
  readonly audit: Access['audit'];
  /** It changes nothing. */
  readonly reads?: boolean;
}

/** How long a use case may wait for a connection, and hold one. */
const maxWaitMs = 10_000;
const timeoutMs = 20_000;

const everyTenant = '*';

/** Runs `work` in a transaction of its own; whatever it throws undoes all of it, the audit entry included. */
export async function inScope<T>(installation: Installation, options: ScopeOptions, work: (scope: Scope) => Promise<T>): Promise<T> {
  const { actor } = options;
  if (options.reads === true && options.audit === 'none' && actor.tenantId === null) {
    const { db, sql } = installation.reads;
    return work(scopeOver(installation, options, { db, sql }, []));
  }
  return installation.db.$transaction(
    async (db) => {
      await db.$queryRaw`select set_config('sluice.tenant', ${actor.tenantId ?? everyTenant}, true)`;
      const notes: AuditNote[] = [];
      const sql: Sql = { query: (text, values) => db.$queryRawUnsafe(text, ...values) };
      const scope = scopeOver(installation, options, { db, sql }, notes);
      const result = await work(scope);
      // A procedure that promises an audit entry and writes none is a bug, and must not commit.
      if (options.audit === 'entry' && notes.length === 0) throw new Error('the use case wrote no audit entry');
      if (notes.length > 0) await db.auditEntry.createMany({ data: notes.map((note) => auditRow(scope, note)) });
      return result;
    },
    { maxWait: maxWaitMs, timeout: timeoutMs },
  );
}

function scopeOver(
  installation: Installation,
  { actor, requestId, address, reads }: ScopeOptions,
  { db, sql }: Pick<Scope, 'db' | 'sql'>,
  notes: AuditNote[],
): Scope {
  return {
    db,
    sql,
    actor,
    requestId,
    address,
    installation,
    now: installation.now(),
    audit(note) {
      if (reads === true) return Promise.reject(new Error('a question writes no audit entry'));
      notes.push(note);
      return Promise.resolve();
    },
  };
}

function auditRow(scope: Scope, note: AuditNote): Prisma.AuditEntryCreateManyInput {
  return {
    at: scope.now,
    actorKind: scope.actor.kind,
    actor: scope.actor.name,
    action: note.action,
    target: note.target,
    reason: note.reason,
    tenantId: note.tenantId ?? null,
    revision: note.revision ?? null,
    before: redacted(note.before),
    after: redacted(note.after),
    requestId: scope.requestId,
    address: scope.address,
  };
}
