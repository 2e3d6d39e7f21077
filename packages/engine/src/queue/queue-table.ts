// The scheduled queues that exist: one per tenant, stream, campaign and domain with entries, and one beside it for mail
// that leaves the domain's policies on TLS aside; made with the first entry and gone with the last.
import { isTlsOptional, queueKey, type QueuedNames } from './queue-names.ts';
import { ScheduledQueue, type QueueHost } from './scheduled-queue.ts';

/** Campaigns of one tenant that have queues of their own at one time; further ones share the queue without campaign. */
export const maxCampaignQueuesPerTenant = 10_000;

export class QueueTable {
  readonly #queues = new Map<string, ScheduledQueue>();
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

  get(key: string): ScheduledQueue | undefined {
    return this.#queues.get(key);
  }

  queueFor(entry: QueuedNames): ScheduledQueue {
    const { tenantId, streamId, domain } = entry;
    const tlsOptional = isTlsOptional(entry);
    const known = this.#queues.get(queueKey(tenantId, streamId, entry.campaign, domain, tlsOptional));
    if (known) return known;
    const campaignQueues = this.#campaignQueues.get(tenantId) ?? 0;
    const campaign = campaignQueues < maxCampaignQueuesPerTenant ? entry.campaign : null;
    const key = queueKey(tenantId, streamId, campaign, domain, tlsOptional);
    const shared = this.#queues.get(key);
    if (shared) {
      shared.mixed = true;
      return shared;
    }
    const queue = new ScheduledQueue(key, entry, campaign, this.#host);
    queue.mixed = campaign !== entry.campaign;
    this.#queues.set(key, queue);
    this.#host.parking.queues = this.#queues.size;
    if (campaign !== null) this.#campaignQueues.set(tenantId, campaignQueues + 1);
    return queue;
  }

  /** False when it was removed before. */
  remove(queue: ScheduledQueue): boolean {
    if (this.#queues.get(queue.key) !== queue) return false;
    this.#queues.delete(queue.key);
    this.#host.parking.queues = this.#queues.size;
    if (queue.campaign === null) return true;
    const left = (this.#campaignQueues.get(queue.tenantId) ?? 1) - 1;
    if (left > 0) this.#campaignQueues.set(queue.tenantId, left);
    else this.#campaignQueues.delete(queue.tenantId);
    return true;
  }
}
