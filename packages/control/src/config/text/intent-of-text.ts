// From a text to edits: what of it is not as it is now. The text is read and checked against the form of each kind; what it names is looked
// up among what it makes itself and what is there. Entities of a section that the text leaves out are taken away where it replaces the
// section, and left alone where it is merged.
import { configSections, entitySchemas, sectionKinds, type ConfigSection, type EntityBody, type EntityKind } from '@sluice/contract';
import type { ConfigFinding } from '@sluice/contract/api';
import { canonicalJson } from '@sluice/contract/content-root';
import { configHead, entitiesAt } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import type { z } from 'zod';
import type { Scope } from '../../scope.ts';
import { readBody, tenantOf, type Edit } from '../edits.ts';
import { givingWay } from '../in-slices.ts';
import { presetKey, type Intent } from '../roll-back.ts';
import { settleSecrets } from '../settle-secrets.ts';
import { formOf } from './forms.ts';
import { FormProblem, Ids, nameOfBody, Names, referredKinds, type ReferredKind } from './names.ts';
import { parseText, type ParsedText } from './parse.ts';

const pageSize = 500;
const maxFindings = 50;
const referred: readonly string[] = referredKinds;

export type Mode = 'replace' | 'merge';
type Stored = { id: string; tenantId: string | null; raw: unknown; body: EntityBody | null };
/** An entry of the text, and the entity of its name as it is. */
type Wanted = { name: string; entry: unknown; id: string; stored: Stored | null };

/** Reads a text once; edits can be made of it as often as the configuration moves on. */
export async function readText(text: string): Promise<ParsedText> {
  return parseText(text);
}

export class TextIntent {
  readonly #scope: Scope;
  readonly #parsed: ParsedText;
  readonly #mode: Mode;
  readonly #ids: Ids;
  readonly #edits: Edit[] = [];
  readonly #notes: string[] = [];
  readonly findings: ConfigFinding[] = [];

  constructor(scope: Scope, parsed: ParsedText, mode: Mode) {
    this.#scope = scope;
    this.#parsed = parsed;
    this.#mode = mode;
    this.#ids = new Ids(scope);
    this.findings.push(...parsed.findings);
  }

  /** The edits; with `findings` in place they are not all there are. */
  async read(): Promise<Intent> {
    if (this.findings.length > 0) return { edits: [], notes: [] };
    const { number: revision } = await configHead(this.#scope.sql);
    const names = new Names(this.#scope, revision);
    // In the order of the sections: ids of what is made are known before what refers to it is read.
    for (const section of configSections) {
      const entries = this.#parsed.sections.get(section);
      if (entries) await this.#section(section, entries, revision, names);
    }
    if (this.findings.length > 0) return { edits: [], notes: [] };
    const settled = await settleSecrets(this.#scope, this.#edits);
    return { edits: settled.edits, notes: [...this.#notes, ...settled.notes] };
  }

  async #section(section: ConfigSection, entries: ReadonlyMap<string, unknown>, revision: number, names: Names): Promise<void> {
    const kind = sectionKinds[section];
    const wanted = new Map<string, Wanted>();
    for (const [name, entry] of entries) wanted.set(name, { name, entry, id: newId(), stored: null });
    const gone = await this.#match(kind, wanted, revision, names);
    for (const { name, entry, id } of wanted.values())
      if (referred.includes(kind)) this.#ids.set(kind as ReferredKind, name, entry === null ? null : id);
    const give = givingWay();
    for (const one of wanted.values()) {
      await give();
      if (this.findings.length >= maxFindings) return;
      await this.#entry(section, kind, one, names);
    }
    for (const { name, stored } of gone) this.#remove(kind, name, stored);
  }

  /** Puts what is there beside the entries of its name. Returns what no entry names and the text takes away. */
  async #match(kind: EntityKind, wanted: Map<string, Wanted>, revision: number, names: Names) {
    const gone: { name: string; stored: Stored }[] = [];
    const give = givingWay();
    let after: string | null = null;
    do {
      const page = await entitiesAt(this.#scope.sql, { kind, revision, after, limit: pageSize });
      const list: Stored[] = [];
      for (const { id, tenantId, body: raw } of page.entities) {
        await give();
        list.push({ id, tenantId, raw, body: readBody(kind, raw) });
      }
      const named = await names.with((nameOf) => list.map(({ id, body }) => (body === null ? id : nameOfBody(kind, body, nameOf))));
      for (const [index, stored] of list.entries()) {
        const name = named[index] ?? stored.id;
        const one = wanted.get(name);
        if (one) Object.assign(one, { stored, id: stored.id });
        else if (this.#mode === 'replace') gone.push({ name, stored });
      }
      after = page.last;
    } while (after !== null);
    for (const { name } of gone) if (referred.includes(kind)) this.#ids.set(kind as ReferredKind, name, null);
    return gone;
  }

  async #entry(section: ConfigSection, kind: EntityKind, one: Wanted, names: Names): Promise<void> {
    const { name, stored } = one;
    if (one.entry === null) {
      if (stored) this.#remove(kind, name, stored);
      else await this.#tell(section, name, [], 'there is none of this name to take away');
      return;
    }
    if (typeof one.entry !== 'object' || Array.isArray(one.entry)) return this.#tell(section, name, [], 'fields are expected');
    const form = formOf(kind);
    const entry = await this.#merged(kind, one, names);
    const read = form.schema.safeParse(entry);
    if (!read.success) {
      for (const issue of read.error.issues.slice(0, 5)) await this.#tellIssue(section, name, kind, issue);
      return;
    }
    const stray = strayKey(entry, read.data);
    if (stray) return this.#tell(section, name, stray, `unknown key ${stray.at(-1)}`);
    try {
      const made = await this.#ids.with((idOf) => form.toBody(read.data, name, idOf, stored?.body ?? null));
      const parsed = entitySchemas[kind].safeParse(made);
      if (!parsed.success) {
        for (const issue of parsed.error.issues.slice(0, 5)) await this.#tell(section, name, issue.path.map(String), issue.message);
        return;
      }
      this.#put(kind, one, parsed.data as EntityBody);
    } catch (error) {
      if (!(error instanceof FormProblem)) throw error;
      await this.#tell(section, name, error.field === '' ? [] : error.field.split('.'), error.message);
    }
  }

  /** Where a text is merged, fields that an entry leaves out stay as they are. */
  async #merged(kind: EntityKind, { entry, stored }: Wanted, names: Names): Promise<unknown> {
    const body = stored?.body;
    if (this.#mode !== 'merge' || !body) return entry;
    const now = await names.with((nameOf) => formOf(kind).toText(body, nameOf));
    return { ...now, ...(entry as object) };
  }

  #put(kind: EntityKind, { id, stored }: Wanted, body: EntityBody): void {
    const tenantId = tenantOf(kind, id, body);
    if (!stored) {
      this.#edits.push({ kind, id, tenantId, before: null, after: body });
      return;
    }
    if (stored.body !== null && canonicalJson(stored.body) === canonicalJson(body)) return;
    if (stored.tenantId === tenantId) {
      this.#edits.push({ kind, id, tenantId, before: stored.raw, after: body });
      return;
    }
    // An entity never changes its tenant: the other one's is another entity of the same name.
    this.#edits.push({ kind, id, tenantId: stored.tenantId, before: stored.raw, after: null });
    this.#edits.push({ kind, id: newId(), tenantId, before: null, after: body });
  }

  #remove(kind: EntityKind, name: string, { id, tenantId, raw }: Stored): void {
    if (presetKey(raw) !== null) {
      this.#notes.push(`${kind} ${name} comes from a preset and would be back with the next start: it stays`);
      return;
    }
    this.#edits.push({ kind, id, tenantId, before: raw, after: null });
  }

  async #tellIssue(section: ConfigSection, name: string, kind: EntityKind, issue: z.core.$ZodIssue): Promise<void> {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return this.#tell(section, name, path, issue.message);
    const expected = path.length === 0 ? `; expected one of ${Object.keys(formOf(kind).schema.shape).toSorted().join(', ')}` : '';
    for (const key of issue.keys) await this.#tell(section, name, [...path, key], `unknown key ${key}${expected}`);
  }

  async #tell(section: ConfigSection, name: string, path: readonly string[], message: string): Promise<void> {
    const place = await this.#parsed.placeOf([section, name, ...path]);
    this.findings.push({ level: 'error', about: `${section} ${name}`, field: path.join('.'), message, ...place });
  }
}

/** The path of a key that the reading left out: deep inside, schemas of the feed drop what they do not know. */
function strayKey(given: unknown, read: unknown): string[] | null {
  if (typeof given !== 'object' || given === null || typeof read !== 'object' || read === null) return null;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(read, key)) return [key];
    const below = strayKey(value, (read as { [key: string]: unknown })[key]);
    if (below) return [key, ...below];
  }
  return null;
}
