// Asks running nodes and waits a moment for their answers. On connections of its own: a question must be committed before a node can see
// it, while the use case that asks is still in its transaction. Rows carry the asker's tenant and are gone when the answer is read.
import { randomUUID } from 'node:crypto';
import { answer as answerSchema, type Answer, type Question } from '@sluice/contract';
import pg from 'pg';
import { channels } from '../channels.ts';

const poolSize = 3;
/** How long a node has. One that answers later is not waited for. */
const patienceMs = 1_500;
const lookEveryMs = 30;
const staleSeconds = 60;
const statementTimeoutMs = 5_000;

/** Null: the node did not answer in time. */
export type NodeAnswer = { node: string; answer: Answer | null };

export class QuestionDesk {
  readonly #pool: pg.Pool;

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({
      connectionString: databaseUrl,
      application_name: 'sluice-questions',
      max: poolSize,
      connectionTimeoutMillis: statementTimeoutMs,
      statement_timeout: statementTimeoutMs,
      idleTimeoutMillis: 10_000,
      allowExitOnIdle: true,
    });
    this.#pool.on('error', () => undefined); // an idle connection broke: the next statement gets a fresh one
  }

  /** Asks each node the same. `tenantId` null asks for the whole installation. */
  async ask(nodes: readonly string[], question: Question, tenantId: string | null): Promise<NodeAnswer[]> {
    if (nodes.length === 0) return [];
    const client = await this.#pool.connect();
    const ids = nodes.map(() => randomUUID());
    let failed = true;
    try {
      await client.query("select set_config('sluice.tenant', $1, false)", [tenantId ?? '*']);
      await client.query(
        `insert into engine_question (id, node, tenant_id, question)
         select id, node, $3::uuid, $4::jsonb from unnest($1::uuid[], $2::text[]) as asked(id, node)`,
        [ids, nodes, tenantId, JSON.stringify(question)],
      );
      await client.query(`select pg_notify('${channels.question}', '')`);
      const answers = await untilAnswered(client, ids);
      await client.query("delete from engine_question where id = any($1::uuid[]) or asked_at < now() - $2::int * interval '1 second'", [
        ids,
        staleSeconds,
      ]);
      failed = false;
      return nodes.map((node) => ({ node, answer: answers.get(node) ?? null }));
    } finally {
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

async function untilAnswered(client: pg.PoolClient, ids: readonly string[]): Promise<Map<string, Answer>> {
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ node: string; answer: unknown }>(
      'select node, answer from engine_question where id = any($1::uuid[]) and answer is not null',
      [ids],
    );
    if (rows.length === ids.length || performance.now() > untilMs) {
      return new Map(
        rows.flatMap(({ node, answer }) => {
          const parsed = answerSchema.safeParse(answer);
          return parsed.success ? [[node, parsed.data] as const] : [];
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
