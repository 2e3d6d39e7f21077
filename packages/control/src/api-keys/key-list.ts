// The keys that someone knows of, newest first, with what an operator has to look after: who made them, when they were used, and those
// that nobody seems to need any more.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import type { Scope } from '../scope.ts';
import { isMine, seesAll } from './keys.ts';

/** Not used for this long, or this long never: nobody would notice its end. */
const staleAfterMs = 90 * 86_400_000;
const cursorForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function listKeys(
  { db, actor, now }: Scope,
  { cursor, limit }: z.output<typeof api.keysList.input>,
): Promise<z.input<typeof api.keysList.output>> {
  const after = cursor !== undefined && cursorForm.test(cursor) ? { id: { lt: cursor } } : {};
  const own = actor.kind === 'key' ? { id: actor.id } : { makerId: actor.kind === 'user' ? actor.id : null };
  // Ids are of version 7: their order is that of making.
  const rows = await db.apiKey.findMany({
    where: { AND: [seesAll(actor) ? {} : own, after] },
    include: { maker: { select: { disabled: true } } },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map((row) => view(row, actor, now));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

type Row = Awaited<ReturnType<Scope['db']['apiKey']['findMany']>>[number] & { maker: { disabled: boolean } | null };

function view(row: Row, actor: Scope['actor'], now: Date): z.input<typeof api.keyView> {
  const state = stateOf(row, now);
  const overlapping = row.previousUntil !== null && row.previousUntil > now && state === 'active';
  const iso = (at: Date | null): string | null => at?.toISOString() ?? null;
  const { id, name, madeBy, scopes, tenantId, networks, personalData, lastUsedAddress } = row;
  return {
    ...{ id, name, madeBy, scopes, tenantId, networks, personalData, lastUsedAddress, state },
    prefix: `slk_${row.prefix}`,
    mine: isMine(row, actor),
    stale: state === 'active' && (row.lastUsedAt ?? row.createdAt).getTime() < now.getTime() - staleAfterMs,
    createdAt: row.createdAt.toISOString(),
    expiresAt: iso(row.expiresAt),
    rotatedAt: iso(row.rotatedAt),
    previousUntil: overlapping ? iso(row.previousUntil) : null,
    previousUsedAt: overlapping ? iso(row.previousUsedAt) : null,
    revokedAt: iso(row.revokedAt),
    lastUsedAt: iso(row.lastUsedAt),
  };
}

function stateOf(row: Row, now: Date): z.input<typeof api.keyView>['state'] {
  if (row.revokedAt !== null) return 'revoked';
  if (row.expiresAt !== null && row.expiresAt <= now) return 'expired';
  return row.maker?.disabled === true ? 'maker' : 'active';
}
