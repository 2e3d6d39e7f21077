// A value for a JSON Schema, by chance: within its bounds, often on them, and where it names something by id, mostly something that there
// is. Not every value is valid: refinements are not in the schema. Whether it is, the zod schema says.
import { isObject, type Json, type JsonObject } from '../../openapi/json-schema.ts';
import type { Chance } from './random.ts';

/** What there is, by the name of a field or the noun of a procedure: `tenantId`, `sources`. */
export type Known = ReadonlyMap<string, readonly string[]>;

export interface Making {
  readonly chance: Chance;
  readonly known: Known;
  /** Noun of the procedure: what a plain `id` is of. */
  readonly noun: string;
  readonly shared: JsonObject;
}

const deepest = 8;
const reallyLarge = 1_000_000;
const words = [
  'alpha',
  'news',
  'bulk-1',
  'a',
  's1',
  'Gmail',
  'gmail',
  'x.y',
  'suspend',
  '5m',
  'Europe/Berlin',
  'UTC',
  'node-1',
  '10:00',
  '4.7.1',
  '/4\\.7/',
  '@example.com',
  '2026-01-01',
];
const addresses = ['127.0.0.1', '192.0.2.7', '2001:db8::7', '10.1.2.0/24', '2001:db8::/32'];
const domains = ['example.com', 'brand.example', 'mx.gmail.com', 'xn--bcher-kva.example', '.example.com', '*'];
const fixed: Readonly<Record<string, (making: Making) => string>> = {
  uuid: ({ chance }) => chance.uuid(),
  email: ({ chance }) => `someone${chance.whole(1, 99_999)}@example.net`,
  'date-time': ({ chance }) => new Date(1_700_000_000_000 + chance.whole(0, 200_000_000) * 1000).toISOString(),
  date: ({ chance }) => `2026-${String(chance.whole(1, 12)).padStart(2, '0')}-${String(chance.whole(1, 28)).padStart(2, '0')}`,
  ipv4: ({ chance }) => `127.${chance.whole(0, 255)}.${chance.whole(0, 255)}.${chance.whole(1, 254)}`,
  ipv6: ({ chance }) => `2001:db8::${chance.whole(1, 9999)}`,
  cidrv4: ({ chance }) => `10.${chance.whole(0, 255)}.${chance.whole(0, 255)}.0/24`,
  cidrv6: ({ chance }) => `2001:db8:${chance.whole(1, 9999)}::/48`,
  uri: () => 'https://hook.example/x',
};

/** Names under which what there is may be asked for. */
const aliases: Readonly<Record<string, string>> = {
  poolIds: 'poolId',
  sourceIds: 'sourceId',
  tenant: 'tenantId',
  stream: 'streamId',
  source: 'sourceId',
  pool: 'poolId',
  cloneOf: 'providers',
};

function idFor(field: string, making: Making): string {
  const { chance, known, noun } = making;
  const there = known.get(field === 'id' ? noun : (aliases[field] ?? field));
  return there && there.length > 0 && chance.is(0.85) ? chance.pick(there) : chance.uuid();
}

function textFor(schema: JsonObject, field: string, making: Making): string {
  const { chance, known } = making;
  const format = typeof schema['format'] === 'string' ? schema['format'] : '';
  if (format === 'uuid') return idFor(field, making);
  const made = fixed[format];
  if (made) return made(making);
  const there = known.get(field);
  const numbered = `${chance.pick(words).replaceAll(/[^a-z0-9]/gi, '')}-${chance.whole(1, 99_999)}`;
  const candidates = [numbered, `${numbered}.example`, `u@${numbered}.example`, ...(there ?? []), ...words, ...addresses, ...domains];
  const least = Number(schema['minLength'] ?? 0);
  const most = Math.min(Number(schema['maxLength'] ?? 80), reallyLarge);
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern'], 'u') : null;
  const fits = (text: string): boolean => text.length >= least && text.length <= most && (pattern === null || pattern.test(text));
  const known1 = there && there.length > 0 && chance.is(0.7) ? chance.pick(there) : '';
  if (known1 !== '' && fits(known1)) return known1;
  const fitting = candidates.filter(fits);
  if (fitting.length > 0) return chance.is(0.6) ? (fitting[0] ?? '') : chance.pick(fitting);
  return numbered.padEnd(least, 'x').slice(0, most);
}

function numberFor(schema: JsonObject, { chance }: Making): number {
  const whole = schema['type'] === 'integer';
  const least = Number(schema['minimum'] ?? (schema['exclusiveMinimum'] === undefined ? 0 : Number(schema['exclusiveMinimum']) + 1));
  const most = Number(schema['maximum'] ?? least + 1000);
  if (chance.is(0.2)) return least;
  if (chance.is(0.2)) return most;
  const near = Math.min(most, least + 500);
  return whole ? chance.whole(Math.ceil(least), Math.floor(near)) : least + chance.next() * (near - least);
}

function objectFor(schema: JsonObject, making: Making, depth: number): JsonObject {
  const { chance } = making;
  const made: JsonObject = {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  for (const [name, field] of Object.entries(properties))
    if (isObject(field) && (required.includes(name) || chance.is(depth > 4 ? 0.1 : 0.45)))
      made[name] = valueFor(field, making, name, depth + 1);
  const rest = schema['additionalProperties'];
  if (!isObject(rest) || depth > deepest) return made;
  const names = isObject(schema['propertyNames']) ? schema['propertyNames'] : { type: 'string', maxLength: 20 };
  for (let count = chance.whole(0, 2); count > 0; count -= 1) {
    const name = valueFor(names, making, '', depth + 1);
    if (typeof name === 'string') made[name] = valueFor(rest, making, '', depth + 1);
  }
  return made;
}

export function valueFor(schema: JsonObject, making: Making, field = '', depth = 0): Json {
  const { chance, shared } = making;
  const target = schema['$ref'];
  if (typeof target === 'string') {
    const found = shared[target.split('/').at(-1) ?? ''];
    return depth > deepest || !isObject(found) ? null : valueFor(found, making, field, depth + 1);
  }
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return chance.pick(schema['enum']);
  const options = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(options)) {
    const able = options.filter(isObject);
    return depth > deepest ? null : valueFor(chance.pick(able), making, field, depth + 1);
  }
  const type = Array.isArray(schema['type']) ? chance.pick(schema['type']) : schema['type'];
  if (type === 'object') return objectFor(schema, making, depth);
  if (type === 'array') {
    const least = Number(schema['minItems'] ?? 0);
    const count = depth > deepest ? least : chance.whole(least, Math.min(Number(schema['maxItems'] ?? least + 3), least + 3));
    const items = isObject(schema['items']) ? schema['items'] : {};
    return Array.from({ length: count }, () => valueFor(items, making, field, depth + 1));
  }
  if (type === 'integer' || type === 'number') return numberFor({ ...schema, type }, making);
  if (type === 'boolean') return chance.is(0.5);
  if (type === 'string') return textFor(schema, field, making);
  return type === 'null' ? null : chance.pick<Json>([null, 1, 'text', true, {}, []]);
}
