// What a session still has to do before a call that its role allows: show again who holds it, or set up the second factor that its role
// needs. Pure; asked in procedure.ts after the role, so that nobody learns from it what they may not know.
import type { Role } from '@sluice/contract/api';
import type { Access } from '../access.ts';
import type { Actor, ActorSession } from '../actor.ts';

/** How long a confirmation lasts; signing in is one too. */
export const confirmedForMs = 10 * 60_000;

/** Who can change what mail leaves, and in whose name, may not be one stolen password away. */
export const needsSecondFactor = (role: Role): boolean => role === 'owner' || role === 'admin' || role === 'engineer';

/** When an account with this role is to have its second factor, counted from `from`; null: its role needs none. */
export function secondFactorDueAt(role: Role, from: Date, graceDays: number): Date | null {
  return needsSecondFactor(role) ? new Date(from.getTime() + graceDays * 86_400_000) : null;
}

/** `confirm`: ask for the password, or a code where there is a second factor. `enrol`: nothing else works until there is one. */
type Standing = 'good' | 'confirm' | 'enrol';

export function standingOf(access: Access, actor: Actor, now: Date): Standing {
  if (access.role === 'public') return 'good';
  const { session } = actor;
  // The installation itself and the token of this machine are who they are; what asks for a confirmation is not for keys at all.
  if (session === null) return 'good';
  if (secondFactorOwed(session, now) && !access.whileOwed) return 'enrol';
  return access.stepUp && !confirmed(session, now) ? 'confirm' : 'good';
}

/** The grace period is over and there is none. */
export const secondFactorOwed = (
  { secondFactorAt, secondFactorDueAt: due }: Pick<ActorSession, 'secondFactorAt' | 'secondFactorDueAt'>,
  now: Date,
): boolean => secondFactorAt === null && due !== null && due <= now;

const confirmed = ({ confirmedAt }: ActorSession, now: Date): boolean =>
  confirmedAt !== null && now.getTime() - confirmedAt.getTime() <= confirmedForMs;
