// How secrets are kept, for operators: which keys they are sealed for, how many still wait to be sealed anew, and changing the fleet key.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { lockHead } from '../config/head.ts';
import { activeFleetKey, kekOf, keksOf, nextFleetKey, recipientsOf, sealedForText } from './fleet-key.ts';

type Counts = { total: number; waiting: number; under: { recipients: string; secrets: number }[] };

async function countSecrets(scope: Scope): Promise<Counts> {
  const under = await scope.sql.query<{ recipients: string; secrets: number }>(
    `select sealed_for as recipients, count(*)::int as secrets from secret where not deleted group by sealed_for order by 2 desc limit 20`,
    [],
  );
  const now = sealedForText(await recipientsOf(scope));
  const total = under.reduce((sum, { secrets }) => sum + secrets, 0);
  return { total, waiting: total - (under.find(({ recipients }) => recipients === now)?.secrets ?? 0), under };
}

export async function secretsStatus(scope: Scope): Promise<z.input<typeof api.secretsStatus.output>> {
  const { installation, db } = scope;
  const { total, waiting, under } = await countSecrets(scope);
  const fleetKeys = await db.fleetKey.findMany({ orderBy: { createdAt: 'desc' }, take: 20 });
  const kekId = kekOf(installation).id;
  const stored = fleetKeys.filter(({ state, sealed }) => state !== 'retired' && !JSON.stringify(sealed).includes(kekId)).length;
  const oldKekIds = keksOf(installation)
    .map(({ id }) => id)
    .slice(1);
  const underOld = (id: string) => under.reduce((sum, one) => sum + (one.recipients.split(',').includes(id) ? one.secrets : 0), 0);
  return {
    kekId,
    oldKeks: oldKekIds.map((id) => ({ id, needed: underOld(id) > 0 || stored > 0 })),
    total,
    waiting,
    fleetKeys: fleetKeys.map(({ id, state, createdAt, retiredAt }) => ({
      ...{ id, state: state as 'active' | 'retiring' | 'retired', createdAt: createdAt.toISOString() },
      retiredAt: retiredAt?.toISOString() ?? null,
    })),
  };
}

/** The next fleet key; secrets follow in the background. */
export async function rotateFleetKey(scope: Scope, { reason }: z.output<typeof api.secretsRotateFleetKey.input>) {
  await lockHead(scope);
  const old = await activeFleetKey(scope);
  const { waiting } = await countSecrets(scope);
  if (waiting > 0) throw new Refusal('CONFLICT', `the last change is still under way: ${waiting} secrets wait to be sealed anew`);
  const { id } = await nextFleetKey(scope);
  await scope.audit({
    action: 'secrets.rotateFleetKey',
    target: `fleet_key:${id}`,
    reason,
    before: { fleetKeyId: old.id },
    after: { fleetKeyId: id },
  });
  return { fleetKeyId: id };
}
