// One trace on this node: how many sessions and lines it has had, what waits to be handed over, and its end. What waits is a ring: while
// Postgres is away or slow the oldest lines give way and are counted, and delivery never waits.
import { traceBounds, type TraceBatch, type TraceEnd, type TraceLine, type TraceOrder } from '@sluice/contract';

/** Lines that wait to be handed over. */
export const waitingLines = 2_000;

export class RunningTrace {
  readonly order: TraceOrder;
  readonly endMs: number;
  #sessions: number;
  #lines: number;
  #dropped: number;
  #handed: number;
  #chars = 0;
  #open = 0;
  #ended: TraceEnd | null = null;
  #waiting: Omit<TraceLine, 'seq'>[] = [];
  #told = true;

  constructor(order: TraceOrder) {
    this.order = order;
    this.endMs = Date.parse(order.expiresAt);
    this.#sessions = order.already.sessions;
    this.#handed = order.already.lines;
    this.#dropped = order.already.dropped;
    this.#lines = this.#handed + this.#dropped;
    this.#told = false; // that this node has begun is news
  }

  get ended(): TraceEnd | null {
    return this.#ended;
  }

  /** All of it was taken to be handed over. */
  get told(): boolean {
    return this.#told;
  }

  /** The number of a session that is watched from now on; null when there were enough. */
  openSession(): number | null {
    if (this.#ended !== null || this.#sessions >= this.order.sessions) return null;
    this.#sessions += 1;
    this.#open += 1;
    return this.#sessions;
  }

  sessionClosed(): void {
    this.#open -= 1;
    if (this.#open === 0 && this.#sessions >= this.order.sessions) this.end('sessions');
  }

  add(line: Omit<TraceLine, 'seq'>): void {
    if (this.#ended !== null) return;
    if (this.#waiting.length >= waitingLines) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(line);
    this.#told = false;
    this.#lines += 1;
    this.#chars += line.text.length;
    if (this.#lines >= this.order.lines) this.end('lines');
    else if (this.#chars >= traceBounds.textChars) this.end('characters');
  }

  /** The first reason counts. */
  end(why: TraceEnd): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#told = false;
  }

  /** What is to be handed over next; null when all is told. */
  take(): TraceBatch | null {
    if (this.#told) return null;
    const lines = this.#waiting.splice(0, traceBounds.batchLines).map((line) => ({ seq: ++this.#handed, ...line }));
    // The end is told with the last line.
    this.#told = this.#waiting.length === 0;
    const ended = this.#told ? this.#ended : null;
    return {
      traceId: this.order.id,
      lines,
      report: { sessions: this.#sessions, lines: this.#handed, dropped: this.#dropped, ended },
    };
  }
}
