// DKIM keys. The pair is made here; the private half is sealed under the key-encryption key in the same call and exists nowhere else:
// not in the answer, not in the audit entry, not in a log line. RFC 6376.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put } from '../config/change.ts';
import { dkimKeyBodyOf } from '../config/tenant-rows.ts';
import { dkimRecord, makeDkimKey, readDkimKey } from '../keys/dkim-key.ts';
import { keepSecret } from '../keys/sealed.ts';
import { readPart, type ListStatement } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

type Selector = Omit<z.input<typeof api.selectorsList.output>[number], 'dnsName' | 'dnsValue'>;

const domain = '(select d.domain from sending_domain d where d.id = k.sending_domain_id)';

/** The domain is looked up for what is on the part: in a join the planner, who cannot know what row-level security lets through, reads all. */
const list: ListStatement = {
  rows: `select k.id::text as id, k.tenant_id::text as "tenantId", ${domain} as domain, k.selector, k.algorithm, k.public_key as "publicKey",
                k.state, k.key_missing as "keyMissing" from dkim_key k`,
  key: 'k.id',
  keyType: 'uuid',
  searched: ['k.selector', domain],
};

export async function listSelectors({ sql }: Scope, { tenantId, domainIds, ...part }: z.output<typeof api.selectorsList.input>) {
  const rows = await readPart<Selector>(sql, { ...list, only: { 'k.tenant_id': tenantId, 'k.sending_domain_id': domainIds } }, part);
  return rows.map((row) => ({ ...row, ...dkimRecord(row) }));
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

/** A selector that came as text has its key again, and from the next revision on it signs as its state says. */
export async function giveSelectorKey(scope: Scope, { id, privateKey, reason }: z.output<typeof api.selectorsGiveKey.input>) {
  const read = () => scope.db.dkimKey.findUnique({ where: { id }, include: { sendingDomain: { include: { keys: true } } } });
  const { tenantId, ...named } = found(await read(), `selector ${id}`);
  const { dnsName } = dkimRecord({ ...named, domain: named.sendingDomain.domain });
  return changeConfig(scope, { action: 'selectors.giveKey', target: `dkim_key:${dnsName}`, reason, tenantId }, async () => {
    const row = found(await read(), `selector ${id}`);
    if (!row.keyMissing) throw new Refusal('CONFLICT', `${dnsName} has its key`);
    const pair = readDkimKey(privateKey);
    if (!pair) throw new Refusal('BAD_REQUEST', 'privateKey: this is no private key in PEM, or it is encrypted');
    if (pair.publicKey !== row.publicKey)
      throw new Refusal('BAD_REQUEST', `privateKey: it is another key than the one ${dnsName} is published with`);
    const active = row.sendingDomain.keys.find((key) => key.state === 'active' && !key.keyMissing);
    if (row.state === 'active' && active)
      throw new Refusal('CONFLICT', `${row.sendingDomain.domain} already signs with selector ${active.selector}`);
    const secretId = await keepSecret(scope, `dkim_key:${id}`, pair.privateKeyPem);
    return [put('dkim_key', id, tenantId, { ...dkimKeyBodyOf(row), secretId, keyMissing: false })];
  });
}
