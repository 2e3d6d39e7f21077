// Questions to this node that wait for an answer. One that is older than its asker's patience is left alone.
import { question as questionSchema, type Answer, type Question } from '@sluice/contract';
import { channels } from '../channels.ts';
import { followWith, type NodeLink } from './follower.ts';
import type { Following, QuestionSource } from './ports.ts';

const batchSize = 20;
const patienceSeconds = 5;

export class PgQuestionSource implements QuestionSource {
  readonly #link: NodeLink;

  constructor(link: NodeLink) {
    this.#link = link;
  }

  follow(answer: (question: Question) => Promise<Answer>): Following {
    const look = async (): Promise<boolean> => {
      const rows = await this.#link.database.query<{ id: string; question: unknown }>(
        `select id::text as id, question from engine_question
          where node = $1 and answer is null and asked_at > now() - $2::int * interval '1 second' order by asked_at limit $3::int`,
        [this.#link.node, patienceSeconds, batchSize],
      );
      for (const { id, question } of rows) {
        const parsed = questionSchema.safeParse(question);
        const said: Answer = parsed.success
          ? await answer(parsed.data)
          : { kind: 'refused', message: 'this node does not understand the question' };
        await this.#link.database.query('update engine_question set answer = $2::jsonb, answered_at = now() where id = $1::uuid', [
          id,
          JSON.stringify(said),
        ]);
      }
      return rows.length === batchSize;
    };
    return followWith({ ...this.#link, channel: channels.question, name: 'questions' }, look);
  }
}
