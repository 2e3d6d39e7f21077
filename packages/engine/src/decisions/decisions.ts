// Decisions on their way from the engine to the console. Told in the turn in which something is decided; on disk a moment later, so that a
// crash loses at most what was told in the last milliseconds; kept there until the console's side has them. Bounded: of what nobody
// fetched for long the oldest is forgotten, and counted.
import { decision as decisionSchema, type Decision } from '@sluice/contract';
import type { RecordFile } from '../config/record-file.ts';
import type { Clock, DecisionSink, EngineLog, Random } from '../ports.ts';

/** Decisions kept while nobody takes them. */
export const maxUnshipped = 10_000;
/** Taken over in one call. */
const shipAtOnce = 500;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** Decisions that came close together leave together. */
const gatherMs = 200;
const lastChanceMs = 2000;
const maxSentence = 500;

export type TellDecision = Omit<Decision, 'id' | 'at' | 'node' | 'ruleId' | 'planId'> & {
  /** Given where the same decision may be told twice; a new one when left out. */
  id?: string;
  ruleId?: string | null;
  planId?: string | null;
};

export type DecisionPorts = {
  node: string;
  clock: Clock;
  random: Random;
  log: EngineLog;
  /** Null: they are kept in memory only. */
  file: RecordFile | null;
  /** Null: nobody takes them; they wait on disk. */
  sink: DecisionSink | null;
};

export class Decisions {
  readonly #ports: DecisionPorts;
  /** Told and not yet taken over, oldest first. */
  readonly #waiting = new Map<string, Decision>();
  /** Told and not yet on disk. */
  #unwritten: Decision[] = [];
  #writing: Promise<void> | null = null;
  /** The file holds more than what waits. */
  #stale = false;
  #cancel: (() => void) | null = null;
  #shipping: Promise<void> = Promise.resolve();
  #pauseMs = firstPauseMs;
  #stopped = false;
  /** Forgotten because nobody took them. */
  forgotten = 0;

  constructor(ports: DecisionPorts) {
    this.#ports = ports;
  }

  /** Takes what was told before and not taken over. */
  async start(): Promise<void> {
    for (const line of (await this.#ports.file?.read()) ?? []) {
      const parsed = decisionSchema.safeParse(parsedJson(line));
      if (parsed.success) this.#keep(parsed.data);
    }
    this.#arm(firstPauseMs);
  }

  /** Resolves when all that was told is on disk; what the other side takes in time it gets. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = null;
    // Whoever did not take the last ones is not waited for.
    if (this.#pauseMs === firstPauseMs) await this.#lastChance(this.#shipping.then(() => this.#ship()));
    await this.#write();
  }

  /** Told and not yet taken over. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Does not wait. A decision with an id that still waits here is told already. */
  tell({ id, ruleId = null, planId = null, sentence, ...rest }: TellDecision): Decision {
    const { node, clock, random, log } = this.#ports;
    const decision: Decision = {
      ...{ id: id ?? random.uuid(), at: clock.nowMs(), node, ...rest, ruleId, planId },
      sentence: sentence.slice(0, maxSentence),
    };
    const known = this.#waiting.get(decision.id);
    if (known) return known;
    this.#keep(decision);
    this.#unwritten.push(decision);
    log.info(decision.sentence, { kind: decision.kind, action: decision.action });
    void this.#write();
    this.#arm(gatherMs);
    return decision;
  }

  #keep(decision: Decision): void {
    this.#waiting.set(decision.id, decision);
    if (this.#waiting.size <= maxUnshipped) return;
    const [oldest] = this.#waiting.keys();
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.#stale = true;
    this.forgotten++;
  }

  /** One write at a time; what is told meanwhile is in the next. */
  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { file, log } = this.#ports;
    if (!file) return void (this.#unwritten = []);
    while (this.#unwritten.length > 0 || this.#stale) {
      const appended = this.#unwritten;
      const whole = this.#stale;
      this.#unwritten = [];
      this.#stale = false;
      try {
        if (whole) await file.replace([...this.#waiting.values()].map((one) => JSON.stringify(one)));
        else await file.append(appended.map((one) => JSON.stringify(one)));
      } catch (error) {
        // What reached the disk is unknown: the next write says all of it.
        this.#stale = true;
        return log.warn('a decision could not be kept on disk', { error: String(error) });
      }
    }
  }

  #arm(inMs: number): void {
    if (this.#stopped || this.#cancel || !this.#ports.sink) return;
    this.#cancel = this.#ports.clock.setTimer(inMs, () => {
      this.#shipping = this.#ship().then(() => {
        this.#cancel = null;
        if (this.#waiting.size > 0) this.#arm(this.#pauseMs);
      });
    });
  }

  async #lastChance(shipping: Promise<void>): Promise<void> {
    let cancel: (() => void) | null = null;
    const passed = new Promise<void>((resolve) => (cancel = this.#ports.clock.setTimer(lastChanceMs, resolve)));
    await Promise.race([shipping.finally(() => cancel?.()), passed]);
  }

  /** Hands over what waits; what cannot be handed over goes on waiting. Never rejects. */
  async #ship(): Promise<void> {
    const { sink } = this.#ports;
    while (sink && this.#waiting.size > 0) {
      const some = [...this.#waiting.values()].slice(0, shipAtOnce);
      try {
        await sink.take(some);
      } catch {
        this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
        return;
      }
      this.#pauseMs = firstPauseMs;
      for (const { id } of some) this.#waiting.delete(id);
      this.#stale = true;
      await this.#write();
    }
  }
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
