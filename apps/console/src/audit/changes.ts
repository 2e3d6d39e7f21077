// Two states of one thing as the list of fields in which they differ.

/** `before` or `after` is null where there was, or is, no such field. */
type FieldChange = { field: string; before: string | null; after: string | null };

const maxFields = 500;

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Dotted paths to values: `members.0.weight`. Lists of plain values are one value. */
function flat(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (into.size >= maxFields) return into;
  const plain = value === null || typeof value !== 'object' || (Array.isArray(value) && value.every((item) => typeof item !== 'object'));
  if (plain) return value === null && path === '' ? into : into.set(path === '' ? 'value' : path, shown(value));
  for (const [key, field] of Object.entries(value)) flat(field, path === '' ? key : `${path}.${key}`, into);
  return into;
}

/** In the order of the fields; equal ones are left out. */
export function fieldChanges(before: unknown, after: unknown): FieldChange[] {
  const [was, is] = [flat(before ?? null, '', new Map()), flat(after ?? null, '', new Map())];
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((field) => ({ field, before: was.get(field) ?? null, after: is.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}
