// What an operator reads of a decision: what is held, from what to what, when, why, and what comes next. Times are UTC.
import type { DecisionSubject } from '@sluice/contract';
import type { AutomationRule, Evidence, Throttle } from '@sluice/policy';
import type { Generation } from '../config/generation.ts';
import type { Action } from './action.ts';

const shareWords: Readonly<Record<string, string>> = {
  deferred: 'were deferred',
  blocked: 'were refused as a block or a rate',
  'hard bounced': 'had no such mailbox',
  complained: 'were complained about',
};

/** `Gmail x mx1 203.0.113.7` */
export function subjectWords(subject: DecisionSubject, generation: Generation): string {
  const source = subject.source === undefined ? undefined : generation.source(subject.source);
  const network = subject.identity === 'network';
  const parts = [
    subject.provider === undefined ? (subject.site ?? null) : (generation.providerKeyed(subject.provider)?.name ?? subject.provider),
    source ? `${source.name} ${source.publicAddress}${network ? ' and its network' : ''}` : (subject.source ?? null),
    subject.tenant === undefined ? null : (generation.tenant(subject.tenant)?.name ?? subject.tenant),
    subject.stream === undefined ? null : `stream ${generation.stream(subject.stream)?.name ?? subject.stream}`,
    subject.campaign === undefined ? null : `campaign ${subject.campaign}`,
    subject.identity === undefined || network ? null : `${subject.identity} over all sources`,
  ];
  return parts.filter((part) => part !== null).join(' x ');
}

export function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export function rateWords(perMinute: number): string {
  return perMinute >= 10 ? String(Math.round(perMinute)) : String(Math.round(perMinute * 10) / 10);
}

/** `14 % of 812 attempts got 4.7.28 in 5 min` */
export function why({ count, attempts, percent, windowMs, what }: Evidence): string {
  const time = lasting(windowMs);
  if (what === 'latency') return `${percent} % of ${attempts} attempts took up to ${lasting(count)} in ${time}`;
  if (attempts === null || percent === null) return `${count} ${count === 1 ? 'reply was' : 'replies were'} ${what} in ${time}`;
  const share = percent >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10;
  return `${share} % of ${attempts} attempts ${shareWords[what] ?? `got ${what}`} in ${time}`;
}

const stepWords = ({ stepAtMs }: Throttle): string => `next step up ${clock(stepAtMs)} UTC`;

/** What is held, and how: also what the list of actions shows. */
export function held(action: Pick<Action, 'kind' | 'throttle' | 'endsMs'>, rule: AutomationRule, poolName: string | null): string {
  const until = `until ${clock(action.endsMs)} UTC`;
  switch (rule.action.kind) {
    case 'reduce':
      return action.throttle
        ? `${rateWords(action.throttle.fromPerMinute)} -> ${rateWords(action.throttle.ratePerMinute)}/min`
        : 'slowed down';
    case 'limit': {
      const { of, count, perSeconds } = rule.action;
      return of === 'connections' ? `at most ${count} connections ${until}` : `at most ${count} in ${lasting(perSeconds * 1000)} ${until}`;
    }
    case 'suspend':
      return `suspended ${until}`;
    case 'move':
      return `moved to pool ${poolName ?? 'that is gone'} ${until}`;
    case 'hold_warm_up':
      return `warm-up held ${until}`;
    case 'bounce':
      return 'what waits is returned to its senders';
    case 'alert':
      return 'look at it';
  }
}

export function began(action: Action, what: string, name: string, evidence: Evidence, nowMs: number): string {
  const next = action.throttle ? `; ${stepWords(action.throttle)}` : '';
  const dry = action.dry ? 'Would have acted (dry run): ' : '';
  return `${dry}${name}: ${what} at ${clock(nowMs)} UTC because ${why(evidence)}${next} (rule ${action.ruleName})`;
}

export function cutAgain(
  from: number,
  { ratePerMinute, stepAtMs }: Throttle,
  name: string,
  evidence: Evidence,
  action: Action,
  nowMs: number,
) {
  const rates = `${rateWords(from)} -> ${rateWords(ratePerMinute)}/min`;
  return `${name}: ${rates} at ${clock(nowMs)} UTC because ${why(evidence)} while it recovered; next step up ${clock(stepAtMs)} UTC (rule ${action.ruleName})`;
}

export function steppedUp(from: number, next: Throttle, name: string, quietMs: number, nowMs: number): string {
  const rates = `${rateWords(from)} -> ${rateWords(next.ratePerMinute)}/min`;
  return `${name}: ${rates} at ${clock(nowMs)} UTC after ${lasting(quietMs)} without trouble; ${stepWords(next)}`;
}

export function ended(action: Action, name: string, because: string, nowMs: number): string {
  const what = action.throttle ? `no longer held to ${rateWords(action.throttle.ratePerMinute)}/min` : `${action.sentence}: over`;
  return `${name}: ${what} at ${clock(nowMs)} UTC: ${because} (rule ${action.ruleName})`;
}
