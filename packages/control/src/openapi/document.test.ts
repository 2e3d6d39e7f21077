// The document of the API is what the router is, breaks nobody without a word about it, and describes only what can be sent and read.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { appRouter } from '../router.ts';
import { breakingChanges } from './compare.ts';
import { openApiDocument, openApiText } from './document.ts';
import { breaksFile, documentFile, releasedFile } from './files.ts';
import { isObject, wireSchema, type Json, type JsonObject } from './json-schema.ts';
import { operationsOf } from './operations.ts';

const operations = operationsOf(appRouter);
const read = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;

/** Every schema within, with the way to it. */
function* within(value: Json, at = ''): Generator<[string, JsonObject]> {
  if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* within(one, `${at}/${index}`);
  if (!isObject(value)) return;
  yield [at, value];
  for (const [key, inner] of Object.entries(value)) yield* within(inner, `${at}/${key}`);
}

test('docs/openapi.json is the document that the router makes; npm run openapi writes it', () => {
  expect(readFileSync(documentFile, 'utf8') === openApiText(appRouter)).toBe(true);
});

test('nothing that was released is broken but by intent, and each intent is of a break that is there', () => {
  const recorded = read(breaksFile) as { operation: string; what: string; why: string }[];
  for (const { why } of recorded) expect(why.length).toBeGreaterThan(10);
  const found = breakingChanges(read(releasedFile) as JsonObject, openApiDocument(appRouter));
  const line = ({ operation, what }: { operation: string; what: string }) => `${operation}: ${what}`;
  expect(found.map(line).toSorted()).toEqual(recorded.map(line).toSorted());
});

test('every procedure declares what goes in and what comes out', () => {
  const without = operations.filter(({ input, output, type }) => input === null || (output === null && type !== 'subscription'));
  // A stream's frames are checked one by one as they go out.
  expect(without.map(({ path }) => path)).toEqual(['live.stream']);
});

test.each(operations.filter(({ input }) => input !== null))('$path refuses unknown fields in everything it takes', ({ input }) => {
  const shared: JsonObject = {};
  const schema = input === null ? {} : wireSchema(input, 'input', 'X', shared);
  const open = [...within({ schema, shared })].filter(
    ([, one]) => one['type'] === 'object' && isObject(one['properties']) && one['additionalProperties'] !== false,
  );
  expect(open.map(([at]) => at)).toEqual([]);
});

test('an answer may gain fields: none of its objects is closed', () => {
  const document = openApiDocument(appRouter);
  const schemas = isObject(document['components']) ? document['components']['schemas'] : null;
  const closed = Object.entries(isObject(schemas) ? schemas : {}).filter(([name]) => name.endsWith('Output'));
  expect(closed.length).toBeGreaterThan(80);
  for (const [name, schema] of closed)
    for (const [at, one] of within(schema)) expect([name, at, one['additionalProperties']]).not.toEqual([name, at, false]);
});

test('every reference of the document leads somewhere, and no two operations share an id', () => {
  const document = openApiDocument(appRouter);
  const ids: Json[] = [];
  for (const [at, one] of within(document)) {
    if (one['operationId'] !== undefined) ids.push(one['operationId']);
    const target = one['$ref'];
    if (typeof target !== 'string') continue;
    const found = target
      .slice(2)
      .split('/')
      .reduce<Json | undefined>((where, key) => (isObject(where) ? where[key] : undefined), document);
    expect([at, isObject(found)]).toEqual([at, true]);
  }
  expect(new Set(ids).size).toBe(operations.length);
});

test('times are ISO strings and nothing is a number too large for JSON', () => {
  for (const { path, output } of operations) {
    if (output === null) continue;
    const text = JSON.stringify(wireSchema(output, 'output', 'X', {}));
    expect([path, /"format":"(?:int64|bigint)"/.test(text)]).toEqual([path, false]);
  }
});
