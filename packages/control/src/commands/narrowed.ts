// A scope as an operator may give it: what it names exists and is the operator's to see, and it reaches no further than the operator's
// tenant, whatever was asked. A stream's tenant is written into the scope, so that the command belongs to the tenant it touches.
import { scopeProblem, type CommandKind, type CommandScope } from '@sluice/contract';
import { namesOf, assertNamesExist } from '../egress/named.ts';
import { visibleEgress } from '../egress/visible.ts';
import { notFound, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function narrowed(scope: Scope, kind: CommandKind, given: CommandScope): Promise<CommandScope> {
  const problem = scopeProblem(kind, given);
  if (problem !== null) throw new Refusal('BAD_REQUEST', problem);
  await checked(scope, given);
  const { tenantId } = scope.actor;
  if (tenantId !== null && ['drain', 'undrain', 'flush_dns', 'flush_connections', 'probe_source', 'use_source'].includes(kind)) {
    throw new Refusal('FORBIDDEN', `${kind} reaches beyond one tenant`);
  }
  return ofTenant(scope, given);
}

/** The filter of a list, narrowed alike; null lists everything the operator may see. */
export async function narrowedFilter(scope: Scope, given: CommandScope | null): Promise<CommandScope | null> {
  const { tenantId } = scope.actor;
  if (given === null) return tenantId === null ? null : { tenant: tenantId };
  await checked(scope, given);
  return ofTenant(scope, given);
}

async function checked(scope: Scope, given: CommandScope): Promise<void> {
  const { node: _node, site: _site, ...named } = given;
  await assertNamesExist(scope, named);
  const visible = await visibleEgress(scope);
  if (given.source !== undefined && !visible.source(given.source)) throw notFound(`source ${given.source}`);
  if (given.pool !== undefined && !visible.pool(given.pool)) throw notFound(`pool ${given.pool}`);
}

async function ofTenant({ db, actor }: Scope, given: CommandScope): Promise<CommandScope> {
  // The rows are the operator's own already: row-level security hid the others.
  const stream = given.stream === undefined ? null : await db.stream.findUnique({ where: { id: given.stream } });
  const tenant = actor.tenantId ?? given.tenant ?? stream?.tenantId;
  if (stream && tenant !== stream.tenantId) throw new Refusal('BAD_REQUEST', 'the stream is not one of the tenant');
  return tenant === undefined ? given : { ...given, tenant };
}

/** What a scope names, in words. */
export async function inWords(scope: Scope, given: CommandScope): Promise<string> {
  const names = await namesOf(scope, given);
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([dimension, value]) => `${dimension} ${names[dimension] ?? value}`)
    .join(', ');
}
