// Outcomes as listeners see them, from what the queue records: the event of an attempt says nearly all.
import type { EgressPath } from '../egress-path.ts';
import type { Outcome, UnplacedEvent } from '../entry.ts';
import type { PathFailure } from '../ports.ts';
import type { SeenOutcome } from './outcomes.ts';

/** `event`: what is recorded of the attempt; it names the source and the site. */
export function attemptOutcome({ kind, reply }: Outcome, event: UnplacedEvent, fromDomain: string): SeenOutcome {
  const { sourceId, provider, site, domain, poolId, tenantId, streamId, campaign, bounceClass, replyRule, detail, latencyMs, at } = event;
  return {
    ...{
      type: kind,
      sourceId: sourceId ?? '',
      provider,
      site: site ?? '',
      domain,
      poolId,
      tenantId,
      streamId,
      campaign,
      reply,
      bounceClass,
    },
    ...{ enhanced: reply?.enhanced ?? null, replyRule: replyRule ?? null, detail, latencyMs, recipients: 1 },
    ...{ signingDomain: fromDomain, atMs: at },
  };
}

/** A path that could not connect, greet or agree on TLS. */
export function pathOutcome({ source, site, provider }: EgressPath, failure: PathFailure, nowMs: number): SeenOutcome {
  const { reply, bounceClass, replyRule, detail } = failure;
  return {
    ...{ type: 'path_deferred', sourceId: source.id, provider, site, domain: null, poolId: null, tenantId: null, streamId: null },
    ...{ campaign: null, reply, enhanced: reply?.enhanced ?? null, bounceClass, replyRule: replyRule ?? null, detail },
    ...{ latencyMs: null, recipients: 0, signingDomain: null, atMs: nowMs },
  };
}
