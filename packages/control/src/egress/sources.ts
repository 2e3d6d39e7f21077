// Egress sources: one sending identity each. Disabling one takes it out of every pool's choice; suspending it (commands.ts) is temporary.
import { sourceBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { sourceTotals } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { assertSound } from '../config/entity-problems.ts';
import { rows } from '../config/rows.ts';
import { replaceSecret } from '../keys/sealed.ts';
import { afterKey, havingText, visiblePart, type ListPart } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { suspensionsInForce } from './suspensions.ts';
import { visibleEgress } from './visible.ts';

export async function listSources(scope: Scope, part: ListPart) {
  const { db } = scope;
  const visible = await visibleEgress(scope);
  const read = (after: string | undefined, take: number) =>
    db.egressSource.findMany({
      where: { name: afterKey(after), ...havingText(part.search, 'name', 'publicAddress', 'bindAddress') },
      include: { memberships: { include: { pool: true }, orderBy: { poolId: 'asc' } } },
      orderBy: { name: 'asc' },
      take,
    });
  const sources = await visiblePart(
    part,
    read,
    ({ name }) => name,
    ({ id }) => visible.source(id),
  );
  const suspensions = await suspensionsInForce(scope);
  // For a tenant-bound operator these are the tenant's own: the rollup carries the tenant.
  const totals = new Map((await sourceTotals(scope.sql)).map(({ sourceId, ...counts }) => [sourceId, counts]));
  return sources.map((row) => ({
    id: row.id,
    ...sourceBody.parse(row),
    pools: row.memberships
      .filter((member) => visible.pool(member.poolId))
      .map((member) => ({ id: member.poolId, name: member.pool.name, weight: member.weight, enabled: member.enabled })),
    suspension: suspensions.get(row.id) ?? null,
    lastHour: totals.get(row.id) ?? { delivered: 0, deferred: 0, bounced: 0 },
  }));
}

export async function createSource(scope: Scope, input: z.output<typeof api.sourcesCreate.input>) {
  const { reason, ...body } = input;
  assertSound('source', sourceBody.parse(body), scope.installation.egress);
  const id = newId();
  const made = await changeConfig(scope, { action: 'sources.create', target: `source:${id}`, reason }, async () => {
    const { name, bindAddress, node } = body;
    const taken = await scope.db.egressSource.findFirst({ where: { OR: [{ name }, { bindAddress, node }] } });
    if (taken?.name === name) throw new Refusal('CONFLICT', `a source named ${name} exists`);
    if (taken) throw new Refusal('CONFLICT', `the address ${bindAddress} is bound by source ${taken.name}`);
    return [put('source', id, null, body)];
  });
  return { id, ...made };
}

export async function setSourceProxy(scope: Scope, { id, proxy, reason }: z.output<typeof api.sourcesSetProxy.input>) {
  return changeConfig(scope, { action: 'sources.setProxy', target: `source:${id}`, reason }, async () => {
    const body = found(await rows.source.read(scope.db, id), `source ${id}`);
    const password = proxy?.password;
    // The same user keeps the password that is stored; another needs its own.
    const sameUser = proxy?.username && proxy.username === body.proxy?.username;
    const secretId = await replaceSecret(scope, `source:${id}:proxy`, body.proxy?.secretId, sameUser ? password : (password ?? null));
    const next = { ...body, proxy: proxy && { kind: proxy.kind, host: proxy.host, port: proxy.port, username: proxy.username, secretId } };
    assertSound('source', next, scope.installation.egress);
    return [put('source', id, null, next)];
  });
}

export async function setSourceEnabled(scope: Scope, { id, enabled, reason }: z.output<typeof api.sourcesSetEnabled.input>) {
  const why = { action: 'sources.setEnabled', target: `source:${id}`, reason };
  return changeConfig(scope, why, async () => {
    const body = found(await rows.source.read(scope.db, id), `source ${id}`);
    return [put('source', id, null, { ...body, enabled })];
  });
}
