// Entities of the feed pass over fields that they do not know, so that an older engine lives through a newer console. What comes in
// through the API must not: a misspelt field would be silently without effect. This is the one schema as the other.
import { z } from 'zod';

type Def = z.core.$ZodTypeDef & Record<string, unknown>;

const isSchema = (value: unknown): value is z.ZodType => value instanceof z.core.$ZodType;

/** The same schema, refusing unknown fields in every object within. */
export function strictly<T extends z.ZodType>(schema: T): T {
  const def = schema._zod.def as Def;
  const inner: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(def)) {
    if (key === 'shape' || key === 'catchall') continue;
    if (isSchema(value)) inner[key] = strictly(value);
    else if (Array.isArray(value) && value.length > 0 && value.every(isSchema)) inner[key] = value.map((one) => strictly(one));
  }
  if (def.type === 'object') {
    const fields = Object.entries((schema as unknown as z.ZodObject).shape);
    inner['shape'] = Object.fromEntries(fields.map(([name, field]) => [name, strictly(field as z.ZodType)]));
    inner['catchall'] = z.never();
  }
  return Object.keys(inner).length === 0 ? schema : z.clone(schema, { ...def, ...inner } as never);
}
