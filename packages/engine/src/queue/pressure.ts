// When this machine, not a remote, is short of something (sockets, ports, answers of DNS), the worker slows down: no new connection and no
// further look-up for a short while. No path and no entry pays for it. One line in the log and one event for each spell.
import type { EgressMode } from '../entry.ts';
import type { Clock, EngineLog } from '../ports.ts';
import { pathEvent } from './delivery-events.ts';
import type { Recorder } from './recorder.ts';

const firstPauseMs = 250;
const longestPauseMs = 10_000;
/** A spell is over when nothing was short for this long. */
const spellMs = 30_000;

export class Pressure {
  readonly #of: { clock: Clock; log: EngineLog; egress: EgressMode; recorder: () => Recorder };
  #untilMs = 0;
  #pauseMs = 0;
  #lastMs = -Infinity;
  #what: string | null = null;

  constructor(of: { clock: Clock; log: EngineLog; egress: EgressMode; recorder: () => Recorder }) {
    this.#of = of;
  }

  /** Until when nothing new is begun; in the past when all is well. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** What was short lately, for people; null when nothing was. */
  get what(): string | null {
    return this.#of.clock.nowMs() - this.#lastMs < spellMs ? this.#what : null;
  }

  /** Something is short. Those that notice it together make one pause. */
  note(what: string, bounceClass: 'network' | 'dns'): void {
    const { clock, log, egress, recorder } = this.#of;
    const nowMs = clock.nowMs();
    const fresh = nowMs - this.#lastMs >= spellMs;
    if (nowMs >= this.#untilMs) {
      this.#pauseMs = fresh ? firstPauseMs : Math.min(this.#pauseMs * 2, longestPauseMs);
      this.#untilMs = nowMs + this.#pauseMs;
    }
    this.#lastMs = nowMs;
    this.#what = what;
    if (!fresh) return;
    log.warn('this machine is short of something; delivery slows down', { what });
    const event = pathEvent(nowMs, egress, { bounceClass, detail: `slowed down: ${what}`.slice(0, 500), nextAttemptAt: this.#untilMs });
    void recorder().add([{ event, change: { kind: 'none' } }]);
  }
}
