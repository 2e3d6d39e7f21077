// The first call of every client: who am I, and what is this.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { secondFactorOwed } from '../auth/standing.ts';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

/** `may`: paths of the procedures that the actor may call. */
export function whoAmI({ actor, installation, now }: Scope, may: string[]): z.input<typeof api.sessionMe.output> {
  if (actor.kind === 'system') throw new Refusal('FORBIDDEN', 'only people and API keys ask who they are');
  const { kind, id, displayName: name, email, role, tenantId, personalData } = actor;
  const { egress, version, demo } = installation;
  const { session } = actor;
  const secondFactor = {
    enrolledAt: session?.secondFactorAt?.toISOString() ?? null,
    dueAt: session?.secondFactorDueAt?.toISOString() ?? null,
    owed: session !== null && secondFactorOwed(session, now),
  };
  return { actor: { kind, id, name, email, role, tenantId, personalData }, secondFactor, may, egress, version, demo };
}
