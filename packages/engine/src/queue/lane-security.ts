// Which way an entry goes by what it demands of TLS: the requirement that, with source and site, makes its egress path, and whether a lane
// or a path still is that way after routes, policies or settings changed.
import type { RecipientEntry } from '../entry.ts';
import type { SecurityRequirement } from '../ports.ts';
import type { Route } from '../route/route.ts';
import { requirementOf } from '../route/security.ts';
import type { Lane } from './lane.ts';
import type { ReadyPath } from './ready-path.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import { thoseNow, type Sliced } from './slices.ts';
import { settingsOf, type Worker } from './worker.ts';

/** What the entry demands of a connection. REQUIRETLS and its opposite are the sender's; the rest is of settings and of the domain. */
export function securityOf(
  worker: Worker,
  queue: ScheduledQueue,
  entry: RecipientEntry,
  sourceId: string,
  route: Route,
): SecurityRequirement {
  const { requireTls = false, tlsOptional = false } = entry.options ?? {};
  return requirementOf(settingsOf(worker, queue, sourceId, route), route, requireTls, tlsOptional);
}

/** Entries of one queue that differ in what they demand go different ways. */
export function laneKeyOf(sourceId: string, poolId: string, { options }: RecipientEntry): string {
  return options?.requireTls ? `${sourceId}\0${poolId}\0tls` : `${sourceId}\0${poolId}`;
}

export function leadsTo({ path }: Lane, route: Route, security: SecurityRequirement): boolean {
  const { egress, live } = path;
  return live && egress.site === route.site && egress.provider === route.provider && egress.security.key === security.key;
}

/** Whether what waits here would still be sent this way: static routes, providers, policies and settings may have changed. */
export function* leadsHere(worker: Worker, path: ReadyPath): Sliced<boolean> {
  for (const lane of thoseNow(path.lanes, path.lanes.size)) {
    yield;
    const first = lane.peek();
    const answer = first ? worker.router.cached(lane.queue.domain, lane.queue.tlsOptional) : null;
    if (!first || answer?.kind !== 'route') continue;
    if (!leadsTo(lane, answer.route, securityOf(worker, lane.queue, first, path.egress.source.id, answer.route))) return false;
  }
  return true;
}
