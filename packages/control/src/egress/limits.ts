// Limits: all that match apply at once.
import { limitBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { askNodes, silentOf } from '../commands/ask-nodes.ts';
import { changeConfig, put, remove } from '../config/change.ts';
import { assertSound } from '../config/entity-problems.ts';
import { rows } from '../config/rows.ts';
import { readPart, visiblePart, type ListPart, type ListStatement } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { assertNamesExist } from './named.ts';
import { visibleWhere } from './visible.ts';

type StoredLimit = z.output<typeof limitBody> & { id: string };

const limitOf = (row: { id: string }): StoredLimit => ({ id: row.id, ...limitBody.parse(row) });

/** Every limit that can bind mail that the operator may see. */
export async function limitsOf(scope: Scope): Promise<StoredLimit[]> {
  const visible = await visibleWhere(scope);
  return (await scope.db.limitRule.findMany({ orderBy: { name: 'asc' } })).map(limitOf).filter(({ where }) => visible(where));
}

const list: ListStatement = {
  rows: `select id::text as id, name, "where", by, kind, count, per_seconds as "perSeconds", burst, zone, enabled from limit_rule`,
  key: 'name',
  keyType: 'text',
  searched: ['name'],
};

/** A tenant-bound operator sees the limits that can bind its mail; those that name others' tenants, streams or sources are not there. */
export async function listLimits(scope: Scope, part: ListPart): Promise<z.input<typeof api.limitsList.output>> {
  const visible = await visibleWhere(scope);
  const read = (after: string | undefined, take: number) => readPart<StoredLimit>(scope.sql, list, { ...part, after, limit: take });
  return visiblePart(
    part,
    read,
    ({ name }) => name,
    (limit) => visible(limit.where),
  );
}

export async function createLimit(scope: Scope, input: z.output<typeof api.limitsCreate.input>) {
  const { reason, ...body } = input;
  assertSound('limit', limitBody.parse(body), scope.installation.egress);
  const id = newId();
  const made = await changeConfig(scope, { action: 'limits.create', target: `limit:${id}`, reason }, async () => {
    const taken = await scope.db.limitRule.findUnique({ where: { name: body.name } });
    if (taken) throw new Refusal('CONFLICT', `a limit named ${body.name} exists`);
    await assertNamesExist(scope, body.where);
    return [put('limit', id, null, body)];
  });
  return { id, ...made };
}

export async function updateLimit(scope: Scope, input: z.output<typeof api.limitsUpdate.input>) {
  const { id, reason, zone, ...fields } = input;
  return changeConfig(scope, { action: 'limits.update', target: `limit:${id}`, reason }, async () => {
    const body = found(await rows.limit.read(scope.db, id), `limit ${id}`);
    return [put('limit', id, null, { ...body, ...fields, ...(zone !== undefined && { zone }) })];
  });
}

export async function deleteLimit(scope: Scope, { id, reason }: z.output<typeof api.limitsDelete.input>) {
  return changeConfig(scope, { action: 'limits.delete', target: `limit:${id}`, reason }, async () => {
    found(await rows.limit.read(scope.db, id), `limit ${id}`);
    return [remove('limit', id, null)];
  });
}

/** How much of each is used, on every node. Counters tell of all tenants, so only operators of the installation see them. */
export async function limitsInUse(scope: Scope) {
  const answers = await askNodes(scope, { kind: 'limits' });
  const nodes = answers.flatMap(({ node, answer }) =>
    answer?.kind === 'limits' ? [{ node, limits: answer.limits, total: answer.total }] : [],
  );
  return { nodes, silent: silentOf(answers) };
}
