// DKIM keys. The pair is made here; the private half is sealed under the key-encryption key in the same call and exists nowhere else:
// not in the answer, not in the audit entry, not in a log line. RFC 6376.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { dkimKeyBodyOf } from '../config/tenant-rows.ts';
import { dkimRecord, makeDkimKey } from '../keys/dkim-key.ts';
import { keepSecret } from '../keys/sealed.ts';
import { afterKey, containing, havingText } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function listSelectors({ db }: Scope, { tenantId, after, limit, search }: z.output<typeof api.selectorsList.input>) {
  const having = havingText(search, 'selector');
  const inDomain = search === undefined ? [] : [{ sendingDomain: { domain: containing(search) } }];
  const rows = await db.dkimKey.findMany({
    where: { tenantId, id: afterKey(after), ...(having.OR && { OR: [...having.OR, ...inDomain] }) },
    include: { sendingDomain: true },
    orderBy: { id: 'asc' },
    take: limit,
  });
  return rows.map((row) => {
    const { secretId: _sealed, ...body } = dkimKeyBodyOf(row);
    return { id: row.id, ...body, ...dkimRecord(body) };
  });
}

export async function createSelector(scope: Scope, input: z.output<typeof api.selectorsCreate.input>) {
  const { domainId, selector, activate, reason } = input;
  const { tenantId, domain } = found(await scope.db.sendingDomain.findUnique({ where: { id: domainId } }), `sending domain ${domainId}`);
  const id = newId();
  const pair = await makeDkimKey();
  const { dnsName, dnsValue } = dkimRecord({ selector, domain, publicKey: pair.publicKey });
  const made = await changeConfig(scope, { action: 'selectors.create', target: `dkim_key:${dnsName}`, reason, tenantId }, async () => {
    const known = await scope.db.dkimKey.findMany({ where: { sendingDomainId: domainId } });
    if (known.some((key) => key.selector === selector)) throw new Refusal('CONFLICT', `${domain} already has a selector ${selector}`);
    const active = known.find((key) => key.state === 'active' && !key.keyMissing);
    if (activate && active) throw new Refusal('CONFLICT', `${domain} already signs with selector ${active.selector}`);
    const secretId = await keepSecret(scope, `dkim_key:${id}`, pair.privateKeyPem);
    const state = activate ? 'active' : 'pending';
    const { publicKey } = pair;
    return [put('dkim_key', id, tenantId, { tenantId, domain, selector, algorithm: 'rsa-sha256', publicKey, secretId, state })];
  });
  return { id, ...made, dnsName, dnsValue };
}
