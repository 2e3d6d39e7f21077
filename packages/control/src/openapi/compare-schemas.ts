// Two JSON Schemas of one thing, before and after: what was taken and is not any more, and what was answered and is not any more. Pure.
import { isDeepStrictEqual } from 'node:util';
import { isObject, wordOf, type Json, type JsonObject } from './json-schema.ts';

/** Follows `$ref` in one of the two documents. */
export type Resolve = (schema: JsonObject) => JsonObject;
/** `met`: pairs of shared schemas that are being compared: one that refers to itself is compared once. */
type Walk = (before: JsonObject, after: JsonObject, at: string, was: Resolve, is: Resolve, met?: ReadonlySet<string>) => string[];

/** The pair added to what is met; null when it is already among it. */
function meeting(before: JsonObject, after: JsonObject, met: ReadonlySet<string>): ReadonlySet<string> | null {
  const [old, fresh] = [before['$ref'], after['$ref']];
  if (typeof old !== 'string' || typeof fresh !== 'string') return met;
  const pair = `${old} ${fresh}`;
  return met.has(pair) ? null : new Set([...met, pair]);
}

const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

const schemaAt = (schema: JsonObject, key: string): JsonObject | null => (isObject(schema[key]) ? schema[key] : null);
const propertiesOf = (schema: JsonObject): [string, JsonObject][] =>
  Object.entries(schemaAt(schema, 'properties') ?? {}).flatMap(([name, one]) =>
    isObject(one) ? [[name, one] as [string, JsonObject]] : [],
  );
const requiredOf = (schema: JsonObject): Json[] => (Array.isArray(schema['required']) ? schema['required'] : []);

/** The alternatives of a schema: of anyOf and oneOf, and one for each of several types. */
function alternatives(schema: JsonObject, resolve: Resolve): JsonObject[] {
  const whole = resolve(schema);
  const options = whole['anyOf'] ?? whole['oneOf'];
  if (Array.isArray(options)) return options.flatMap((one) => (isObject(one) ? alternatives(one, resolve) : []));
  const { type } = whole;
  return Array.isArray(type) ? type.map((one) => ({ ...whole, type: one })) : [whole];
}

function valuesOf(schema: JsonObject): Json[] | null {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? schema['enum'] : null;
}

/** The fields that tell variants of a union apart: those that can only have one value. */
function marks(schema: JsonObject, resolve: Resolve): string {
  const fixed = propertiesOf(schema).flatMap(([name, one]) => {
    const value = resolve(one)['const'];
    return value === undefined ? [] : [[name, value]];
  });
  return JSON.stringify([schema['type'] ?? null, fixed]);
}

function said(schema: JsonObject, resolve: Resolve): string {
  const values = valuesOf(schema);
  if (values) return values.map((value) => JSON.stringify(value)).join(', ');
  const mark = marks(schema, resolve);
  return mark.endsWith(',[]]') ? wordOf(schema['type']) : mark;
}

const typeFits = (given: Json | undefined, taken: Json | undefined): boolean =>
  taken === undefined || given === taken || (given === 'integer' && taken === 'number');

/** What was taken before and is not after. */
export const inputBreaks: Walk = (before, after, at, was, is, known = new Set()) => {
  const met = meeting(before, after, known);
  if (met === null) return [];
  const [old, fresh] = [alternatives(before, was), alternatives(after, is)];
  return old.flatMap((one) => {
    const tries = fresh.map((other) => narrowed(one, other, at, was, is, met));
    if (tries.some((breaks) => breaks.length === 0)) return [];
    const like = fresh.findIndex((other) => marks(other, is) === marks(one, was));
    return (like === -1 ? undefined : tries[like]) ?? [`${at}: no longer takes ${said(one, was)}`];
  });
};

function narrowed(one: JsonObject, other: JsonObject, at: string, was: Resolve, is: Resolve, met: ReadonlySet<string>): string[] {
  const found: string[] = [];
  if (!typeFits(one['type'], other['type'])) found.push(`${at}: no longer takes ${said(one, was)}`);
  const [values, taken] = [valuesOf(one), valuesOf(other)];
  if (taken) {
    const lost = values ? values.filter((value) => !taken.some((still) => isDeepStrictEqual(still, value))) : ['other values'];
    if (lost.length > 0) found.push(`${at}: no longer takes ${lost.map((value) => JSON.stringify(value)).join(', ')}`);
  }
  for (const key of lowerBounds) if (Number(other[key] ?? -Infinity) > Number(one[key] ?? -Infinity)) found.push(`${at}: ${key} is higher`);
  for (const key of upperBounds) if (Number(other[key] ?? Infinity) < Number(one[key] ?? Infinity)) found.push(`${at}: ${key} is lower`);
  for (const key of ['pattern', 'format', 'multipleOf'])
    if (other[key] !== undefined && other[key] !== one[key] && values === null) found.push(`${at}: ${key} is another`);
  return [...found, ...narrowedFields(one, other, at, was, is, met)];
}

function narrowedFields(one: JsonObject, other: JsonObject, at: string, was: Resolve, is: Resolve, met: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const [old, fresh] = [new Map(propertiesOf(one)), new Map(propertiesOf(other))];
  for (const name of requiredOf(other)) if (!requiredOf(one).includes(name)) found.push(`${at}.${wordOf(name)}: must be given now`);
  const rest = other['additionalProperties'];
  for (const [name, schema] of old) {
    const taken = fresh.get(name) ?? (isObject(rest) ? rest : undefined);
    if (taken) found.push(...inputBreaks(schema, taken, `${at}.${name}`, was, is, met));
    else if (rest === false) found.push(`${at}.${name}: is no longer taken`);
  }
  const more = one['additionalProperties'];
  if (isObject(more) && rest === false) found.push(`${at}: no longer takes other fields`);
  if (isObject(more) && isObject(rest)) found.push(...inputBreaks(more, rest, `${at}.*`, was, is, met));
  const [items, taken] = [schemaAt(one, 'items'), schemaAt(other, 'items')];
  if (taken) found.push(...inputBreaks(items ?? {}, taken, `${at}[]`, was, is, met));
  if (other['allOf'] !== undefined && !isDeepStrictEqual(one['allOf'], other['allOf'])) found.push(`${at}: allOf is another`);
  return found;
}

/** What was answered before and is not after, or comes in another form. */
export const answerBreaks: Walk = (before, after, at, was, is, known = new Set()) => {
  const met = meeting(before, after, known);
  if (met === null) return [];
  const [old, fresh] = [alternatives(before, was), alternatives(after, is)];
  const found = fresh
    .filter((one) => !old.some((other) => typeFits(one['type'], other['type'])))
    .map((one) => `${at}: may be ${wordOf(one['type'])} now`);
  for (const one of old) {
    const alike = fresh.filter((other) => typeFits(other['type'], one['type']));
    const marked = alike.filter((other) => marks(other, is) === marks(one, was));
    const same = marked.length > 0 || old.length > 1 ? marked : alike;
    const tries = same.map((other) => lost(one, other, at, was, is, met)).toSorted((a, b) => a.length - b.length);
    if (tries[0]) found.push(...tries[0]);
    else if (one['type'] === 'object') found.push(`${at}: no longer comes as ${said(one, was)}`);
  }
  return found;
};

function lost(one: JsonObject, other: JsonObject, at: string, was: Resolve, is: Resolve, met: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const fresh = new Map(propertiesOf(other));
  for (const [name, schema] of propertiesOf(one)) {
    const still = fresh.get(name);
    if (!still) found.push(`${at}.${name}: no longer comes`);
    else {
      if (requiredOf(one).includes(name) && !requiredOf(other).includes(name)) found.push(`${at}.${name}: may be missing now`);
      found.push(...answerBreaks(schema, still, `${at}.${name}`, was, is, met));
    }
  }
  for (const [key, mark] of [
    ['items', '[]'],
    ['additionalProperties', '.*'],
  ] as const) {
    const [items, still] = [schemaAt(one, key), schemaAt(other, key)];
    if (items && still) found.push(...answerBreaks(items, still, `${at}${mark}`, was, is, met));
  }
  if (one['format'] !== undefined && one['format'] !== other['format']) found.push(`${at}: format is another`);
  return found;
}
