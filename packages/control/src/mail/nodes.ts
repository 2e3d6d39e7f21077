// The nodes, on request and once a second.
import { liveTick, type LiveTick, type NodeHealth } from '@sluice/contract/api';
import { nodes, type NodeRow } from '@sluice/plane/console';
import { visibleEgress } from '../egress/visible.ts';
import { secondFactorOwed } from '../auth/standing.ts';
import type { ControlContext } from '../procedure.ts';
import { inScope, type Scope } from '../scope.ts';
import type { Actor } from '../actor.ts';
import { nodeHealth, narrowed, type TenantView } from './node-health.ts';
import { pause } from './pause.ts';

async function viewOf(scope: Scope): Promise<TenantView | null> {
  const { tenantId } = scope.actor;
  return tenantId === null ? null : { tenantId, source: (await visibleEgress(scope)).source };
}

function healths(rows: readonly NodeRow[], context: Pick<ControlContext, 'installation'>, view: TenantView | null): NodeHealth[] {
  const { egress, now } = context.installation;
  const all = rows.map((row) => nodeHealth(row, egress, now()));
  return view === null ? all : all.map((health) => narrowed(health, view));
}

export async function listNodes(scope: Scope): Promise<NodeHealth[]> {
  return healths(await nodes(scope.sql), scope, await viewOf(scope));
}

const tickMs = 1_000;
/** How long after a session ends, owes a second factor, or gets another role, an open stream goes on at most. */
const recheckMs = 60_000;

/** One tick a second until the client goes, the server closes, or the session ends or may ask nothing more. */
export async function* liveTicks(
  context: ControlContext & { actor: Actor },
  signal: AbortSignal | undefined,
): AsyncGenerator<LiveTick, void> {
  const stop = AbortSignal.any([context.closing, ...(signal ? [signal] : [])]);
  const { installation, requestId, address } = context;
  let actor = context.actor;
  const narrow = () => inScope(installation, { actor, requestId, address, audit: 'none' }, viewOf);
  let view = await narrow();
  let checkedAt = installation.now().getTime();
  while (!stop.aborted) {
    const at = installation.now();
    if (at.getTime() - checkedAt >= recheckMs) {
      const still = await context.recheck();
      if (!still || (still.session !== null && secondFactorOwed(still.session, at))) return;
      actor = still;
      view = await narrow();
      checkedAt = at.getTime();
    }
    yield liveTick.parse({ at: at.toISOString(), nodes: healths(installation.frames.latest, context, view) });
    await pause(tickMs, stop);
  }
}
