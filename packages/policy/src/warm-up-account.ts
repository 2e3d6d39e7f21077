// What a ladder may use of its present day, and has used. A recipient is reserved when it enters the ready queue, committed when its envelope
// leaves, released when it does not. What is committed was granted on disk before: at most a block, a hundredth of the ceiling, is granted
// ahead at any time, and counts as used after a crash. So a crash costs a block at most and never gives one recipient too many.
import type { LadderRecord, WarmUpStage } from '@sluice/contract';
import type { ZoneDay } from './calendar.ts';
import { Pace } from './warm-up-pace.ts';

const hourMs = 3_600_000;
/** Part of the day after which nothing is kept for marked recipients any more. */
const keptUntil = 2 / 3;

/** What stands in the way of one more recipient. */
export type WarmUpStop = 'none' | 'not_begun' | 'day' | 'hour' | 'pace' | 'kept';
/** `grant`: it may once the next block is on disk. */
export type WarmUpCommit = 'done' | 'grant' | 'refused';

/** What the plan says of the day. */
export type DayTerms = WarmUpStage & { spread: boolean; engagedPercent: number };

export class WarmUpAccount {
  day: ZoneDay;
  committed = 0;
  granted = 0;
  reserved = 0;
  #terms: DayTerms;
  #hour = 0;
  #hourCommitted = 0;
  /** Of a block that was open when the node ended: it may have been used in whichever hour. */
  #carried = 0;
  /** Marked recipients among those committed and reserved. */
  #marked = 0;
  /** Day on which a marked recipient was last seen. */
  markedDay = -1;
  readonly #pace = new Pace();

  constructor(day: ZoneDay, terms: DayTerms, record: LadderRecord | null, nowMs: number) {
    this.day = day;
    this.#terms = terms;
    if (record) {
      // What was open may have been used.
      this.committed = Math.max(record.granted, record.committed);
      this.granted = record.granted;
      this.#carried = this.committed - record.committed;
      this.#hour = record.hour;
      this.#hourCommitted = record.hourCommitted + this.#carried;
      this.markedDay = record.markedDay;
    }
    this.#pace.begin(day, terms.perDay, this.used, nowMs);
  }

  record(): Pick<LadderRecord, 'committed' | 'granted' | 'hour' | 'hourCommitted' | 'markedDay'> {
    const { committed, granted, markedDay } = this;
    return { committed, granted, hour: this.#hour, hourCommitted: this.#hourCommitted, markedDay };
  }

  get used(): number {
    return this.committed + this.reserved;
  }

  /** A day begins: nothing of it is used, but what stands ready. */
  begin(day: ZoneDay, terms: DayTerms, fromMs: number): void {
    this.day = day;
    this.#terms = terms;
    this.committed = 0;
    this.granted = 0;
    this.#marked = Math.min(this.#marked, this.reserved);
    this.#pace.begin(day, terms.perDay, this.used, fromMs);
  }

  /** Other figures for the same day; what was used stays used. */
  change(terms: DayTerms, nowMs: number): void {
    this.#terms = terms;
    this.#pace.change(terms.perDay, this.used, nowMs);
  }

  stop(marked: boolean, nowMs: number): WarmUpStop {
    if (marked) this.markedDay = this.day.number;
    const { used } = this;
    const { perDay, engagedPercent } = this.#terms;
    if (used >= perDay) return 'day';
    if (this.#hourFull(nowMs)) return 'hour';
    const open = this.open(nowMs);
    if (used >= open) return 'pace';
    const kept = !marked && this.#keeps(nowMs) && used - this.#marked >= Math.floor(open * (1 - engagedPercent / 100));
    return kept ? 'kept' : 'none';
  }

  /** Recipients that may have been taken in all by now. */
  open(nowMs: number): number {
    return this.#terms.spread ? this.#pace.open(this.used, nowMs) : this.#terms.perDay;
  }

  hourUsed(nowMs: number): number {
    const hour = Math.floor(nowMs / hourMs);
    if (hour > this.#hour) {
      this.#hour = hour;
      this.#hourCommitted = this.#carried;
      this.#carried = 0;
    }
    return this.#hourCommitted;
  }

  /** Recipients that are granted at once, and that one transaction may have. */
  get block(): number {
    return Math.max(1, Math.floor(this.#terms.perDay / 100));
  }

  /** Up to where the next block is to be granted, for an envelope of `count` that waits; null while none is wanted. */
  wish(count: number): number | null {
    const { block } = this;
    const ahead = this.granted - this.committed;
    if (this.reserved === 0 || (ahead > block / 2 && ahead >= count)) return null;
    const to = Math.min(this.#terms.perDay, this.committed + block);
    return to > this.granted ? to : null;
  }

  reserve(marked: boolean): void {
    this.reserved++;
    if (marked) this.#marked++;
  }

  release(marked: boolean): void {
    this.reserved--;
    if (marked) this.#marked--;
  }

  /** An envelope leaves with so many recipients that were reserved; refused when its day has no room for them any more. */
  commit(count: number, nowMs: number): WarmUpCommit {
    const { perDay, perHour } = this.#terms;
    if (this.committed + count > perDay) return 'refused';
    if (perHour !== null && this.hourUsed(nowMs) + count > perHour) return 'refused';
    if (this.committed + count > this.granted) return 'grant';
    this.hourUsed(nowMs);
    this.committed += count;
    this.#hourCommitted += count;
    this.reserved -= count;
    return 'done';
  }

  /** When one more may be taken that may not now. */
  opensMs(nowMs: number): number {
    const { endsMs } = this.day;
    if (this.used >= this.#terms.perDay) return endsMs;
    const hourEndsMs = this.#hourFull(nowMs) ? (Math.floor(nowMs / hourMs) + 1) * hourMs : nowMs;
    const paceMs = this.#terms.spread ? this.#pace.opensMs(this.used, nowMs) : nowMs;
    return Math.min(endsMs, Math.max(hourEndsMs, paceMs));
  }

  #hourFull(nowMs: number): boolean {
    const { perHour } = this.#terms;
    return perHour !== null && this.hourUsed(nowMs) + this.reserved >= perHour;
  }

  /** As soon as an injector marks recipients, and as long as it did so yesterday or today. */
  #keeps(nowMs: number): boolean {
    if (this.#terms.engagedPercent === 0 || this.markedDay < this.day.number - 1) return false;
    return nowMs < this.day.startsMs + (this.day.endsMs - this.day.startsMs) * keptUntil;
  }
}
