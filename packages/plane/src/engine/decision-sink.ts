// Decisions of this node on their way to the console. Written in one statement; writing one again changes nothing. One that Postgres refuses
// goes to the log of the node and holds up no other.
import type { Decision } from '@sluice/contract';
import { DatabaseError } from 'pg';
import type { EngineDatabase } from './database.ts';
import type { DecisionSink, PlaneLog } from './ports.ts';

const keepDays = 180;

const insert = `insert into decision (id, at, node, kind, action, tenant_id, subject, sentence, alert, rule_id, plan_id)
  select d.id, to_timestamp(d.at / 1000.0), d.node, d.kind, d.action, (d.subject ->> 'tenant')::uuid, d.subject, d.sentence, d.alert,
         d."ruleId", d."planId"
    from jsonb_to_recordset($1::jsonb) as d(id uuid, at float8, node text, kind text, action text, subject jsonb, sentence text,
                                            alert boolean, "ruleId" uuid, "planId" uuid)
  order by d.at on conflict do nothing`;

/** Postgres text holds no NUL. */
const storable = (decision: Decision): Decision => ({
  ...decision,
  sentence: decision.sentence.replaceAll('\0', '\ufffd').toWellFormed(),
});

/** Data exception, integrity constraint violation: it is the row's fault, and will be the next time. */
const isRefusal = (error: unknown): boolean => error instanceof DatabaseError && /^2[23]/.test(error.code ?? '');

export class PgDecisionSink implements DecisionSink {
  readonly #database: EngineDatabase;
  readonly #log: PlaneLog;

  constructor(database: EngineDatabase, log: PlaneLog) {
    this.#database = database;
    this.#log = log;
  }

  async take(decisions: readonly Decision[]): Promise<void> {
    try {
      await this.#write(decisions);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const decision of decisions) await this.#takeOne(decision);
    }
  }

  async #takeOne(decision: Decision): Promise<void> {
    try {
      await this.#write([decision]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#log('warn', `the database refuses a decision, and only this log has it: ${decision.sentence} (${String(error)})`);
    }
  }

  async #write(decisions: readonly Decision[]): Promise<void> {
    await this.#database.query(insert, [JSON.stringify(decisions.map(storable))]);
  }
}

/** Decisions of half a year ago. */
export async function dropOldDecisions(database: EngineDatabase): Promise<boolean> {
  await database.query("delete from decision where at < now() - $1::int * interval '1 day'", [keepDays]);
  return false;
}
