// When a source is unfit to send, by what its connects came to: its address is not on the machine, its proxy does not take us, or nothing
// can be reached through it, whichever provider is tried. One site that is down is that site's failure. Pure: time and chance are
// arguments; the engine counts, keeps and probes (engine/health).
import type { UnfitReason } from '@sluice/contract';

/** What a failed connect says beyond "failed". */
export type ConnectFault = 'address' | 'proxy' | 'network';

/** Failures of the proxy in a row, without any success through the source. */
export const proxyFailuresBeforeOut = 3;
/** Providers or sites in a row that were reached before, or are known providers, and now are not. */
export const knownGroupsBeforeOut = 3;
/** Without such evidence: lists with many dead domains are common. */
export const anyGroupsBeforeOut = 10;
/** The failures must lie at least this far apart: a moment without a network is no reason. */
export const streakLeastMs = 20_000;
/** Older failures say nothing of now. */
export const streakWindowMs = 10 * 60_000;
/** Groups that are remembered of one streak. */
const groupsKept = 32;

export const firstProbeMs = 5_000;
export const longestProbeMs = 300_000;
/** Out again this soon after a return, the probes go on as far apart as they were. */
export const relapseMs = 10 * 60_000;
const jitterShare = 0.2;

/** How long after the `failed`-th failed probe (0: after it was taken out) the next is made. `fraction` is uniform in [0, 1). */
export function probeDelayMs(failed: number, fraction: number): number {
  const delay = Math.min(longestProbeMs, firstProbeMs * 2 ** Math.min(Math.max(failed, 0), 20));
  return Math.round(delay * (1 + fraction * jitterShare));
}

/** A provider or, of those that belong to none, a site. `known`: a provider by name, or reached lately through any source. */
export type FailedGroup = { group: string; known: boolean; detail: string };
export type Judgement = { reason: UnfitReason; detail: string };

/** Failures of one source since anything was last reached through it. */
export class ConnectStreak {
  readonly #groups = new Map<string, { atMs: number; firstMs: number; known: boolean }>();
  #proxyFailures = 0;

  /** Something answered: the source is fit. */
  reached(): void {
    if (this.#groups.size > 0) this.#groups.clear();
    this.#proxyFailures = 0;
  }

  /** Nothing is left to remember. */
  isOver(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#groups.size === 0 && this.#proxyFailures === 0;
  }

  /** Why the source is unfit now; null while that is not shown. */
  failed(fault: ConnectFault, { group, known, detail }: FailedGroup, nowMs: number): Judgement | null {
    switch (fault) {
      case 'address':
        return { reason: 'address_missing', detail };
      case 'proxy':
        this.#proxyFailures++;
        return this.#proxyFailures >= proxyFailuresBeforeOut ? { reason: 'proxy_dead', detail } : null;
      case 'network':
        return this.#unreached(group, known, detail, nowMs);
    }
  }

  #unreached(group: string, known: boolean, detail: string, nowMs: number): Judgement | null {
    this.#forget(nowMs);
    const before = this.#groups.get(group);
    if (before || this.#groups.size < groupsKept)
      this.#groups.set(group, { atMs: nowMs, firstMs: before?.firstMs ?? nowMs, known: known || (before?.known ?? false) });
    let knownOnes = 0;
    let firstMs = nowMs;
    for (const seen of this.#groups.values()) {
      if (seen.known) knownOnes++;
      firstMs = Math.min(firstMs, seen.firstMs);
    }
    if (nowMs - firstMs < streakLeastMs) return null;
    if (knownOnes < knownGroupsBeforeOut && this.#groups.size < anyGroupsBeforeOut) return null;
    const names = [...this.#groups.keys()].slice(0, 3).join(', ');
    return { reason: 'connects_fail', detail: `${this.#groups.size} providers and sites in a row (${names}); the last: ${detail}` };
  }

  #forget(nowMs: number): void {
    for (const [group, { atMs }] of this.#groups) if (nowMs - atMs > streakWindowMs) this.#groups.delete(group);
  }
}
