// Whether one outcome hits a rule: the sums of the rule's window against what it allows.
import type { Place } from './place.ts';
import type { AutomationRule } from './rule-set.ts';

/** Why a rule acts. `percent` of `attempts`, or `count` replies, in the window; of a latency `count` is milliseconds. */
export type Evidence = { count: number; attempts: number | null; percent: number | null; windowMs: number; what: string };
type OutcomeType = 'delivered' | 'deferred' | 'bounced' | 'path_deferred' | 'complained';
type Weighed = { matches: (ruleId: string) => boolean; n: number; what: string; type: OutcomeType };

/** Null when the rule is not hit by this outcome. */
export function evidenceOf(rule: AutomationRule, place: Place, { matches, n, what, type }: Weighed, nowMs: number): Evidence | null {
  const { trigger } = rule;
  const windowMs = trigger.windowSeconds * 1000;
  switch (trigger.kind) {
    case 'replies': {
      if (!matches(rule.id)) return null;
      place.lastMatchMs.set(rule.id, nowMs);
      const window = place.matches(rule.id, windowMs);
      window.add('matched', n, nowMs);
      const count = window.sum('matched', nowMs);
      return count >= trigger.count ? { count, attempts: null, percent: null, windowMs, what } : null;
    }
    case 'matching_share': {
      if (!matches(rule.id)) return null;
      const window = place.matches(rule.id, windowMs);
      window.add('matched', n, nowMs);
      return shareOf(window.sum('matched', nowMs), place.window(windowMs).sum('attempts', nowMs), trigger, windowMs, what);
    }
    case 'share': {
      // Only an outcome of its kind can raise a share.
      if (!raises(trigger.of, type)) return null;
      const window = place.window(windowMs);
      return shareOf(window.sum(trigger.of, nowMs), window.sum('attempts', nowMs), trigger, windowMs, trigger.of.replaceAll('_', ' '));
    }
    case 'latency': {
      if (type === 'path_deferred' || type === 'complained') return null;
      const { ms, of } = place.latency(windowMs).percentile(trigger.percentile, nowMs);
      if (of < trigger.minimumVolume || ms <= trigger.aboveMs) return null;
      return { count: ms, attempts: of, percent: trigger.percentile, windowMs, what: 'latency' };
    }
  }
}

function raises(of: 'deferred' | 'blocked' | 'hard_bounced' | 'complained', type: OutcomeType): boolean {
  switch (of) {
    case 'deferred':
      return type === 'deferred';
    case 'blocked':
      return type === 'deferred' || type === 'bounced';
    case 'hard_bounced':
      return type === 'bounced';
    case 'complained':
      return type === 'complained';
  }
}

function shareOf(
  count: number,
  attempts: number,
  { percent: above, minimumVolume }: { percent: number; minimumVolume: number },
  windowMs: number,
  what: string,
): Evidence | null {
  if (attempts < minimumVolume) return null;
  const percent = (count * 100) / attempts;
  return percent > above ? { count, attempts, percent, windowMs, what } : null;
}
