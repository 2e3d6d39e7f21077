// An event as screens show it: instants as text, the source by name, the reply rule with what it means, and of its recipient what the
// actor may see.
import { providerBody, type DeliveryEvent } from '@sluice/contract';
import type { EventView } from '@sluice/contract/api';
import { visibleEgress } from '../egress/visible.ts';
import type { Scope } from '../scope.ts';
import { shown } from './personal-data.ts';

export async function eventViews(scope: Scope, events: readonly DeliveryEvent[]): Promise<EventView[]> {
  const ids = [...new Set(events.flatMap((event) => (event.sourceId === null ? [] : [event.sourceId])))];
  const visible = await visibleEgress(scope);
  const named =
    ids.length === 0 ? [] : await scope.db.egressSource.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(named.filter(({ id }) => visible.source(id)).map(({ id, name }) => [id, name]));
  const meanings = await ruleMeanings(scope, events);
  const show = shown(scope.actor);
  return events.map(
    ({ egress: _egress, poolId: _poolId, headerMessageId: _headerMessageId, reply, replyRule, at, nextAttemptAt, ...event }) => ({
      ...event,
      sender: show.sender(event.sender, event.recipient),
      recipient: show.address(event.recipient),
      detail: show.text(event.detail, [event.recipient]),
      at: new Date(at).toISOString(),
      source: event.sourceId === null ? null : (names.get(event.sourceId) ?? null),
      remoteReply: show.reply(reply, [event.recipient]),
      replyRule: replyRule === undefined ? null : { key: replyRule, meaning: meanings.get(`${event.provider} ${replyRule}`) ?? null },
      nextAttemptAt: nextAttemptAt === null ? null : new Date(nextAttemptAt).toISOString(),
    }),
  );
}

/** What the rules named in the events mean now, by provider and key. */
async function ruleMeanings({ db }: Scope, events: readonly DeliveryEvent[]): Promise<Map<string, string>> {
  const keys = new Set(events.flatMap(({ provider, replyRule }) => (provider === null || replyRule === undefined ? [] : [provider])));
  const stored = keys.size === 0 ? [] : await db.provider.findMany({ where: { key: { in: [...keys] } } });
  return new Map(
    stored.flatMap((row) => providerBody.parse(row).replyRules.map((rule) => [`${row.key} ${rule.key}`, rule.meaning] as const)),
  );
}
