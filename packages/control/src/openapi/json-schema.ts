// From a zod schema of the contract to the JSON Schema of what goes over the wire: of an input what may be sent, of an output what comes
// back. Definitions that refer to themselves are moved to where the document keeps shared schemas.
import { z } from 'zod';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** For people. */
export const wordOf = (value: Json | undefined, otherwise = 'anything'): string =>
  value === undefined ? otherwise : typeof value === 'string' ? value : JSON.stringify(value);

/** A schema that ends in a function cannot be described; what the function is given can, and has the same form in this contract. */
function describeTransformed(zodSchema: z.core.$ZodTypes, jsonSchema: z.core.JSONSchema.BaseSchema, io: 'input' | 'output'): void {
  const { def } = zodSchema._zod;
  if (io !== 'output' || def.type !== 'pipe' || def.out._zod.def.type !== 'transform') return;
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  Object.assign(jsonSchema, plain(def.in, io));
}

function plain(schema: z.core.$ZodType, io: 'input' | 'output'): JsonObject {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      describeTransformed(zodSchema, jsonSchema, io);
      // An answer may gain fields at any time; whoever reads it must not refuse them.
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const { $schema: _version, '~standard': _standard, ...rest } = made;
  return rest as JsonObject;
}

/** `name` begins the names of what is moved to `shared`. */
export function wireSchema(schema: z.core.$ZodType, io: 'input' | 'output', name: string, shared: JsonObject): JsonObject {
  const { $defs = {}, ...made } = plain(schema, io);
  if (!isObject($defs)) return made;
  for (const [key, definition] of Object.entries($defs)) shared[`${name}${key}`] = renamed(definition, name);
  return renamed(made, name) as JsonObject;
}

function renamed(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((one) => renamed(one, name));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', `#/components/schemas/${name}`) : renamed(inner, name),
    ]),
  );
}
