// The scheduled queues that exist: one per tenant, stream, campaign and domain with entries, and one beside it for mail that leaves the
// domain's policies on TLS aside, or that warming sources take first; made with the first entry and gone with the last. Queues of one tenant, stream and campaign are filed
// together, so that a queue holds no name but its domain's.
import type { QueueNames, RecipientEntry } from '../entry.ts';
import { ReleasingMap, ReleasingSet } from '../releasing.ts';
import type { QueueOwner } from './queue-of-domain.ts';
import { ScheduledQueue, type QueueHost } from './scheduled-queue.ts';

/** Campaigns of one tenant that have queues of their own at one time; further ones share the queue without campaign. */
export const maxCampaignQueuesPerTenant = 10_000;

/** What an entry, or the counts of many, tell of their queue. */
type QueuedNames = QueueNames & Partial<Pick<RecipientEntry, 'options'>>;
type Group = { readonly owner: QueueOwner; readonly byDomain: ReleasingMap<string, ScheduledQueue> };

function groupKey({ tenantId, streamId, campaign, tlsOptional, engaged }: QueueOwner): string {
  return `${tenantId}\0${streamId}\0${campaign ?? ''}${tlsOptional ? '\0tls optional' : ''}${engaged ? '\0engaged' : ''}`;
}

export class QueueTable {
  /** In the order in which they were made. */
  readonly #queues = new ReleasingSet<ScheduledQueue>();
  readonly #groups = new ReleasingMap<string, Group>();
  readonly #campaignQueues = new Map<string, number>();
  readonly #host: QueueHost;

  constructor(host: QueueHost) {
    this.#host = host;
  }

  queues(): Generator<ScheduledQueue, undefined, void> {
    return this.#queues.keys();
  }

  get size(): number {
    return this.#queues.size;
  }

  get({ tenantId, streamId, campaign, domain }: QueueNames, tlsOptional: boolean, engaged = false): ScheduledQueue | undefined {
    return this.#groups.get(groupKey({ tenantId, streamId, campaign, tlsOptional, engaged }))?.byDomain.get(domain);
  }

  queueFor(entry: QueuedNames): ScheduledQueue {
    const { tenantId, streamId, domain } = entry;
    const tlsOptional = entry.options?.tlsOptional === true;
    const engaged = entry.options?.engaged === true;
    const own = { tenantId, streamId, campaign: entry.campaign, tlsOptional, engaged };
    const ownKey = groupKey(own);
    const ownGroup = this.#groups.get(ownKey);
    const known = ownGroup?.byDomain.get(domain);
    if (known) return known;
    const campaignQueues = this.#campaignQueues.get(tenantId) ?? 0;
    const campaign = campaignQueues < maxCampaignQueuesPerTenant ? entry.campaign : null;
    const { owner, byDomain } = campaign === entry.campaign ? (ownGroup ?? this.#newGroup(ownKey, own)) : this.#group({ ...own, campaign });
    const shared = byDomain.get(domain);
    if (shared) {
      shared.mixed = true;
      return shared;
    }
    const queue = new ScheduledQueue(owner, domain, this.#host);
    queue.mixed = campaign !== entry.campaign;
    byDomain.set(domain, queue);
    this.#queues.add(queue);
    this.#host.parking.queues = this.#queues.size;
    if (campaign !== null) this.#campaignQueues.set(tenantId, campaignQueues + 1);
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
    return this.#groups.get(key) ?? this.#newGroup(key, owner);
  }

  #newGroup(key: string, owner: QueueOwner): Group {
    const group = { owner, byDomain: new ReleasingMap<string, ScheduledQueue>() };
    this.#groups.set(key, group);
    return group;
  }
}
