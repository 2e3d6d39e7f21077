// Networks whose hosts may submit without a credential. None exist until an Owner of the installation adds one: a network named by a
// tenant could be another tenant's.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { changeConfig, put, remove } from '../config/change.ts';
import { afterKey, havingText } from '../list-part.ts';
import { found, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { assertNetwork } from './network.ts';
import { assertStreamOf } from './stream-of.ts';

export async function listRelays(
  { db }: Scope,
  { tenantId, after, limit, search }: z.output<typeof api.relaysList.input>,
): Promise<z.input<typeof api.relaysList.output>> {
  const where = { tenantId, id: afterKey(after), ...havingText(search, 'cidr') };
  const rows = await db.relay.findMany({ where, orderBy: { id: 'asc' }, take: limit });
  return rows.map(({ id, tenantId: owner, streamId, cidr, enabled }) => ({ id, tenantId: owner, streamId, cidr, enabled }));
}

export async function createRelay(scope: Scope, input: z.output<typeof api.relaysCreate.input>) {
  const { tenantId, streamId, cidr, reason } = input;
  assertNetwork(cidr);
  const id = newId();
  const made = await changeConfig(scope, { action: 'relays.create', target: `relay:${cidr}`, reason, tenantId }, async () => {
    await assertStreamOf(scope, tenantId, streamId);
    if (await scope.db.relay.findUnique({ where: { cidr } })) throw new Refusal('CONFLICT', `the network ${cidr} is already a relay`);
    return [put('relay', id, tenantId, { tenantId, streamId, cidr })];
  });
  return { id, ...made };
}

export async function deleteRelay(scope: Scope, { id, reason }: z.output<typeof api.relaysDelete.input>) {
  const { tenantId, cidr } = found(await scope.db.relay.findUnique({ where: { id } }), `relay ${id}`);
  return changeConfig(scope, { action: 'relays.delete', target: `relay:${cidr}`, reason, tenantId }, async () => {
    found(await scope.db.relay.findUnique({ where: { id } }), `relay ${id}`);
    return [remove('relay', id, tenantId)];
  });
}
