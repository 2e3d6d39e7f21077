// Keys of the API as those who make them manage them. A secret is answered once, when it is made; of it, only the hash is kept.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { v7 as newId } from 'uuid';
import { atLeast } from '../access.ts';
import type { Actor } from '../actor.ts';
import type { ProcedureAccess } from '../callable.ts';
import { found, notFound, Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { assertGrantable } from './grantable.ts';
import { makeKeyText } from './key-text.ts';
import { networksOf } from './networks.ts';

/** Of one maker that still open something: more are a program that makes keys by mistake. */
const maxKeysOfOneMaker = 1_000;

/** The account whose key it is; null: this machine's. */
const makerIdOf = (actor: Actor): string | null => (actor.kind === 'user' ? actor.id : null);

/** Revoking a key would not end those that it made, so it makes none. */
function assertMaker(actor: Actor): void {
  if (actor.kind === 'key') throw new Refusal('FORBIDDEN', 'a key makes no keys and renews none; sign in to do that');
}

export async function createKey(
  scope: Scope,
  input: z.output<typeof api.keysCreate.input>,
  procedures: readonly ProcedureAccess[],
): Promise<z.input<typeof api.keysCreate.output>> {
  const { db, actor, now } = scope;
  assertMaker(actor);
  assertGrantable(input.scopes, procedures, actor);
  if (input.personalData && !actor.personalData) throw new Refusal('FORBIDDEN', 'personalData: your own rights do not include it');
  const tenantId = input.tenantId ?? actor.tenantId;
  if (tenantId !== null) found(await db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  const expiresAt = expiryOf(input.expiresAt, now);
  const makerId = makerIdOf(actor);
  if ((await db.apiKey.count({ where: { makerId, revokedAt: null } })) >= maxKeysOfOneMaker)
    throw new Refusal('PRECONDITION_FAILED', `you have ${maxKeysOfOneMaker} keys; revoke those that are not used`);
  const id = newId();
  const { text, prefix, hash } = makeKeyText();
  const scopes = [...new Set(input.scopes)].toSorted();
  const networks = networksOf(input.networks);
  const { name, personalData } = input;
  const made = { name, prefix, scopes, tenantId, networks, personalData, expiresAt };
  await db.apiKey.create({ data: { ...made, id, makerId, madeBy: actor.name, secretHash: hash, createdAt: now } });
  await scope.audit({
    action: 'keys.create',
    target: `key:${id}`,
    reason: input.reason,
    tenantId,
    after: { ...made, expiresAt: expiresAt?.toISOString() ?? null },
  });
  return { id, prefix: `slk_${prefix}`, secret: text };
}

function expiryOf(text: string | null, now: Date): Date | null {
  if (text === null) return null;
  const expiresAt = new Date(text);
  if (expiresAt <= now) throw new Refusal('BAD_REQUEST', 'expiresAt: this is past');
  return expiresAt;
}

/** A key that `actor` knows of: its own, and for an Admin everyone's. What is not visible is not there. */
async function known({ db, actor }: Scope, id: string) {
  const key = found(await db.apiKey.findUnique({ where: { id } }), `key ${id}`);
  if (!isMine(key, actor) && !seesAll(actor)) throw notFound(`key ${id}`);
  return key;
}

export const seesAll = (actor: Actor): boolean => atLeast(actor.role, 'admin');
/** A key knows of itself. */
export function isMine(key: { id: string; makerId: string | null }, actor: Actor): boolean {
  if (actor.kind === 'user') return key.makerId === actor.id;
  return actor.kind === 'key' ? key.id === actor.id : key.makerId === null;
}

/** A secret is for those alone whose rights it carries: its maker, and for a key of this machine also an Owner. */
function assertMayHold(key: { id: string; makerId: string | null }, actor: Actor): void {
  assertMaker(actor);
  const machines = key.makerId === null && actor.role === 'owner' && actor.tenantId === null;
  if (!isMine(key, actor) && !machines)
    throw new Refusal('FORBIDDEN', 'only whoever made this key may renew it; revoke it and make one of your own');
}

export async function rotateKey(
  scope: Scope,
  input: z.output<typeof api.keysRotate.input>,
): Promise<z.input<typeof api.keysRotate.output>> {
  const { db, now } = scope;
  const { id, overlapSeconds, reason } = input;
  await db.$queryRaw`select 1 as one from api_key where id = ${id}::uuid for update`;
  const key = await known(scope, id);
  assertMayHold(key, scope.actor);
  if (key.revokedAt !== null) throw new Refusal('PRECONDITION_FAILED', 'this key is revoked; make a new one');
  const expiresAt = input.expiresAt === undefined ? key.expiresAt : expiryOf(input.expiresAt, now);
  if (expiresAt !== null && expiresAt <= now)
    throw new Refusal('PRECONDITION_FAILED', 'this key has expired; say until when it should live now');
  const previousUntil = overlapEnd(key.expiresAt, now, overlapSeconds);
  const { text, hash } = makeKeyText(key.prefix);
  await db.apiKey.update({
    where: { id },
    data: {
      ...{ secretHash: hash, rotatedAt: now, expiresAt, previousUntil, previousUsedAt: null },
      previousHash: previousUntil === null ? null : key.secretHash,
    },
  });
  const times = { expiresAt: expiresAt?.toISOString() ?? null, previousUntil: previousUntil?.toISOString() ?? null };
  await scope.audit({
    action: 'keys.rotate',
    target: `key:${id}`,
    reason,
    tenantId: key.tenantId,
    before: { expiresAt: key.expiresAt?.toISOString() ?? null },
    after: { name: key.name, ...times },
  });
  return { id, prefix: `slk_${key.prefix}`, secret: text, previousUntil: times.previousUntil };
}

/** The old secret outlives neither the overlap nor the end that it was made with; null when it ends at once. */
function overlapEnd(expiresAt: Date | null, now: Date, overlapSeconds: number): Date | null {
  const end = Math.min(now.getTime() + overlapSeconds * 1000, expiresAt?.getTime() ?? Infinity);
  return end > now.getTime() ? new Date(end) : null;
}

export async function revokeKey(scope: Scope, { id, reason }: z.output<typeof api.keysRevoke.input>): Promise<{ id: string }> {
  const { db, now } = scope;
  const key = await known(scope, id);
  if (key.revokedAt !== null) throw new Refusal('PRECONDITION_FAILED', 'this key is revoked already');
  await db.apiKey.update({ where: { id }, data: { revokedAt: now, previousHash: null, previousUntil: null } });
  await scope.audit({ action: 'keys.revoke', target: `key:${id}`, reason, tenantId: key.tenantId, after: { name: key.name } });
  return { id };
}
