// Codes of a second factor, taken: of the app, whose key is sealed with the key-encryption key and bound to the account, or for recovery.
// Each is good once, also for two who send it at the same time.
import type { SealedSecret } from '@sluice/contract';
import type { Prisma, PrismaClient } from '@sluice/db';
import { openSecret, rewrapSecret, sealSecret, type RecipientKey } from '@sluice/plane';
import { recoveryCodeHash } from './recovery-codes.ts';
import { stepOf } from './totp.ts';

type Tx = Prisma.TransactionClient | PrismaClient;
/** Key-encryption keys, the one in force first. */
type Keks = readonly RecipientKey[];
const totpCode = /^\d{6}$/;
const rewrapBatch = 200;

const boundTo = (userId: string): string => `second_factor:${userId}`;

export function sealTotpKey(kek: RecipientKey, userId: string, key: Uint8Array): Prisma.InputJsonObject {
  const { id, aad, ciphertext, wraps } = sealSecret(key, { id: userId, aad: boundTo(userId) }, [kek]);
  return { id, aad, ciphertext, wraps };
}

function openKey(keks: Keks, row: { userId: string; sealed: Prisma.JsonValue }): Uint8Array {
  // Named by the row, not by what is sealed: one that was put into another account's row does not open.
  const sealed = { ...(row.sealed as SealedSecret), id: row.userId, aad: boundTo(row.userId) };
  for (const kek of keks) {
    const opened = openSecret(sealed, kek);
    if (opened.ok) return opened.plain;
  }
  throw new Error(`the second factor of account ${row.userId} does not open`);
}

/** `begun`: also a key of which no code was seen yet. */
export async function takeTotp(db: Tx, keks: Keks, userId: string, code: string, at: Date, begun: boolean): Promise<boolean> {
  const row = await db.secondFactor.findUnique({ where: { userId } });
  if (!row || (row.confirmedAt === null) !== begun) return false;
  const step = stepOf(openKey(keks, row), code, at);
  if (step === null) return false;
  // Using the step up is the check: of two requests with one code, one wins, and a code that was seen on its way is worth nothing.
  const taken = await db.secondFactor.updateMany({
    where: { userId, OR: [{ lastStep: null }, { lastStep: { lt: step } }] },
    data: { lastStep: step, ...(begun && { confirmedAt: at }) },
  });
  return taken.count === 1;
}

/** Uses up one code, of the app or for recovery. Null: it is not right, or was used before. */
export async function takeCode(db: Tx, keks: Keks, userId: string, text: string, at: Date): Promise<'app' | 'recovery' | null> {
  const code = text.replaceAll(/\s/g, '');
  if (totpCode.test(code)) return (await takeTotp(db, keks, userId, code, at, false)) ? 'app' : null;
  const used = await db.recoveryCode.updateMany({
    where: { userId, codeHash: recoveryCodeHash(code), usedAt: null },
    data: { usedAt: at },
  });
  return used.count === 1 ? 'recovery' : null;
}

/** Seals for the key in force what is still sealed for one before it, some at a time. Returns how many; 0 when nothing is left to do. */
export async function rewrapTotpKeys(db: Tx, keks: Keks): Promise<number> {
  const [inForce] = keks;
  if (!inForce) return 0;
  const rows = await db.$queryRaw<{ userId: string; sealed: Prisma.JsonValue }[]>`
    select user_id as "userId", sealed from second_factor
    where not jsonb_exists(sealed->'wraps', ${inForce.id}) order by user_id limit ${rewrapBatch} for update`;
  let done = 0;
  for (const { userId, sealed } of rows) {
    const rewrapped = rewrapSecret(sealed as SealedSecret, keks, [inForce]);
    if (!rewrapped) continue;
    const { id, aad, ciphertext, wraps } = rewrapped;
    await db.secondFactor.update({ where: { userId }, data: { sealed: { id, aad, ciphertext, wraps } } });
    done += 1;
  }
  return done;
}
