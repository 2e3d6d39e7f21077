// What counts as a break of the API, by examples of each kind, and what does not.
import { describe, expect, test } from 'vitest';
import { breakingChanges } from './compare.ts';
import type { JsonObject } from './json-schema.ts';

const object = (properties: JsonObject, required: string[] = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
});
const strict = (properties: JsonObject, required?: string[]): JsonObject => ({
  ...object(properties, required),
  additionalProperties: false,
});
const text = { type: 'string' };
const whole = { type: 'integer' };

type Parts = { input?: JsonObject; answer?: JsonObject; scope?: string; required?: boolean; path?: string };

/** A document of one change whose input and answer lie among the shared schemas, as ours do. */
function document({
  input = strict({ name: text }),
  answer = object({ id: text }),
  scope = 'things:write',
  required = true,
  path = 'things.create',
}: Parts): JsonObject {
  const data = { $ref: '#/components/schemas/Answer' };
  const result = { type: 'object', properties: { result: { type: 'object', properties: { data } } } };
  const operation = {
    'x-sluice-access': { scope },
    requestBody: { required, content: { 'application/json': { schema: { $ref: '#/components/schemas/Input' } } } },
    responses: { 200: { content: { 'application/json': { schema: result } } } },
  };
  return { paths: { [`/api/trpc/${path}`]: { post: operation } }, components: { schemas: { Input: input, Answer: answer } } };
}

const breaks = (before: Parts, after: Parts): string[] =>
  breakingChanges(document(before), document(after)).map(({ operation, what }) => {
    expect(operation).toBe('POST /api/trpc/things.create');
    return what;
  });

const kinds = (...values: string[]): JsonObject => ({ type: 'string', enum: values });
const orNull = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: 'null' }] });
const shaped = (kind: string, rest: JsonObject): JsonObject => strict({ kind: { type: 'string', const: kind }, ...rest });

describe('breaks', () => {
  test.each<[string, Parts, Parts, string[]]>([
    ['a procedure that is gone', {}, { path: 'things.make' }, ['is gone']],
    ['another scope', {}, { scope: 'things:act' }, ['needs the scope things:act instead of things:write']],
    ['an input that must be given', { required: false }, { required: true }, ['input: must be given now']],
    ['a new field that must be given', {}, { input: strict({ name: text, size: whole }) }, ['input.size: must be given now']],
    ['a field that is no longer taken', { input: strict({ name: text, size: whole }, ['name']) }, {}, ['input.size: is no longer taken']],
    [
      'a field that must be given now',
      { input: strict({ name: text }, []) },
      { input: strict({ name: text }) },
      ['input.name: must be given now'],
    ],
    ['another type', {}, { input: strict({ name: whole }) }, ['input.name: no longer takes string']],
    [
      'a value less of an input',
      { input: strict({ kind: kinds('a', 'b') }) },
      { input: strict({ kind: kinds('a') }) },
      ['input.kind: no longer takes "b"'],
    ],
    ['values named where any was taken', {}, { input: strict({ name: kinds('a') }) }, ['input.name: no longer takes "other values"']],
    [
      'a lower maximum',
      { input: strict({ n: { ...whole, maximum: 9 } }) },
      { input: strict({ n: { ...whole, maximum: 8 } }) },
      ['input.n: maximum is lower'],
    ],
    [
      'a first minimum',
      { input: strict({ n: whole }) },
      { input: strict({ n: { ...whole, minimum: 1 } }) },
      ['input.n: minimum is higher'],
    ],
    ['a pattern', {}, { input: strict({ name: { ...text, pattern: '^a' } }) }, ['input.name: pattern is another']],
    ['null that is no longer taken', { input: strict({ name: orNull(text) }) }, {}, ['input.name: no longer takes null']],
    [
      'a variant that is no longer taken',
      { input: { oneOf: [shaped('a', {}), shaped('b', {})] } },
      { input: { oneOf: [shaped('a', {})] } },
      ['input: no longer takes ["object",[["kind","b"]]]'],
    ],
    [
      'a field of one variant',
      { input: { oneOf: [shaped('a', {}), shaped('b', {})] } },
      { input: { oneOf: [shaped('a', {}), shaped('b', { n: whole })] } },
      ['input.n: must be given now'],
    ],
    [
      'items of a list',
      { input: strict({ all: { type: 'array', items: text } }) },
      { input: strict({ all: { type: 'array', items: { ...text, maxLength: 3 } } }) },
      ['input.all[]: maxLength is lower'],
    ],
    ['a field that no longer comes', { answer: object({ id: text, name: text }) }, {}, ['answer.name: no longer comes']],
    ['a field that may be missing', {}, { answer: object({ id: text }, []) }, ['answer.id: may be missing now']],
    ['a field that may be null', {}, { answer: object({ id: orNull(text) }) }, ['answer.id: may be null now']],
    ['a field of another type', {}, { answer: object({ id: whole }) }, ['answer.id: may be integer now']],
    [
      'a field of the items of a list',
      { answer: { type: 'array', items: object({ id: text, name: text }) } },
      { answer: { type: 'array', items: object({ id: text }) } },
      ['answer[].name: no longer comes'],
    ],
    [
      'a time that is no time any more',
      { answer: object({ at: { ...text, format: 'date-time' } }) },
      { answer: object({ at: text }) },
      ['answer.at: format is another'],
    ],
  ])('%s', (_what, before, after, expected) => expect(breaks(before, after)).toEqual(expected));
});

describe('no breaks', () => {
  test.each<[string, Parts, Parts]>([
    ['nothing', {}, {}],
    ['a field that may be given', {}, { input: strict({ name: text, size: whole }, ['name']) }],
    ['a value more of an input', { input: strict({ kind: kinds('a') }) }, { input: strict({ kind: kinds('a', 'b') }) }],
    ['an integer where any number is taken', { input: strict({ n: whole }) }, { input: strict({ n: { type: 'number' } }) }],
    ['null that is taken too', {}, { input: strict({ name: orNull(text) }) }],
    ['a variant more', { input: { oneOf: [shaped('a', {})] } }, { input: { oneOf: [shaped('a', {}), shaped('b', {})] } }],
    ['a higher maximum', { input: strict({ n: { ...whole, maximum: 8 } }) }, { input: strict({ n: { ...whole, maximum: 9 } }) }],
    ['an input that need not be given', {}, { required: false }],
    ['a field more of an answer', {}, { answer: object({ id: text, name: text }) }],
    ['a value more of an answer', { answer: object({ kind: kinds('a') }) }, { answer: object({ kind: kinds('a', 'b') }) }],
    ['an answer that is never null any more', { answer: object({ id: orNull(text) }) }, {}],
  ])('%s', (_what, before, after) => expect(breaks(before, after)).toEqual([]));
});
