// What was taken according to an accounting log on disk, as the arrivals of a simulation, and what the log knows of the receivers: the host
// that a domain's mail went to, and mailboxes that do not exist. Reports of our own are left out: they would be made anew.
import type { DeliveryEvent } from '@sluice/contract';
import { loggedEvents } from '../logged-events.ts';
import type { Arrival } from './arrival.ts';

export type RecordedTraffic = {
  /** In order of time. */
  arrivals: Arrival[];
  hosts: ReadonlyMap<string, string>;
  unknown: ReadonlySet<string>;
};
export type TrafficSpan = { fromMs: number; untilMs: number };

const report = 'report on ';

/** `workers`: the shards of the spool folder. What was shipped and pruned is not in it. */
export function recordedTraffic(directory: string, workers: readonly number[], span: TrafficSpan): RecordedTraffic {
  const arrivals: Arrival[] = [];
  const hosts = new Map<string, string>();
  const unknown = new Set<string>();
  const words = new Map<string, string>();
  /** Millions of events name few tenants, senders and domains. */
  const one = (text: string): string => {
    const known = words.get(text);
    if (known === undefined) words.set(text, text);
    return known ?? text;
  };
  for (const worker of workers)
    for (const { event } of loggedEvents(directory, worker)) {
      const { type, domain, mxHost, recipient, bounceClass } = event;
      if (domain !== null && mxHost !== null && !hosts.has(domain)) hosts.set(one(domain), one(mxHost));
      if (type === 'bounced' && bounceClass === 'bad_mailbox' && recipient !== null) unknown.add(recipient);
      const arrival = type === 'accepted' && event.at >= span.fromMs && event.at < span.untilMs ? arrivalOf(event, one) : null;
      if (arrival) arrivals.push(arrival);
    }
  // The log is in the order of writing, which is nearly that of time, and shards lie one behind the other.
  arrivals.sort((a, b) => a.atMs - b.atMs);
  return { arrivals, hosts, unknown };
}

function arrivalOf(event: DeliveryEvent, one: (text: string) => string): Arrival | null {
  const { at, messageId, tenantId, streamId, campaign, sender, recipient, domain, sizeBytes, poolId, nextAttemptAt, detail } = event;
  if (tenantId === null || streamId === null || recipient === null || domain === null || detail?.startsWith(report)) return null;
  return {
    ...{
      atMs: at,
      message: messageId,
      tenantId: one(tenantId),
      streamId: one(streamId),
      campaign: campaign === null ? null : one(campaign),
    },
    ...{ sender: one(sender ?? ''), recipient, domain: one(domain), sizeBytes: sizeBytes ?? 0, poolId, notBeforeMs: nextAttemptAt },
  };
}
