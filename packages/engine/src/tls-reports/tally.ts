// What was seen of TLS with recipient domains, counted by UTC day, domain and policy: what a report of that day will say. Bounded in
// domains and in kinds of failure; what is beyond is counted as such, so that nobody takes a part for the whole. RFC 8460 section 4
import type { TlsReportCounts, TlsResultType } from '@sluice/contract';

/** Policies that one day counts. */
export const maxPoliciesADay = 20_000;
/** Kinds of failure kept of one policy: result, host, addresses. */
export const maxFailureKinds = 50;
/** Days that are kept: today, the day to report, and one that could not be reported yet. */
const keptDays = 3;
const maxText = 300;
export const dayMs = 86_400_000;

export type PolicyType = TlsReportCounts['policyType'];
/** `strings`: the policy as text; asked for until it is known: what failed first may have been to get it. */
export type SeenPolicy = { domain: string; type: PolicyType; describe(): { strings: string[]; mxHosts: string[] } };
export type SeenFailure = {
  result: TlsResultType;
  mxHost: string | null;
  receivingIp: string | null;
  sendingIp: string | null;
  reason: string | null;
};
export type PolicyCounts = TlsReportCounts;
/**
 * One report of a domain, or the reason why there is none. `done`: URIs that took it. `begun`: URIs to which sending has begun; of one that
 * is neither done nor waiting nobody knows whether it has the report, and it is not sent there again.
 */
export type ReportState = {
  domain: string;
  state: 'waiting' | 'sent' | 'failed' | 'not_wanted';
  at: number;
  to: string[];
  done: string[];
  begun?: string[];
  detail: string | null;
};
export type Day = { day: string; policies: Map<string, PolicyCounts>; reports: Map<string, ReportState>; beyond: number };

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const bounded = (text: string | null): string | null => text && text.replace(/[^\u0020-\u007e]/g, '?').slice(0, maxText);

export class Tally {
  readonly #days = new Map<string, Day>();
  /** Something was counted since the last `lines`. */
  dirty = false;

  days(): Day[] {
    return [...this.#days.values()];
  }

  succeeded(policy: SeenPolicy, nowMs: number): void {
    const counts = this.#countsOf(policy, nowMs);
    if (counts) counts.succeeded += 1;
  }

  failed(policy: SeenPolicy, failure: SeenFailure, nowMs: number): void {
    const counts = this.#countsOf(policy, nowMs);
    if (!counts) return;
    counts.failed += 1;
    const { result, mxHost, receivingIp, sendingIp } = failure;
    const known = counts.failures.find(
      (one) => one.result === result && one.mxHost === mxHost && one.receivingIp === receivingIp && one.sendingIp === sendingIp,
    );
    if (known) known.count += 1;
    else if (counts.failures.length < maxFailureKinds) counts.failures.push({ ...failure, reason: bounded(failure.reason), count: 1 });
    else counts.otherFailures += 1;
  }

  /** Forgets what is too old to be reported; the days that are left, oldest first. */
  expire(nowMs: number): void {
    const oldest = dayOf(nowMs - (keptDays - 1) * dayMs);
    for (const day of this.#days.keys()) {
      if (day >= oldest) continue;
      this.#days.delete(day);
      this.dirty = true;
    }
  }

  /** Returns the line that says so. */
  note(day: Day, report: ReportState): string {
    day.reports.set(report.domain, report);
    this.dirty = true;
    return JSON.stringify({ day: day.day, report });
  }

  /** All of it as lines of a file; from then on it is not dirty. */
  *lines(): Generator<string> {
    this.dirty = false;
    for (const { day, policies, reports, beyond } of this.#days.values()) {
      yield JSON.stringify({ day, beyond });
      for (const counts of policies.values()) yield JSON.stringify({ day, counts });
      for (const report of reports.values()) yield JSON.stringify({ day, report });
    }
  }

  /** Takes back what `lines` gave. A line that cannot be read is left out: the others count. */
  take(lines: readonly string[]): void {
    for (const line of lines) {
      const read = readLine(line);
      if (!read) continue;
      const day = this.#dayOf(read.day);
      if (read.counts) day.policies.set(keyOf(read.counts.domain, read.counts.policyType), read.counts);
      if (read.report) day.reports.set(read.report.domain, read.report);
      day.beyond += read.beyond ?? 0;
    }
  }

  #dayOf(name: string): Day {
    let day = this.#days.get(name);
    if (!day) this.#days.set(name, (day = { day: name, policies: new Map(), reports: new Map(), beyond: 0 }));
    return day;
  }

  #countsOf({ domain, type, describe }: SeenPolicy, nowMs: number): PolicyCounts | null {
    this.dirty = true;
    const day = this.#dayOf(dayOf(nowMs));
    const key = keyOf(domain, type);
    const known = day.policies.get(key);
    if (known) {
      if (known.strings.length === 0 && type !== 'no-policy-found') Object.assign(known, describe());
      return known;
    }
    if (day.policies.size >= maxPoliciesADay) {
      day.beyond += 1;
      return null;
    }
    const { strings, mxHosts } = describe();
    const counts: PolicyCounts = { domain, policyType: type, strings, mxHosts, succeeded: 0, failed: 0, failures: [], otherFailures: 0 };
    day.policies.set(key, counts);
    return counts;
  }
}

const keyOf = (domain: string, type: PolicyType): string => `${domain} ${type}`;

type Line = { day: string; beyond?: number; counts?: PolicyCounts; report?: ReportState };

function readLine(line: string): Line | null {
  try {
    const value = JSON.parse(line) as Line;
    return /^\d{4}-\d\d-\d\d$/.test(value.day) ? value : null;
  } catch {
    return null;
  }
}
