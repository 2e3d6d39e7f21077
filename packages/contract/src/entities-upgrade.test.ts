// What lets an older engine live through a newer console: every kind of entity says its format and the engine it needs, and passes over
// fields that it does not know. Where a field that is passed over would widen what a rule does, the whole is refused instead.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { entityKinds, entitySchemas, parseEntity } from './entities.ts';

type Schema = { type?: string; properties?: Record<string, Schema>; additionalProperties?: unknown } & Record<string, unknown>;

/** Ways to the objects that refuse fields they do not know. */
function closed(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => closed(one, `${at}/${index}`));
  if (typeof value !== 'object' || value === null) return [];
  const schema = value as Schema;
  const own = schema.type === 'object' && schema.properties !== undefined && schema.additionalProperties === false ? [at] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, inner]) => closed(inner, `${at}/${key}`))];
}

const schemaOf = (kind: (typeof entityKinds)[number]) =>
  z.toJSONSchema(entitySchemas[kind], { io: 'input', unrepresentable: 'any' }) as Schema;
/** A condition that an engine passed over would let a rule of automation act on more than was meant. */
const refusing = /^\/properties\/(?:trigger|action|where)(?:\/|$)/;

describe.each(entityKinds)('%s', (kind) => {
  test('says its format and may say which engine it needs', () => {
    const { properties = {} } = schemaOf(kind);
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(['schemaVersion', 'minEngine']));
  });

  test('passes over fields that it does not know, but for the conditions of automation', () => {
    expect(closed(schemaOf(kind)).filter((at) => kind !== 'automation' || !refusing.test(at))).toEqual([]);
  });
});

test('a format that this engine does not know is refused, with the field', () => {
  const tenant = { name: 'A', slug: 'a', someday: { new: true } };
  expect(parseEntity('tenant', 'id', { ...tenant, schemaVersion: 1 })).toMatchObject({ ok: true, body: { name: 'A', slug: 'a' } });
  expect(parseEntity('tenant', 'id', { ...tenant, schemaVersion: 2 })).toMatchObject({ ok: false, problems: [{ field: 'schemaVersion' }] });
});
