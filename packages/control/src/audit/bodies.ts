// What a change of configuration looks like in the audit record: the body of the one entity, or of the first few by name.
import type { Prisma } from '@sluice/db';

/** Entities of one change that are shown whole. The revision has them all. */
const shownEntities = 20;

type Entity = { kind: string; id: string; body: unknown };

const asJson = (value: unknown): Prisma.InputJsonValue | undefined =>
  value === null || value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue);

/** Undefined where there was, or is, nothing. */
export function bodiesOf(entities: readonly Entity[]): Prisma.InputJsonValue | undefined {
  const [only] = entities;
  if (entities.length === 1) return asJson(only?.body);
  const there = entities.filter(({ body }) => body !== null && body !== undefined);
  if (there.length === 0) return undefined;
  const shown = there.slice(0, shownEntities).map(({ kind, id, body }) => [`${kind}:${id}`, body] as const);
  const more = there.length - shown.length;
  return asJson({ ...Object.fromEntries(shown), ...(more > 0 ? { andMore: more } : {}) });
}
