// Writes what ladders ask to be kept: grants as soon as they are wanted, all that are wanted together; counts that only judge the day, and
// days that ended, within half a minute. One write at a time. What is not on disk is not granted.
import type { Clock, EngineLog } from '../ports.ts';
import type { RecordFile } from '../config/record-file.ts';
import { LadderFile, type LadderLine } from './ladder-file.ts';
import type { Ladders } from './ladders.ts';
import type { WarmUpSlot } from './warm-up-slot.ts';

/** Grants that are wanted close together are written together. */
const gatherMs = 5;
const changesEveryMs = 30_000;
const againMs = 1_000;
/** Ladders of one write. */
const maxAtOnce = 1_000;

export type KeeperPorts = {
  steady: Pick<Clock, 'setTimer'>;
  log: EngineLog;
  file: RecordFile | null;
  ladders: Ladders;
};

export class LadderKeeper {
  readonly #ports: KeeperPorts;
  readonly #file: LadderFile;
  /** Want a grant, and have changed otherwise. */
  readonly #wanting = new Set<WarmUpSlot>();
  readonly #changed = new Set<WarmUpSlot>();
  #armed: { grants: boolean; cancel: () => void } | null = null;
  #writing: Promise<void> | null = null;
  #stopped = false;
  /** The last write failed. */
  failing = false;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
    this.#file = new LadderFile(ports.file);
  }

  async load(): Promise<void> {
    const kept = await this.#file.load();
    if (kept) this.#ports.ladders.found(kept);
    else this.#ports.log.warn('how far warm-up has come cannot be read from disk; every ladder begins anew', {});
  }

  /** A grant may be wanted. */
  wanted(slot: WarmUpSlot): void {
    if (slot.wish === null) return;
    this.#wanting.add(slot);
    this.#arm(true);
  }

  changed(slot: WarmUpSlot): void {
    this.#changed.add(slot);
    this.#arm(false);
  }

  /** Changes the ladders; resolves with how many were changed once that is on disk. */
  async kept(slots: readonly WarmUpSlot[], change: (slot: WarmUpSlot) => boolean): Promise<number> {
    const changed = slots.filter((slot) => change(slot));
    for (const slot of changed) this.#changed.add(slot);
    while (changed.some((slot) => this.#changed.has(slot)) && !this.#stopped) {
      if (!(await this.#write())) await new Promise<void>((resolve) => void this.#ports.steady.setTimer(againMs, resolve));
    }
    return changed.length;
  }

  /** Gives back what is open, and keeps all. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#armed?.cancel();
    await this.#writing;
    this.#wanting.clear();
    for (const slot of this.#ports.ladders.known()) {
      const { account } = slot.ladder;
      if (account.granted > account.committed) this.#changed.add(slot);
      account.granted = Math.min(account.granted, account.committed);
    }
    while (this.#changed.size > 0 && (await this.#writeSome()));
  }

  #arm(grants: boolean): void {
    if (this.#stopped || (this.#armed && (this.#armed.grants || !grants))) return;
    this.#armed?.cancel();
    const cancel = this.#ports.steady.setTimer(grants ? gatherMs : changesEveryMs, () => {
      this.#armed = null;
      void this.#write();
    });
    this.#armed = { grants, cancel };
  }

  /** False when it could not be written. */
  async #write(): Promise<boolean> {
    while (this.#writing) await this.#writing;
    let written = true;
    this.#writing = this.#writeSome().then((done) => {
      written = done;
      this.#writing = null;
    });
    await this.#writing;
    if (this.#stopped) return written;
    if (!written) this.#ports.steady.setTimer(againMs, () => this.#arm(true));
    else if (this.#wanting.size > 0) this.#arm(true);
    else if (this.#changed.size > 0) this.#arm(false);
    return written;
  }

  async #writeSome(): Promise<boolean> {
    const slots = new Set<WarmUpSlot>();
    for (const slot of this.#wanting) if (slots.size < maxAtOnce) slots.add(slot);
    // Without a grant among them these wait for their own time.
    for (const slot of this.#changed) if (slots.size < maxAtOnce) slots.add(slot);
    const grants = new Map<WarmUpSlot, number>();
    const days = new Map<WarmUpSlot, number>();
    const lines: LadderLine[] = [];
    for (const slot of slots) {
      const { ladder } = slot;
      this.#wanting.delete(slot);
      this.#changed.delete(slot);
      const to = this.#stopped ? null : slot.wish;
      const record = ladder.record();
      if (to !== null) {
        grants.set(slot, to);
        days.set(slot, record.startsMs);
        record.granted = to;
      }
      lines.push({ l: record });
      for (const d of ladder.history.slice(ladder.history.length - slot.unkeptDays)) lines.push({ k: slot.key, d });
      slot.unkeptDays = 0;
    }
    if (lines.length === 0) return true;
    try {
      await this.#file.keep(lines, this.#ports.ladders.live(grants));
    } catch (error) {
      for (const slot of slots) this.#changed.add(slot);
      for (const slot of grants.keys()) this.#wanting.add(slot);
      this.failing = true;
      for (const slot of grants.keys()) slot.giveUp();
      this.#ports.log.warn('warm-up counts cannot be kept; no more is sent through warming sources until they are', {
        error: String(error),
      });
      return false;
    }
    this.failing = false;
    for (const [slot, to] of grants) {
      slot.ladder.grant(to, days.get(slot) ?? 0);
      slot.goOn();
    }
    return true;
  }
}
