// What a provider thinks of one identity, and how that moves. Three quantities: how much volume the identity is warm for, its reputation
// from 0 to 1, and the strain, which is put-off mail still remembered, in minutes of the allowed rate. Who sends on through refusals
// strains more, loses reputation and so is allowed less: limits get harder, then comes a penalty, then a block. Time comes in; nothing here
// draws lots.
import type { Dynamics } from './parameters.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Accepted volume is averaged over this to say what an identity is warm for. */
const warmWindowMs = 6 * hourMs;
/** From this share of its warmth an identity gets warmer, below the other it cools. */
const warmingFrom = 0.6;
const coolingBelow = 0.3;
/** A long time is gone through in steps: what came before it must not count as if it went on. After the last, only idleness is left. */
const stepMs = hourMs / 2;
const mostSteps = 100;
/** No strain is counted beyond this many minutes: it would be a sentence for life. */
const mostStrainMinutes = 10_000;

/** `penalty`: all is put off. `blocked`: all is refused. Both end by themselves. */
export type Standing = { kind: 'open' } | { kind: 'penalty' | 'blocked'; untilMs: number };

export class Account {
  readonly #dynamics: Dynamics;
  #atMs: number;
  #warmPerHour: number;
  #reputation: number;
  #strainMinutes = 0;
  #lastPutOffMs = -Infinity;
  /** Averages of arrivals and of what was accepted, in an hour. */
  #arrivalsPerHour = 0;
  #acceptedPerHour: number;
  #unknownShare = 0;
  #complaintShare = 0;
  #tokens: number;
  #standing: Standing = { kind: 'open' };
  #blocks = 0;
  #lastBlockMs = -Infinity;
  #blockLengthMs = 0;

  constructor(dynamics: Dynamics, nowMs: number) {
    this.#dynamics = dynamics;
    this.#atMs = nowMs;
    this.#warmPerHour = dynamics.warmPerHour;
    this.#acceptedPerHour = dynamics.warmPerHour * coolingBelow;
    this.#reputation = dynamics.startReputation;
    this.#tokens = this.#burst(1);
  }

  get atMs(): number {
    return this.#atMs;
  }
  get standing(): Standing {
    return this.#standing;
  }
  get reputation(): number {
    return this.#reputation;
  }
  get warmPerHour(): number {
    return this.#warmPerHour;
  }
  get strainMinutes(): number {
    return this.#strainMinutes;
  }

  /** What is allowed in an hour now. `swing`: factor of the time of day. */
  allowedPerHour(swing = 1): number {
    const { headroom, shareAtNoReputation } = this.#dynamics;
    return this.#warmPerHour * headroom * (shareAtNoReputation + (1 - shareAtNoReputation) * this.#reputation) * swing;
  }

  /** Brings everything up to `nowMs`; a clock that went back changes nothing. */
  advance(nowMs: number, swing = 1): void {
    for (let left = mostSteps; left > 0 && nowMs - this.#atMs > stepMs; left--) this.#step(this.#atMs + stepMs, swing);
    if (nowMs > this.#atMs) this.#step(nowMs, swing);
  }

  #step(nowMs: number, swing: number): void {
    const passedMs = nowMs - this.#atMs;
    this.#endStanding(nowMs);
    this.#moveReputation(passedMs, nowMs);
    this.#moveWarmth(passedMs);
    this.#tokens = Math.min(this.#burst(swing), this.#tokens + (passedMs / hourMs) * this.allowedPerHour(swing));
    this.#arrivalsPerHour *= Math.exp(-passedMs / (this.#dynamics.spike.windowMinutes * 60_000));
    this.#acceptedPerHour *= Math.exp(-passedMs / warmWindowMs);
    this.#atMs = nowMs;
  }

  /** Whether one more recipient fits the allowed rate; takes nothing. */
  get hasRoom(): boolean {
    return this.#tokens >= 1;
  }

  /** Counts one attempted recipient. */
  arrive(): void {
    this.#arrivalsPerHour += hourMs / (this.#dynamics.spike.windowMinutes * 60_000);
  }

  /** Takes what one recipient takes; may go into debt of at most a burst, where the provider is lax. */
  take(): void {
    this.#tokens = Math.max(this.#tokens - 1, -this.#burst(1));
  }

  accept(): void {
    this.#acceptedPerHour += hourMs / warmWindowMs;
  }

  /** What this identity writes to: of so many recipients, one more was unknown, or complained. */
  countRecipient(unknown: boolean): void {
    this.#unknownShare += (Number(unknown) - this.#unknownShare) / this.#dynamics.listWindowRecipients;
    this.#complaintShare -= this.#complaintShare / this.#dynamics.listWindowRecipients;
  }
  countComplaint(): void {
    this.#complaintShare += 1 / this.#dynamics.listWindowRecipients;
  }

  /** One recipient was put off or refused for what this identity does: it is remembered, and may be one too many. */
  putOff(nowMs: number, swing = 1): void {
    const { block, penalty } = this.#dynamics;
    this.#strainMinutes = Math.min(mostStrainMinutes, this.#strainMinutes + 60 / Math.max(1, this.allowedPerHour(swing)));
    this.#lastPutOffMs = nowMs;
    if (this.#standing.kind === 'blocked') return this.#prolong(nowMs);
    if (block && (this.#strainMinutes >= block.fromStrainMinutes || this.#reputation <= block.belowReputation)) return this.#block(nowMs);
    if (penalty && this.#standing.kind === 'open' && this.#strainMinutes >= penalty.fromStrainMinutes)
      this.#stand({ kind: 'penalty', untilMs: nowMs + penalty.lastsMinutes * 60_000 });
  }

  #burst(swing: number): number {
    return Math.max(1, (this.allowedPerHour(swing) / 3_600) * this.#dynamics.burstSeconds);
  }

  #stand(standing: Standing): void {
    if (standing.kind !== 'open' && !(standing.untilMs > this.#atMs)) throw new RangeError('a penalty or a block lasts');
    this.#standing = standing;
  }

  #block(nowMs: number): void {
    const { block } = this.#dynamics;
    if (!block) return;
    this.#blocks = nowMs - this.#lastBlockMs > dayMs ? 0 : this.#blocks + 1;
    this.#lastBlockMs = nowMs;
    this.#blockLengthMs = Math.min(block.longestMinutes, block.lastsMinutes * block.growth ** this.#blocks) * 60_000;
    this.#stand({ kind: 'blocked', untilMs: nowMs + this.#blockLengthMs });
  }

  #prolong(nowMs: number): void {
    const prolongsMs = (this.#dynamics.block?.triesProlongSeconds ?? 0) * 1_000;
    if (this.#standing.kind !== 'blocked' || prolongsMs === 0) return;
    const untilMs = Math.min(this.#standing.untilMs + prolongsMs, Math.max(this.#standing.untilMs, nowMs + this.#blockLengthMs));
    this.#stand({ kind: 'blocked', untilMs });
  }

  #endStanding(nowMs: number): void {
    if (this.#standing.kind === 'open' || nowMs < this.#standing.untilMs) return;
    const { block } = this.#dynamics;
    if (this.#standing.kind === 'blocked' && block) {
      this.#reputation = Math.max(this.#reputation, block.reputationAfter);
      this.#lastBlockMs = this.#standing.untilMs;
      this.#strainMinutes = 0;
    }
    this.#stand({ kind: 'open' });
  }

  #moveReputation(passedMs: number, nowMs: number): void {
    const { forgetsMinutes, toleratedStrainMinutes, strainCostPerHour, spike, quietAfterMinutes, recoveryPerHour } = this.#dynamics;
    const hours = passedMs / hourMs;
    const keeps = Math.exp(-passedMs / (forgetsMinutes * 60_000));
    // The mean over the time that passed, so that steps of any length come to the same.
    const meanStrain = (this.#strainMinutes * (1 - keeps) * forgetsMinutes * 60_000) / passedMs;
    this.#strainMinutes *= keeps;
    let lost = Math.max(0, meanStrain - toleratedStrainMinutes) * strainCostPerHour * hours;
    if (this.#arrivalsPerHour > spike.timesWarm * this.#warmPerHour) lost += spike.costPerHour * Math.min(hours, spike.windowMinutes / 60);
    this.#reputation = Math.max(0, this.#reputation - lost);
    const best = this.#bestReputation();
    if (this.#reputation > best) this.#reputation += (best - this.#reputation) * (1 - Math.exp(-recoveryPerHour * hours));
    else if (lost === 0 && nowMs - this.#lastPutOffMs >= quietAfterMinutes * 60_000)
      this.#reputation += (best - this.#reputation) * (1 - Math.exp(-recoveryPerHour * hours));
  }

  #bestReputation(): number {
    const { unknownTolerated, unknownWeight, complaintsTolerated, complaintsWeight } = this.#dynamics;
    const unknown = Math.max(0, this.#unknownShare - unknownTolerated) * unknownWeight;
    const complaints = Math.max(0, this.#complaintShare - complaintsTolerated) * complaintsWeight;
    return Math.max(0, 1 - unknown - complaints);
  }

  #moveWarmth(passedMs: number): void {
    const { growthPerDay, coolingPerDay, warmLeastPerHour, warmMostPerHour } = this.#dynamics;
    const days = passedMs / dayMs;
    if (this.#acceptedPerHour >= warmingFrom * this.#warmPerHour) this.#warmPerHour *= growthPerDay ** (days * this.#reputation);
    else if (this.#acceptedPerHour < coolingBelow * this.#warmPerHour) this.#warmPerHour *= coolingPerDay ** days;
    this.#warmPerHour = Math.min(Math.max(this.#warmPerHour, warmLeastPerHour), Math.max(warmMostPerHour, warmLeastPerHour));
  }
}
