// What the delivery settings say of a scheduled queue: its retry schedule, greatest age and delivery window. Resolved once for a queue and
// a generation; the provider is known from the route, once there is one.
import { windowOpensAt } from '@sluice/policy';
import type { DeliverySettings, RetrySchedule } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import type { Lane } from './lane.ts';
import type { ScheduledQueue } from './scheduled-queue.ts';
import type { Worker } from './worker.ts';

/** The settings that hold for mail of this queue. */
export function settingsOfQueue(worker: Worker, queue: ScheduledQueue): DeliverySettings {
  const generation = worker.generation();
  if (generation.settings.none) return generation.settings.resolve({}).values;
  const answer = worker.router.cached(queue.domain, queue.tlsOptional);
  const { provider, site } = answer?.kind === 'route' ? answer.route : { provider: null, site: null };
  const known = queue.settings;
  if (known && known.generation === generation && known.provider === provider && known.site === site) return known.values;
  const { values } = generation.settings.resolve({
    tenant: queue.tenantId,
    stream: queue.streamId,
    domain: queue.domain,
    ...(provider === null ? {} : { provider }),
    ...(site === null ? {} : { site }),
  });
  queue.settings = { generation, provider, site, values };
  return values;
}

/** The schedule that the settings name, else the stream's own list. */
export function retryScheduleOf(worker: Worker, queue: ScheduledQueue): RetrySchedule {
  const named = settingsOfQueue(worker, queue).retry;
  return named ?? { kind: 'list', seconds: worker.generation().stream(queue.streamId)?.retrySeconds ?? [300] };
}

/** Moves the entry's expiry to where the settings want it, unless the message came with its own. */
export function applyMaxAge(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry): void {
  const { maxAgeSeconds } = settingsOfQueue(worker, queue);
  if (maxAgeSeconds === null || entry.options?.ownExpiry === true) return;
  entry.expiresAt = Math.max(entry.acceptedAt, entry.options?.notBefore ?? 0) + maxAgeSeconds * 1000;
}

/** The same for an entry without options, as a number: when it expires. */
export function expiryOf(worker: Worker, queue: ScheduledQueue, acceptedAt: number, expiresAt: number): number {
  const { maxAgeSeconds } = settingsOfQueue(worker, queue);
  return maxAgeSeconds === null ? expiresAt : acceptedAt + maxAgeSeconds * 1000;
}

/** When an attempt for the entry may begin: now, or when its window opens. The message's own window goes before that of the settings. */
export function attemptFrom(worker: Worker, queue: ScheduledQueue, entry: RecipientEntry, nowMs: number): number {
  const window = entry.options?.window ?? settingsOfQueue(worker, queue).window;
  return window === null ? nowMs : windowOpensAt(window, nowMs);
}

/** Whether something stands in the lane though a window has closed. */
export function standsOutside(worker: Worker, queue: ScheduledQueue, lane: Lane, nowMs: number): boolean {
  const { window } = settingsOfQueue(worker, queue);
  return lane.waiting().some((entry) => {
    const own = entry.options?.window ?? window;
    return own !== null && windowOpensAt(own, nowMs) > nowMs;
  });
}
