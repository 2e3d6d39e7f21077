// The scheduled queues that exist: one per tenant, stream, campaign and domain with entries, made with the first and gone with the last.
// Queues of one tenant, stream and campaign are filed together, so that a queue holds no name but its domain's.
import type { QueueNames } from '../entry.ts';
import type { QueueOwner } from './queue-of-domain.ts';
import { ScheduledQueue, type QueueHost } from './scheduled-queue.ts';

/** Campaigns of one tenant that have queues of their own at one time; further ones share the queue without campaign. */
export const maxCampaignQueuesPerTenant = 10_000;

type Group = { readonly owner: QueueOwner; readonly byDomain: Map<string, ScheduledQueue> };

function groupKey({ tenantId, streamId, campaign }: QueueOwner): string {
  return `${tenantId}\0${streamId}\0${campaign ?? ''}`;
}

export class QueueTable {
  /** In the order in which they were made. */
  readonly #queues = new Set<ScheduledQueue>();
  readonly #groups = new Map<string, Group>();
  readonly #campaignQueues = new Map<string, number>();
  readonly #host: QueueHost;

  constructor(host: QueueHost) {
    this.#host = host;
  }

  queues(): IterableIterator<ScheduledQueue> {
    return this.#queues.values();
  }

  get size(): number {
    return this.#queues.size;
  }

  get(names: QueueNames): ScheduledQueue | undefined {
    return this.#groups.get(groupKey(names))?.byDomain.get(names.domain);
  }

  queueFor(entry: QueueNames): ScheduledQueue {
    const known = this.get(entry);
    if (known) return known;
    const campaignQueues = this.#campaignQueues.get(entry.tenantId) ?? 0;
    const campaign = campaignQueues < maxCampaignQueuesPerTenant ? entry.campaign : null;
    const { owner, byDomain } = this.#group({ tenantId: entry.tenantId, streamId: entry.streamId, campaign });
    const shared = byDomain.get(entry.domain);
    if (shared) {
      shared.mixed = true;
      return shared;
    }
    const queue = new ScheduledQueue(owner, entry.domain, this.#host);
    queue.mixed = campaign !== entry.campaign;
    byDomain.set(entry.domain, queue);
    this.#queues.add(queue);
    this.#host.parking.queues = this.#queues.size;
    if (campaign !== null) this.#campaignQueues.set(entry.tenantId, campaignQueues + 1);
    return queue;
  }

  /** False when it was removed before. */
  remove(queue: ScheduledQueue): boolean {
    if (!this.#queues.delete(queue)) return false;
    const key = groupKey(queue);
    const group = this.#groups.get(key);
    group?.byDomain.delete(queue.domain);
    if (group?.byDomain.size === 0) this.#groups.delete(key);
    this.#host.parking.queues = this.#queues.size;
    if (queue.campaign === null) return true;
    const left = (this.#campaignQueues.get(queue.tenantId) ?? 1) - 1;
    if (left > 0) this.#campaignQueues.set(queue.tenantId, left);
    else this.#campaignQueues.delete(queue.tenantId);
    return true;
  }

  #group(owner: QueueOwner): Group {
    const key = groupKey(owner);
    let group = this.#groups.get(key);
    if (!group) this.#groups.set(key, (group = { owner, byDomain: new Map() }));
    return group;
  }
}
