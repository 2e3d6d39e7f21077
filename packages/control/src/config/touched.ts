// What mail a change touches: each entity that changes stands for a scope of mail (a pool's, a tenant's), and the running nodes are asked how
// much of it waits now. Bounded in questions; what is left out is said by `exact`.
import type { CommandScope, EntityBody } from '@sluice/contract';
import type { configTouches } from '@sluice/contract/api';
import { canonicalJson } from '@sluice/contract/content-root';
import type { z } from 'zod';
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import type { Scope } from '../scope.ts';
import { readBody, type Edit } from './edits.ts';
import type { Names } from './text/names.ts';

type Touches = z.output<typeof configTouches>;
type Reach = CommandScope | 'all';

const maxQuestions = 12;
const maxNamed = 50;

export async function touchedBy(scope: Scope, edits: readonly Edit[], names: Names): Promise<Touches> {
  const reaches = edits.flatMap((edit) => [...reachesOf(edit)]);
  const everything = reaches.includes('all');
  const scopes = new Map<string, CommandScope>();
  for (const reach of reaches) if (typeof reach === 'object') scopes.set(canonicalJson(reach), reach);
  const asked = everything ? [null] : [...scopes.values()].slice(0, maxQuestions);
  const sum = { queues: 0, messages: 0, exact: everything || scopes.size <= maxQuestions };
  const silent = new Set<string>();
  for (const within of asked) {
    const answers = await askNodes(scope, { kind: 'queues', scope: within, sort: 'size', limit: 1 });
    for (const node of silentOf(answers)) silent.add(node);
    for (const { answer } of answers) {
      if (answer?.kind !== 'queues') continue;
      sum.queues += answer.total;
      sum.messages += answer.entries;
    }
    // The source of mail that waits is chosen when it leaves; mail in two scopes is counted in both.
    if (within !== null && (within.source !== undefined || within.pool !== undefined)) sum.exact = false;
  }
  if (asked.length > 1 || silent.size > 0) sum.exact = false;
  return { ...sum, ...(await namedBy(edits, names)), silent: [...silent] };
}

/** A body's fields, loosely: it may be of any kind. */
type Loose = { readonly [field: string]: unknown };
type Where = { readonly [dimension: string]: string | undefined };

function* reachesOf({ kind, id, before, after }: Edit): Iterable<Reach> {
  for (const stored of [before, after]) {
    const body = readBody(kind, stored);
    if (body !== null) yield* reachOf({ kind, id }, body);
  }
}

function* reachOf({ kind, id }: Pick<Edit, 'kind' | 'id'>, body: EntityBody): Iterable<Reach> {
  const { tenantId, domain, key, where, sourceIds } = body as Loose;
  switch (kind) {
    case 'source':
    case 'pool':
    case 'tenant':
    case 'stream':
      yield { [kind]: id };
      return;
    case 'provider':
      yield { provider: String(key) };
      return;
    case 'domain':
    case 'dkim_key':
      yield { tenant: String(tenantId) };
      return;
    case 'route':
      // A suffix or everything: which domains those are, nobody has counted.
      yield /^[.*]/.test(String(domain)) ? 'all' : { domain: String(domain) };
      return;
    case 'warm_up':
      for (const source of (sourceIds as string[]).slice(0, maxQuestions)) yield { source };
      return;
    case 'limit':
    case 'setting':
    case 'automation':
      yield scopeOf(where as Where);
      return;
    case 'credential':
    case 'relay':
      // They say who may hand in mail; what waits already is not touched.
      return;
  }
}

function scopeOf({ node: _node, ...where }: Where): Reach {
  const named = Object.entries(where).filter(([, value]) => value !== undefined);
  return named.length === 0 ? 'all' : (Object.fromEntries(named) as CommandScope);
}

async function namedBy(edits: readonly Edit[], names: Names): Promise<Pick<Touches, 'sources' | 'tenants'>> {
  const sources = new Set<string>();
  const tenants = new Set<string>();
  for (const { kind, id, tenantId, before, after } of edits) {
    if (kind === 'source') sources.add(id);
    if (tenantId !== null) tenants.add(tenantId);
    for (const stored of [before, after]) {
      const { members, sourceIds, where } = (readBody(kind, stored) ?? {}) as Loose;
      for (const member of (members as { sourceId: string }[] | undefined) ?? []) sources.add(member.sourceId);
      for (const source of (sourceIds as string[] | undefined) ?? []) sources.add(source);
      const { source, tenant } = (where ?? {}) as Where;
      if (source !== undefined) sources.add(source);
      if (tenant !== undefined) tenants.add(tenant);
    }
  }
  return names.with((nameOf) => ({
    sources: [...sources]
      .slice(0, maxNamed)
      .map((id) => nameOf('source', id))
      .toSorted(),
    tenants: [...tenants]
      .slice(0, maxNamed)
      .map((id) => nameOf('tenant', id))
      .toSorted(),
  }));
}
