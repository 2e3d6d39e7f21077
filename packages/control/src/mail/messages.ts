// Where is this mail? Row-level security on events is the filter by tenant; an entry of another tenant has no events here.
import type { z } from 'zod';
import type * as api from '@sluice/contract/api';
import { searchMessages as search, timeline, trace } from '@sluice/plane/console';
import { notFound } from '../refusal.ts';
import type { Scope } from '../scope.ts';
import { eventViews } from './event-view.ts';
import { shown } from './personal-data.ts';

export async function searchMessages(
  scope: Scope,
  input: z.output<typeof api.messagesSearch.input>,
): Promise<z.input<typeof api.messagesSearch.output>> {
  const page = await search(scope.sql, input);
  const ids = [...new Set(page.items.map((item) => item.tenantId))];
  const tenants = await scope.db.tenant.findMany({ where: { id: { in: ids } }, select: { id: true, name: true } });
  const names = new Map(tenants.map(({ id, name }) => [id, name]));
  const show = shown(scope.actor);
  const items = page.items.map((item) => ({
    ...item,
    sender: show.sender(item.sender, item.recipient),
    recipient: show.address(item.recipient),
    lastReply: show.reply(item.lastReply, [item.recipient]),
    tenantName: names.get(item.tenantId) ?? null,
    acceptedAt: item.acceptedAt.toISOString(),
    lastEventAt: item.lastEventAt.toISOString(),
  }));
  return { items, nextCursor: page.nextCursor };
}

export async function messageTimeline(scope: Scope, { entryId }: z.output<typeof api.messagesTimeline.input>) {
  const events = await timeline(scope.sql, entryId);
  if (events.length === 0) throw notFound(`entry ${entryId}`);
  return { entryId, events: await eventViews(scope, events) };
}

export async function traceRecipient(scope: Scope, { recipient, limit }: z.output<typeof api.messagesTrace.input>) {
  return { recipient, events: await eventViews(scope, await trace(scope.sql, { recipient, limit })) };
}
