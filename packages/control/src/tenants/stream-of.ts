// A credential or relay names its tenant and stream; both must exist, belong together, and be visible to the actor.
import { found } from '../refusal.ts';
import type { Scope } from '../scope.ts';

export async function assertStreamOf({ db }: Scope, tenantId: string, streamId: string): Promise<void> {
  found(await db.tenant.findUnique({ where: { id: tenantId } }), `tenant ${tenantId}`);
  found(await db.stream.findFirst({ where: { id: streamId, tenantId } }), `stream ${streamId}`);
}
