// What entities are called in texts and diffs: the name that people know and that is unique. Ids become names by what the feed says at a
// revision, so that also a deleted pool has its name in an old diff; names become ids by the rows of now.
import type { EntityBody, EntityKind } from '@sluice/contract';
import { entityNames } from '@sluice/plane/console';
import type { Scope } from '../../scope.ts';

/** Kinds that others refer to by id. */
export type ReferredKind = 'source' | 'pool' | 'tenant' | 'stream';
export const referredKinds = ['tenant', 'source', 'pool', 'stream'] as const satisfies ReferredKind[];
export type NameOf = (kind: ReferredKind, id: string) => string;
/** Throws `FormProblem` when nothing has that name. `field` says where the name stands. */
export type IdOf = (kind: ReferredKind, name: string, field: string) => string;

/** An entry that is well formed and cannot be what it says. */
export class FormProblem extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The unique name of an entity of this body. */
export function nameOfBody(kind: EntityKind, body: EntityBody, nameOf: NameOf): string {
  const named: { readonly [field: string]: unknown } = body;
  const field = (name: string): string => String(named[name]);
  switch (kind) {
    case 'provider':
      return field('key');
    case 'tenant':
      return field('slug');
    case 'stream':
      return `${nameOf('tenant', field('tenantId'))}/${field('name')}`;
    case 'domain':
    case 'route':
      return field('domain');
    case 'dkim_key':
      return `${field('domain')}/${field('selector')}`;
    case 'credential':
      return field('username');
    case 'relay':
      return field('cidr');
    case 'source':
    case 'pool':
    case 'limit':
    case 'setting':
    case 'warm_up':
    case 'automation':
      return field('name');
  }
}

const keyOf = (kind: ReferredKind, id: string): string => `${kind}:${id}`;

/** Names as of a revision, fetched in batches and kept for one request. What the actor may not see stays an id. */
export class Names {
  readonly #scope: Scope;
  readonly #at: number;
  readonly #known = new Map<string, string>();

  constructor(scope: Scope, at: number) {
    this.#scope = scope;
    this.#at = at;
  }

  readonly of: NameOf = (kind, id) => this.#known.get(keyOf(kind, id)) ?? id;

  /** A name that no revision has yet. */
  learn(kind: ReferredKind, id: string, name: string): void {
    this.#known.set(keyOf(kind, id), name);
  }

  /** Runs `use` once to learn which names it needs, fetches them, and returns what it makes with them. */
  async with<T>(use: (nameOf: NameOf) => T): Promise<T> {
    const wanted = new Map<string, { kind: ReferredKind; id: string }>();
    use((kind, id) => {
      if (!this.#known.has(keyOf(kind, id))) wanted.set(keyOf(kind, id), { kind, id });
      return id;
    });
    await this.#fetch([...wanted.values()]);
    return use(this.of);
  }

  async #fetch(wanted: readonly { kind: ReferredKind; id: string }[]): Promise<void> {
    if (wanted.length === 0) return;
    const rows = await entityNames(this.#scope.sql, wanted, this.#at);
    const tenants = rows.flatMap(({ kind, tenantId }) => (kind === 'stream' && tenantId !== null ? [tenantId] : []));
    const unknown = [...new Set(tenants)].filter((id) => !this.#known.has(keyOf('tenant', id)));
    await this.#fetch(unknown.map((id) => ({ kind: 'tenant' as const, id })));
    for (const { kind, id, name, slug, tenantId } of rows) {
      const whole = kind === 'tenant' ? slug : kind === 'stream' ? `${this.of('tenant', tenantId ?? '')}/${name}` : name;
      if (whole !== null) this.#known.set(keyOf(kind as ReferredKind, id), whole);
    }
  }
}

/** Ids of what exists now and of what a text is about to make. */
export class Ids {
  readonly #scope: Scope;
  readonly #known = new Map<string, string>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** An entity that the text makes, or takes away (null). */
  set(kind: ReferredKind, name: string, id: string | null): void {
    this.#known.set(keyOf(kind, name), id ?? '');
  }

  get(kind: ReferredKind, name: string): string | undefined {
    return this.#known.get(keyOf(kind, name)) || undefined;
  }

  /** Runs `use` once to learn which names it needs, looks them up, and returns what it makes with the ids. */
  async with<T>(use: (idOf: IdOf) => T): Promise<T> {
    const wanted = new Map<string, { kind: ReferredKind; name: string }>();
    try {
      use((kind, name) => {
        if (!this.#known.has(keyOf(kind, name))) wanted.set(keyOf(kind, name), { kind, name });
        return name;
      });
    } catch (error) {
      // Names are not ids yet; the second run says what is wrong.
      if (!(error instanceof FormProblem)) throw error;
    }
    await this.#look([...wanted.values()]);
    return use((kind, name, field) => {
      const id = this.get(kind, name);
      if (id === undefined) throw new FormProblem(field, `there is no ${kind} named ${name}`);
      return id;
    });
  }

  async #look(wanted: readonly { kind: ReferredKind; name: string }[]): Promise<void> {
    const { db } = this.#scope;
    // The database cannot be asked for a NUL, and nothing is named so.
    const of = (kind: ReferredKind) => wanted.filter((one) => one.kind === kind && !one.name.includes('\0')).map(({ name }) => name);
    const byName = (names: string[]) => ({ where: { name: { in: names } }, select: { id: true, name: true } as const });
    for (const { kind, name } of wanted) this.set(kind, name, null);
    if (of('source').length > 0)
      for (const { id, name } of await db.egressSource.findMany(byName(of('source')))) this.set('source', name, id);
    if (of('pool').length > 0) for (const { id, name } of await db.ipPool.findMany(byName(of('pool')))) this.set('pool', name, id);
    if (of('tenant').length > 0)
      for (const { id, slug } of await db.tenant.findMany({ where: { slug: { in: of('tenant') } } })) this.set('tenant', slug, id);
    const streams = of('stream').map((name) => ({
      name: name.slice(name.indexOf('/') + 1),
      tenant: { slug: name.slice(0, name.indexOf('/')) },
    }));
    if (streams.length === 0) return;
    for (const { id, name, tenant } of await db.stream.findMany({ where: { OR: streams }, include: { tenant: true } }))
      this.set('stream', `${tenant.slug}/${name}`, id);
  }
}
