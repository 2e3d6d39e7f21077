// What is to change, before it is: entities with their bodies before and after. Texts, roll backs, drafts and lists of sources all come
// down to this; from here they are shown, judged and written in the same way.
import { entitySchemas, type EntityBody, type EntityKind } from '@sluice/contract';
import { maxDiffFields, maxDiffItems, type ConfigDiffItem } from '@sluice/contract/api';
import { formOf } from './text/forms.ts';
import { valueText } from './text/emit.ts';
import { nameOfBody, referredKinds, type NameOf, type Names } from './text/names.ts';

export interface Edit {
  readonly kind: EntityKind;
  readonly id: string;
  /** The tenant it belongs to; null for what belongs to the installation. */
  readonly tenantId: string | null;
  /** As the feed has it; null: it does not exist yet. */
  readonly before: unknown;
  /** As it shall be; null takes it away. */
  readonly after: unknown;
}

/** The stored body as this version reads it; null when it cannot. */
export function readBody(kind: EntityKind, stored: unknown): EntityBody | null {
  if (stored === null || stored === undefined) return null;
  const parsed = entitySchemas[kind].safeParse(stored);
  return parsed.success ? (parsed.data as EntityBody) : null;
}

/** Whose an entity of this body is. */
export function tenantOf(kind: EntityKind, id: string, body: EntityBody): string | null {
  if (kind === 'tenant') return id;
  return 'tenantId' in body ? body.tenantId : null;
}

const maxValueLength = 500;
const cut = (text: string): string => (text.length > maxValueLength ? `${text.slice(0, maxValueLength)}…` : text);

export const actionOf = ({ before, after }: Pick<Edit, 'before' | 'after'>): ConfigDiffItem['action'] =>
  before === null ? 'add' : after === null ? 'remove' : 'change';

export const nameOfEdit = (edit: Edit, nameOf: NameOf): string => {
  const body = readBody(edit.kind, edit.after ?? edit.before);
  return body === null ? edit.id : nameOfBody(edit.kind, body, nameOf);
};

/** What the edits make is called by its name too where others of them refer to it. */
export async function learnNames(names: Names, edits: readonly Edit[]): Promise<void> {
  for (const kind of referredKinds) {
    const made = edits.filter((edit) => edit.kind === kind && edit.before === null);
    const named = await names.with((nameOf) => made.map((edit) => nameOfEdit(edit, nameOf)));
    for (const [index, { id }] of made.entries()) names.learn(kind, id, named[index] ?? id);
  }
}

/** The edits by name and field; the first `maxDiffItems`. */
export async function diffOf(edits: readonly Edit[], names: Names): Promise<ConfigDiffItem[]> {
  const shown = edits.slice(0, maxDiffItems);
  return names.with((nameOf) =>
    shown.map((edit) => ({
      kind: edit.kind,
      id: edit.id,
      name: nameOfEdit(edit, nameOf),
      action: actionOf(edit),
      fields: fieldChanges(edit, nameOf),
    })),
  );
}

function fieldChanges({ kind, before, after }: Edit, nameOf: NameOf): ConfigDiffItem['fields'] {
  const [old, next] = [before, after].map((stored) => {
    const body = readBody(kind, stored);
    // A body that this version cannot read is shown as it is stored.
    return flat(body === null ? stored : formOf(kind).toText(body, nameOf));
  }) as [Map<string, string>, Map<string, string>];
  const fields = [...new Set([...old.keys(), ...next.keys()])].toSorted();
  const changed = fields.filter((field) => old.get(field) !== next.get(field));
  return changed.slice(0, maxDiffFields).map((field) => ({
    field,
    from: old.has(field) ? cut(old.get(field) ?? '') : null,
    to: next.has(field) ? cut(next.get(field) ?? '') : null,
  }));
}

/** `a.b` -> value in a line. Lists of things that have a key or a name are told apart by it. */
function flat(value: unknown, at = '', into = new Map<string, string>()): Map<string, string> {
  const below = (name: string) => (at === '' ? name : `${at}.${name}`);
  if (Array.isArray(value)) {
    const named = value.map((item: unknown) => labelOf(item));
    if (value.length > 0 && !named.includes(null) && new Set(named).size === named.length) {
      for (const [index, item] of value.entries()) flat(item, below(named[index] ?? ''), into);
      return into;
    }
  } else if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    for (const [name, field] of Object.entries(value)) if (field !== undefined) flat(field, below(name), into);
    return into;
  }
  if (at !== '' && value !== undefined) into.set(at, valueText(value));
  return into;
}

function labelOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  if ('key' in item && typeof item.key === 'string') return item.key;
  return 'name' in item && typeof item.name === 'string' ? item.name : null;
}
