// Who an API key is. Asked on every request: the row decides, and so does the row of whoever made it, so that revoking a key, disabling
// its maker or taking a role away holds from the next request on. A key that does not open says nothing of why, here or in its answer.
import { role, type Role } from '@sluice/contract/api';
import type { PrismaClient } from '@sluice/db';
import { atLeast } from '../access.ts';
import type { Actor } from '../actor.ts';
import { prefixOf, sentKey, whichHash } from './key-text.ts';
import { inNetworks } from './networks.ts';

/** Use is written down at most this often. */
const touchEveryMs = 60_000;

export interface ApiKeys {
  /** Null: an API key is not what was sent. `actor` null: it was, and it opens nothing. `address`: the peer's. */
  actorOf(headers: Headers, address: string): Promise<{ actor: Actor | null } | null>;
}

type Row = NonNullable<Awaited<ReturnType<typeof find>>>;

const find = (db: PrismaClient, prefix: string) => db.apiKey.findUnique({ where: { prefix }, include: { maker: true } });

/** `db` sees every tenant: whose key it is is not known before. */
export function makeApiKeys(db: PrismaClient, now: () => Date): ApiKeys {
  const opened = async (text: string, address: string): Promise<Actor | null> => {
    const prefix = prefixOf(text);
    const key = prefix === null ? null : await find(db, prefix);
    const which = whichHash(text, { current: key?.secretHash ?? null, previous: key?.previousHash ?? null });
    if (key === null || which === null) return null;
    const at = now();
    if (key.revokedAt !== null || past(key.expiresAt, at)) return null;
    if (which === 'previous' && (key.previousUntil === null || past(key.previousUntil, at))) return null;
    if (!inNetworks(address, key.networks)) return null;
    const actor = actorOf(key);
    if (actor) await touch(key, which, address, at);
    return actor;
  };
  const touch = async (key: Row, which: 'current' | 'previous', address: string, at: Date): Promise<void> => {
    const before = new Date(at.getTime() - touchEveryMs);
    const old = which === 'previous';
    const last = old ? key.previousUsedAt : key.lastUsedAt;
    if (last !== null && last > before) return;
    const column = old ? 'previousUsedAt' : 'lastUsedAt';
    // Of many requests at one instant, in however many processes, one writes.
    const due = { OR: [{ [column]: null }, { [column]: { lte: before } }] };
    await db.apiKey.updateMany({
      where: { id: key.id, ...due },
      data: { lastUsedAt: at, lastUsedAddress: address, ...(old && { previousUsedAt: at }) },
    });
  };
  return {
    async actorOf(headers, address) {
      const text = sentKey(headers);
      return text === null ? null : { actor: await opened(text, address) };
    },
  };
}

const past = (until: Date | null, at: Date): boolean => until !== null && until <= at;

/** The key within its maker's rights as they are now; null when those leave nothing of it. */
function actorOf(key: Row): Actor | null {
  const maker = makerOf(key);
  if (maker === null) return null;
  // Bound to one tenant and made for another: there is nothing that it could see.
  if (maker.tenantId !== null && key.tenantId !== null && maker.tenantId !== key.tenantId) return null;
  return {
    kind: 'key',
    id: key.id,
    name: `key ${key.name} (slk_${key.prefix})`,
    displayName: key.name,
    email: null,
    role: maker.role,
    tenantId: maker.tenantId ?? key.tenantId,
    personalData: key.personalData && maker.personalData,
    scopes: key.scopes,
    session: null,
  };
}

type Maker = { role: Role; tenantId: string | null; personalData: boolean };

/** Without an account it was made by the command line of this machine, which may do what an Owner may. */
function makerOf({ makerId, maker }: Row): Maker | null {
  if (makerId === null) return { role: 'owner', tenantId: null, personalData: true };
  if (maker === null || maker.disabled) return null;
  const known = role.safeParse(maker.role);
  if (!known.success) return null;
  return {
    role: known.data,
    tenantId: maker.tenantId,
    personalData: maker.personalData || atLeast(known.data, 'admin'),
  };
}
