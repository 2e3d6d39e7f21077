// The limits by which actions hold mail: rules beside those of the configuration, under ids that stay while the rate goes up and down.
import { isIPv6 } from 'node:net';
import { applicableLimits, type Dimensions, type LimitRule } from '@sluice/policy';
import type { AutomationRule } from '@sluice/policy';
import type { Generation, WithId } from '../config/generation.ts';
import type { SourceBody } from '@sluice/contract';
import type { Action } from './action.ts';

const prefix = 'automation:';
const minuteMs = 60_000;
/** Sources of one network that are held with the one that a reply named. */
const maxNetwork = 64;

/** The action that a limit of this id belongs to; null when it is another's. */
export const actionOfLimit = (limitId: string): string | null =>
  limitId.startsWith(prefix) ? (limitId.slice(prefix.length).split(':')[0] ?? null) : null;

/** So many a minute, as whole units of a time. */
function rateOf(perMinute: number): { count: number; perSeconds: number } {
  if (perMinute >= 20) return { count: Math.round(perMinute), perSeconds: 60 };
  if (perMinute >= 1) return { count: Math.max(1, Math.round(perMinute * 10)), perSeconds: 600 };
  return { count: 1, perSeconds: Math.min(86_400, Math.round(minuteMs / 1000 / perMinute)) };
}

/** What the subject says in the words of limits. */
function whereOf({ subject }: Pick<Action, 'subject'>): LimitRule['where'] {
  const { source, provider, site, tenant, stream, campaign } = subject;
  return {
    ...(source !== undefined && { source }),
    ...(provider !== undefined && { provider }),
    ...(site !== undefined && { site }),
    ...(tenant !== undefined && { tenant }),
    ...(stream !== undefined && { stream }),
    ...(campaign !== undefined && { campaign }),
  };
}

/** Addresses that share the first three octets, or the first four groups of IPv6. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address.split('.').slice(0, 3).join('.');
  const [head = '', tail] = address.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = tail === undefined ? front : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return groups.slice(0, 4).join(':');
}

/** The source and, of a network, those next to it. */
function sourcesOf({ subject }: Action, generation: Generation): WithId<SourceBody>[] {
  const source = subject.source === undefined ? undefined : generation.source(subject.source);
  if (!source || subject.identity !== 'network') return source ? [source] : [];
  const network = networkOf(source.publicAddress);
  const next = [...generation.sources()].filter((one) => one.id !== source.id && networkOf(one.publicAddress) === network);
  return [source, ...next.slice(0, maxNetwork - 1)];
}

/** A pause as a limit. */
const nothing = { count: 1, perSeconds: 86_400 };

export function limitsOf(action: Action, rule: AutomationRule, generation: Generation, nowMs: number): LimitRule[] {
  const base = { id: `${prefix}${action.id}`, name: `rule ${action.ruleName}`, by: [], burst: null, enabled: true };
  const where = whereOf(action);
  if (rule.action.kind === 'limit') {
    const { of: kind, count, perSeconds } = rule.action;
    return [{ ...base, where, kind, count, perSeconds }];
  }
  const { throttle, pool } = action;
  if (!throttle) return [];
  const own = { ...base, kind: 'message_rate' as const, ...(throttle.pausedUntilMs > nowMs ? nothing : rateOf(throttle.ratePerMinute)) };
  const [, ...neighbours] = sourcesOf(action, generation);
  const { source: _source, ...rest } = where;
  const given = throttle.fromPerMinute - throttle.ratePerMinute;
  return [
    { ...own, where },
    ...neighbours.map(({ id }) => ({ ...own, id: `${base.id}:${id}`, where: { ...where, source: id } })),
    ...(pool && given > 0
      ? [
          {
            ...own,
            id: `${base.id}:pool`,
            where: { ...rest, pool: pool.id },
            ...rateOf(Math.max(pool.fromPerMinute - given, throttle.ratePerMinute)),
          },
        ]
      : []),
  ];
}

/** Recipients a minute that the configuration lets pass there; null when it says nothing. */
export function configuredPerMinute(subject: Action['subject'], node: string, generation: Generation): number | null {
  const dimensions: Dimensions = { node, ...whereOf({ subject }) };
  let least: number | null = null;
  for (const { kind, by, count, perSeconds } of applicableLimits([generation.limits], 'mail', dimensions)) {
    // One that is counted apart by something else lets more pass in all.
    if (kind !== 'message_rate' || !by.every((dimension) => dimensions[dimension] !== undefined)) continue;
    least = Math.min(least ?? Infinity, (count * minuteMs) / 1000 / perSeconds);
  }
  return least;
}
