// A change that is asked for with an Idempotency-Key is made once, however often it is asked for: the call is written down first, in the
// transaction of the change itself, and the answer with it. Two at the same instant meet at the row: the second waits for the first, and
// finds its answer, or, if the first was undone, makes the change. A refusal is not kept: it changed nothing, and may be asked again.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../actor.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { bodyMark, openAnswer, sealAnswer, type CallName } from './kept-answer.ts';

export const keptForMs = 24 * 3600_000;
/** Longer answers are not kept: asked again, the call says that it was done. */
const maxAnswerLength = 256 * 1024;
const keyForm = /^[\x21-\x7e]{1,255}$/;

/** What the request says about being made once. */
export interface Idempotency {
  readonly key: string;
  readonly bodyHash: Uint8Array;
}

export const isIdempotencyKey = (text: string): boolean => keyForm.test(text);
export const bodyHashOf = (body: string): Uint8Array => createHash('sha256').update(body).digest();

/** Leaves the transaction of a call that was made before; nothing was changed by it. */
export class Replayed extends Error {
  override readonly name = 'Replayed';
  readonly data: unknown;

  constructor(data: unknown) {
    super('answered before');
    this.data = data;
  }
}

export const callName = (actor: Actor, procedure: string, { key }: Idempotency): CallName => [`${actor.kind}:${actor.id}`, procedure, key];

/** Returns when the call is to be made now. Throws Replayed, or a Refusal when the key stands for another call. */
export async function claim(scope: Scope, call: CallName, { bodyHash }: Idempotency): Promise<void> {
  const { db, now, installation } = scope;
  const [actor, procedure, key] = call;
  const expiresAt = new Date(now.getTime() + keptForMs);
  const mark = bodyMark(installation.kek, call, bodyHash);
  const claimed = await db.$queryRaw<object[]>`
    insert into idempotent_call as c (actor, procedure, key, body_hash, answer, expires_at)
    values (${actor}, ${procedure}, ${key}, ${mark}, null, ${expiresAt})
    on conflict (actor, procedure, key) do update set body_hash = excluded.body_hash, answer = null, expires_at = excluded.expires_at
      where c.expires_at <= ${now}
    returning 1 as one`;
  if (claimed.length > 0) return;
  const kept = await db.idempotentCall.findUniqueOrThrow({ where: { actor_procedure_key: { actor, procedure, key } } });
  if (!timingSafeEqual(kept.bodyHash, mark))
    throw new Refusal('CONFLICT', 'this Idempotency-Key was used for another request in the last day', 'idempotency_key_reused');
  const json = kept.answer === null ? null : openAnswer(installation.kek, call, kept.answer);
  if (json === null)
    throw new Refusal('CONFLICT', 'this was done already; its answer cannot be shown again', 'idempotency_answer_not_kept');
  throw new Replayed((JSON.parse(json) as { data?: unknown }).data);
}

/** Keeps the answer with the change. */
export async function keep(scope: Scope, call: CallName, data: unknown): Promise<void> {
  const json = JSON.stringify({ data });
  if (json.length > maxAnswerLength) return;
  const [actor, procedure, key] = call;
  await scope.db.idempotentCall.update({
    where: { actor_procedure_key: { actor, procedure, key } },
    data: { answer: sealAnswer(scope.installation.kek, call, json) },
    select: { actor: true },
  });
}

/** Takes away what is older than a day. */
export async function sweepIdempotentCalls(db: Pick<Scope['db'], 'idempotentCall'>, now: Date): Promise<void> {
  await db.idempotentCall.deleteMany({ where: { expiresAt: { lte: now } } });
}
