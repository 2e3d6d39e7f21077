// The first call of every client: who am I, and what is this.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { Refusal } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export function whoAmI({ actor, installation }: Scope): z.input<typeof api.sessionMe.output> {
  if (actor.kind !== 'user' && actor.kind !== 'local') throw new Refusal('FORBIDDEN', 'only people have a session');
  const { kind, id, displayName: name, email, role, tenantId } = actor;
  const { egress, version, demo } = installation;
  return { actor: { kind, id, name, email, role, tenantId }, egress, version, demo };
}
