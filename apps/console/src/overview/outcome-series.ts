// Outcomes by minute, added up and thinned out for charts and tables.
import type { z } from 'zod';
import type { outcomeMinute } from '@sluice/contract/api';

export type OutcomeMinute = z.infer<typeof outcomeMinute>;
export const outcomeKeys = ['delivered', 'deferred', 'bounced', 'expired', 'cancelled'] as const;
export type OutcomeKey = (typeof outcomeKeys)[number];
export type OutcomeTotals = Record<OutcomeKey | 'accepted', number>;

export function totalOf(series: readonly OutcomeMinute[]): OutcomeTotals {
  const total: OutcomeTotals = { accepted: 0, delivered: 0, deferred: 0, bounced: 0, expired: 0, cancelled: 0 };
  for (const minute of series) {
    total.accepted += minute.accepted;
    for (const key of outcomeKeys) total[key] += minute[key];
  }
  return total;
}

/**
 * At most `limit` points: neighbouring minutes are averaged, never smoothed, so that every value stays "per minute". The newest group may
 * be shorter than the others.
 */
export function thinned(series: readonly OutcomeMinute[], limit: number): OutcomeMinute[] {
  const step = Math.max(1, Math.ceil(series.length / limit));
  if (step === 1) return [...series];
  const points: OutcomeMinute[] = [];
  for (let start = 0; start < series.length; start += step) {
    const group = series.slice(start, start + step);
    const total = totalOf(group);
    const mean = (value: number): number => Math.round((value / group.length) * 10) / 10;
    points.push({
      minute: group[0]?.minute ?? '',
      accepted: mean(total.accepted),
      delivered: mean(total.delivered),
      deferred: mean(total.deferred),
      bounced: mean(total.bounced),
      expired: mean(total.expired),
      cancelled: mean(total.cancelled),
    });
  }
  return points;
}
