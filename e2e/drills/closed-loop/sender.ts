// What makes one sender differ from another: what it adds to the engine's configuration, and what it does when it sees outcomes. The engine,
// its queues, retries and the operator's limits are the same for all.
import type { LimitRule } from '@sluice/policy';
import type { SampleEntity } from '@sluice/engine/testing';

export type Seen = {
  atMs: number;
  sourceId: string;
  tenantId: string;
  kind: 'delivered' | 'deferred' | 'bounced';
  /** Of a refusal. */
  reply: { code: number; enhanced: string | null; text: string } | null;
  /** Key of the provider's reply rule that read it, and its class. */
  replyRule: string | null;
  bounceClass: string | null;
};

/** What the operator set for each source. */
export type Ground = { provider: string; limitPerMinute: number };

export interface Controller {
  seen(outcome: Seen): void;
  /** Limits beside the operator's that hold from now on; null when nothing changed since the last time. */
  limits(nowMs: number): readonly LimitRule[] | null;
}

export type SenderKind = { name: string; entities: readonly SampleEntity[]; controller: ((ground: Ground) => Controller) | null };

/** A limit of one source at the provider; 0 a minute: nothing at all. */
export function sourceLimit(ground: Ground, sourceId: string, perMinute: number): LimitRule {
  const rate = perMinute > 0 ? { count: Math.max(1, Math.round(perMinute)), perSeconds: 60 } : { count: 1, perSeconds: 86_400 };
  return {
    ...{ id: `rival:${sourceId}`, name: 'set by the sender', where: { source: sourceId, provider: ground.provider }, by: [] },
    ...{ kind: 'message_rate', burst: 0, enabled: true, ...rate },
  };
}
