// Takes away what says nothing any more: sessions that ended, passwords whose code never came, invitations long over.
import type { PrismaClient } from '@sluice/db';
import { pendingMs } from '../auth/sessions.ts';

const keepInvitationsMs = 90 * 86_400_000;

/** `db` sees every account. */
export async function sweepAccounts(db: PrismaClient, now: Date): Promise<void> {
  const before = (ms: number) => new Date(now.getTime() - ms);
  await db.session.deleteMany({
    where: { OR: [{ expiresAt: { lt: now } }, { secondFactorPending: true, createdAt: { lt: before(pendingMs) } }] },
  });
  await db.invitation.deleteMany({ where: { expiresAt: { lt: before(keepInvitationsMs) } } });
}
