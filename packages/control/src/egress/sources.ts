// Egress sources: one sending identity each. Disabling one takes it out of every pool's choice; suspending it (commands.ts) is temporary.
import { sourceBody } from '@sluice/contract';
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { sourceStanding } from '@sluice/plane/console';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { assertSound } from '../config/entity-problems.ts';
import { rows } from '../config/rows.ts';
import { replaceSecret } from '../keys/sealed.ts';
import { readPart, type ListStatement, type PartOrNamed } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type Source = Omit<z.input<typeof api.sourcesList.output>[number], 'suspension' | 'lastHour'>;

/** Bound to a tenant, an operator sees the pools that the tenant's streams may use: row-level security leaves only those of stream_pool. */
const ofTenant = 'exists (select from stream_pool u where u.pool_id = m.pool_id)';

const listOf = (bound: boolean): ListStatement => ({
  rows: `select s.id::text as id, s.name, s.public_address as "publicAddress", s.bind_address as "bindAddress", s.family,
                s.ehlo_name as "ehloName", s.node, s.enabled, s.proxy,
                coalesce((select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'weight', m.weight, 'enabled', m.enabled) order by p.id)
                            from ip_pool_member m join ip_pool p on p.id = m.pool_id
                           where m.source_id = s.id${bound ? ` and ${ofTenant}` : ''}), '[]'::jsonb) as pools
           from egress_source s`,
  key: 's.name',
  keyType: 'text',
  searched: ['s.name', 's.public_address', 's.bind_address'],
  ...(bound && { where: `exists (select from ip_pool_member m where m.source_id = s.id and ${ofTenant})` }),
});
const [list, listOfTenant] = [listOf(false), listOf(true)];

/** What a tenant-bound operator sees of a shared source's figures is its own mail's. */
export async function listSources(
  { sql, actor, now }: Scope,
  { ids, ...part }: PartOrNamed,
): Promise<z.input<typeof api.sourcesList.output>> {
  const sources = await readPart<Source>(sql, { ...(actor.tenantId === null ? list : listOfTenant), only: { 's.id': ids } }, part);
  if (sources.length === 0) return [];
  const standing = await sourceStanding(sql, { ids: sources.map(({ id }) => id), now });
  const found = new Map(standing.map((one) => [one.sourceId, one]));
  return sources.map((source) => {
    const { lastHour, suspension } = found.get(source.id) ?? { lastHour: nothingSent, suspension: null };
    return { ...source, suspension, lastHour };
  });
}

const nothingSent = { delivered: 0, deferred: 0, bounced: 0 };

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
