// What a limit lets pass is spent from leases where it has to be known beyond this process: so that a crash gives nothing twice, and so
// that several processes or nodes can share a limit. A store gives leases out, many in one call; the book of a worker spends them
// without asking. Units of a lease count as used from the moment it is given, until they are handed back.
import type { LimitRule } from './limit-set.ts';

/** What a limit allows, in the words of a store. A rate: milliseconds a unit, units at once on top of one. A cap: units from start to end. */
export type LeaseTerms =
  | { readonly kind: 'rate'; readonly intervalMs: number; readonly burst: number; readonly inDebt: boolean }
  | { readonly kind: 'cap'; readonly count: number; readonly startMs: number; readonly endMs: number };

/** `returned`: units of earlier leases that were not spent and will not be. */
export type LeaseRequest = { readonly key: string; readonly n: number; readonly returned: number; readonly terms: LeaseTerms };

/**
 * `granted` units may be spent before `untilMs`. None granted: ask again at `untilMs`. `used`: units of a cap that are given out in all,
 * these included.
 */
export type Lease = { readonly granted: number; readonly untilMs: number; readonly used?: number };

/** Behind the books of workers. A store may be one process's own or shared; a book never takes itself to be the only one that spends. */
export interface LimitStore {
  /** Whether units of such a limit have to be leased at all. */
  covers(terms: LeaseTerms): boolean;
  /** A limit that is not leased: may it have been in use just before now, by a process that is gone? Until when that may matter, else 0. */
  readonly unknownUntilMs: number;
  /** Before the first lease: what was known before is there again. */
  start(): Promise<void>;
  /** Leases in the order of the requests, on disk or wherever they are safe from a crash of this process. */
  lease(requests: readonly LeaseRequest[]): Promise<readonly Lease[]>;
}

/** A lease of a rate is to be spent within a small part of the time in which the limit is full again. */
const lifeParts = 250;
const minLifeMs = 50;
const maxLifeMs = 2_000;
/** Of a cap, and of what a rate lets pass at once. A block in use and the next one, asked for ahead, are a hundredth together. */
const blocksOfAll = 200;
/** What a small limit lets pass at once is leased at once: unit by unit each would wait for the end of the lease before it. */
const smallBurst = 8;

export function leaseLifeMs({ intervalMs, burst }: { intervalMs: number; burst: number }): number {
  return Math.min(maxLifeMs, Math.max(minLifeMs, (intervalMs * (burst + 1)) / lifeParts));
}

/** Units that are leased at a time. */
export function leaseBlock(terms: LeaseTerms): number {
  if (terms.kind === 'cap') return Math.max(1, Math.floor(terms.count / blocksOfAll));
  const least = terms.burst < smallBurst ? terms.burst + 1 : 1;
  return Math.max(least, Math.floor(Math.max((terms.burst + 1) / blocksOfAll, leaseLifeMs(terms) / terms.intervalMs)));
}

/** A message is never cut: it passes whole while a limit of bytes is not used up, and may leave it in debt. */
export const inDebt = ({ kind }: Pick<LimitRule, 'kind'>): boolean => kind === 'byte_rate';
