// Pure rules over the contract, used by both planes: limits, source choice, retry times, delivery windows. Time and chance are arguments.
export {
  compilingSettings,
  SettingRules,
  type ResolvedSettings,
  type SettingContext,
  type SettingOrigins,
  type SettingRule,
} from './delivery-settings.ts';
export { readWindow, windowOpensAt } from './delivery-window.ts';
export { addressesOf, filled } from './address-range.ts';
export { LastingDimensions } from './counter-table.ts';
export { departure } from './departure.ts';
export { DueHeap } from './due-heap.ts';
export { greylistMemoryMs, isGreylisting } from './greylisting.ts';
export { calendarStretch, type Stretch } from './calendar.ts';
export { FairShares, type Standing, type StreamShare } from './fair-shares.ts';
export type { Asked, LeaseDesk } from './lease-desk.ts';
export { LimitBook, maxCounters } from './limit-book.ts';
export { leaseBlock, leaseLifeMs, type Lease, type LeaseRequest, type LeaseTerms, type LimitStore } from './limit-lease.ts';
export { LimitLedger } from './limit-ledger.ts';
export type { Binding, LimitToken, Refusal, Reservation } from './reservation.ts';
export type { Waiter } from './waiting-line.ts';
export { limitsThatMatch } from './limit-match.ts';
export {
  applicableLimits,
  burstOf,
  compilingLimits,
  type Dimensions,
  type LimitDoor,
  type LimitKind,
  type LimitRule,
  type LimitSet,
} from './limit-set.ts';
export { longestSuffix, providerOfHosts } from './provider-of.ts';
export { RequestRateBook } from './request-rate.ts';
export {
  checkReplyRules,
  compiledReplyRules,
  maxPatternSize,
  maxPatternsSize,
  maxReplyText,
  readReply,
  type CompiledReplyRules,
  type ReadableReply,
  type RuleProblem,
} from './reply-rules.ts';
export { firstPathDelayMs, jitterShare, longestPathDelayMs, nextAttemptAt, pathDelayMs } from './retry.ts';
export { judgeDkimRecord, type DkimRecordFinding } from './dkim-record.ts';
export { judgeNames, reverseNameOf, type NameFacts, type NameFinding } from './reverse-name.ts';
export { siteName } from './site-name.ts';
export { SourceChooser, type UsableSources } from './source-choice.ts';
export { ConnectStreak, probeDelayMs, relapseMs, type ConnectFault, type FailedGroup, type Judgement } from './source-health.ts';
export { atOnce, everyFew, type Steps } from './steps.ts';
export { matchingRoute, routePatterns, routeSettings, routeSite, routeTargets } from './static-route.ts';
export * from './warm-up.ts';
export * from './automation/index.ts';
export * from './picture/index.ts';
