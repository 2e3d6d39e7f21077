// Journal records on their way to the spool, gathered while the previous batch is being written: one call carries the outcomes of many
// transactions, in order. Tells when too much is unwritten, so that nothing is sent whose outcome might not be kept.
import type { SpoolRecord } from '../entry.ts';
import type { EngineLog, Spool } from '../ports.ts';
import type { Sliced, Slices } from './slices.ts';

/** Records not yet on disk at which delivery pauses. */
export const maxUnwritten = 5000;

/** Records of one call: the spool gives way between calls while it writes a batch together. */
const recordsACall = 500;
/** Who hears of a batch in one go. */
const toldAtOnce = 64;

export class Recorder {
  readonly #spool: Pick<Spool, 'record'>;
  readonly #log: EngineLog;
  readonly #slices: Pick<Slices, 'run'>;
  readonly #onRoom: () => void;
  #pending: SpoolRecord[] = [];
  #told: ((written: boolean) => void)[] = [];
  #unwritten = 0;
  #running: Promise<void> | null = null;
  #full = false;

  constructor(spool: Pick<Spool, 'record'>, log: EngineLog, slices: Pick<Slices, 'run'>, onRoom: () => void) {
    this.#slices = slices;
    this.#spool = spool;
    this.#log = log;
    this.#onRoom = onRoom;
  }

  /** Too much is unwritten; `onRoom` is called when it no longer is. */
  get full(): boolean {
    return this.#full;
  }

  /** Resolves with true when the records are on disk, with false when they could not be written. Never rejects. */
  add(records: readonly SpoolRecord[]): Promise<boolean> {
    for (const record of records) this.#pending.push(record);
    this.#unwritten += records.length;
    if (this.#unwritten >= maxUnwritten) this.#full = true;
    const written = new Promise<boolean>((resolve) => this.#told.push(resolve));
    this.#running ??= this.#write();
    return written;
  }

  /** Resolves when all that was added is written. */
  async flush(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #record(records: SpoolRecord[]): Promise<unknown> {
    if (records.length <= recordsACall) return this.#spool.record(records);
    return Promise.all(inCalls(records).map((some) => this.#spool.record(some)));
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const records = this.#pending;
      const told = this.#told;
      this.#pending = [];
      this.#told = [];
      let written = true;
      try {
        await this.#record(records);
      } catch (error) {
        written = false;
        this.#log.warn('outcomes could not be recorded; after a restart their entries are tried again', {
          records: records.length,
          error: String(error),
        });
      }
      this.#unwritten -= records.length;
      if (told.length <= toldAtOnce) for (const tell of told) tell(written);
      else void this.#slices.run(telling(told, written));
      if (this.#full && this.#unwritten < maxUnwritten) {
        this.#full = false;
        this.#onRoom();
      }
    }
    this.#running = null;
  }
}

function inCalls(records: SpoolRecord[]): SpoolRecord[][] {
  const calls: SpoolRecord[][] = [];
  for (let from = 0; from < records.length; from += recordsACall) calls.push(records.slice(from, from + recordsACall));
  return calls;
}

/** What follows each outcome is work as well: that of a large batch is spread. */
function* telling(told: readonly ((written: boolean) => void)[], written: boolean): Sliced<void> {
  for (const tell of told) {
    tell(written);
    yield;
  }
}
