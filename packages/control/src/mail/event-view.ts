// An event as screens show it: instants as text, the source by name.
import type { DeliveryEvent } from '@sluice/contract';
import type { EventView } from '@sluice/contract/api';
import { visibleEgress } from '../egress/visible.ts';
import type { Scope } from '../scope.ts';

export async function eventViews(scope: Scope, events: readonly DeliveryEvent[]): Promise<EventView[]> {
  const ids = [...new Set(events.flatMap((event) => (event.sourceId === null ? [] : [event.sourceId])))];
  const visible = await visibleEgress(scope);
  const named =
    ids.length === 0 ? [] : await scope.db.egressSource.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(named.filter(({ id }) => visible.source(id)).map(({ id, name }) => [id, name]));
  return events.map(({ egress: _egress, poolId: _poolId, headerMessageId: _headerMessageId, reply, at, nextAttemptAt, ...event }) => ({
    ...event,
    at: new Date(at).toISOString(),
    source: event.sourceId === null ? null : (names.get(event.sourceId) ?? null),
    remoteReply: reply,
    nextAttemptAt: nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString(),
  }));
}
