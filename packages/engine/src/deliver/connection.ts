// One socket under one client session: performs the session's actions, owns its timer and hands results to whoever waits. The only file
// of delivery that touches sockets.
import type { Socket } from 'node:net';
import type { DeliverySettings, TlsFacts } from '@sluice/contract';
import type { Clock } from '../ports.ts';
import { ClientSession, type Breakage, type RecipientResult, type SessionAction, type TransactionRequest } from '../smtp/index.ts';
import type { TlsPlan } from './tls-plan.ts';
import { startTls, type TlsFailure } from './tls-upgrade.ts';

/** Up to here a flight is copied into one buffer, which costs less than a gathered write; above it the pieces are gathered. */
const COPY_LIMIT_BYTES = 64 * 1024;
/** Octets handed to the kernel at a time: a receiver that takes so much within the timer is slow, not silent. RFC 5321 section 4.5.3.2.5 */
const GROUP_BYTES = 256 * 1024;

/** Cuts a flight into what is written at a time. */
function groupsOf(chunks: Uint8Array[]): Uint8Array[][] {
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (bytes <= COPY_LIMIT_BYTES) return [chunks.length === 1 ? chunks : [Buffer.concat(chunks)]];
  const groups: Uint8Array[][] = [[]];
  let room = GROUP_BYTES;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const piece = chunk.subarray(from, from + room);
      groups.at(-1)?.push(piece);
      from += piece.length;
      room -= piece.length;
      if (room > 0) continue;
      groups.push([]);
      room = GROUP_BYTES;
    }
  }
  return groups.filter((group) => group.length > 0);
}

/** `tls` is set when the handshake or the peer's identity was the trouble, or TLS was wanted and not to be had. */
export type SetupResult = { ok: true } | { ok: false; breakage: Breakage; tls: TlsFailure | null };
export type ConnectionOptions = {
  socket: Socket;
  hostName: string;
  ehloName: string;
  tls: TlsPlan;
  clock: Clock;
  settings: DeliverySettings;
};

export class Connection {
  readonly #session: ClientSession;
  readonly #clock: Clock;
  readonly #hostName: string;
  readonly #plan: TlsPlan;
  #socket: Socket;
  #tls: TlsFacts | null = null;
  #cancelTimer: (() => void) | null = null;
  #timerAt = Infinity;
  #deadlineAt = Infinity;
  #onSetup: ((result: SetupResult) => void) | null = null;
  #onResults: ((results: RecipientResult[]) => void) | null = null;
  #onClosed: (() => void) | null = null;
  #lastError: string | null = null;

  constructor(options: ConnectionOptions) {
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#hostName = options.hostName;
    this.#plan = options.tls;
    this.#session = new ClientSession({ ehloName: options.ehloName, tlsWish: options.tls.wish, settings: options.settings });
  }

  /** The peer reports on delivery itself. RFC 3461 section 5.2.1. */
  get offersDsn(): boolean {
    return this.#session.capabilities.dsn;
  }

  get tls(): TlsFacts | null {
    return this.#tls;
  }

  /** In plaintext with a server that has TLS to offer. */
  get declinedTls(): boolean {
    return this.#tls === null && this.#session.capabilities.startTls;
  }

  /** Ready for a transaction. */
  get idle(): boolean {
    return this.#session.state === 'ready' && !this.#session.spent && this.#onResults === null;
  }

  /** Greeting to ready. Call once. */
  setup(): Promise<SetupResult> {
    return new Promise((resolve) => {
      this.#onSetup = resolve;
      this.#attach(this.#socket);
      this.#rearm();
    });
  }

  /** One result per recipient. Call only when `idle`. */
  run(request: TransactionRequest): Promise<RecipientResult[]> {
    return new Promise((resolve) => {
      this.#onResults = resolve;
      this.#perform(this.#session.begin(request));
    });
  }

  /** Ends politely; resolves when the socket is done with. */
  quit(): Promise<void> {
    if (this.#session.state === 'ended') return Promise.resolve();
    return new Promise((resolve) => {
      this.#onClosed = resolve;
      this.#perform(this.#session.quit());
    });
  }

  destroy(): void {
    this.#perform(this.#session.closed('closed by us'));
    this.#close();
  }

  readonly #onData = (bytes: Buffer) => {
    const before = this.#session.replies;
    const actions = this.#session.receive(bytes);
    // The time is for a whole reply: one that comes in drips must not hold a connection and its mail for ever. RFC 5321 section 4.5.3.2
    if (this.#session.replies > before) this.#perform(actions);
  };
  // The other side may send its last reply and half-close in one go: `end` comes after all data.
  readonly #onEnd = () => this.#perform(this.#session.closed('the server closed the connection'));
  readonly #onClose = () => this.#perform(this.#session.closed(this.#lastError ?? 'the connection was lost'));

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#lastError = error.code ?? error.message;
    });
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
  }

  #perform(actions: SessionAction[]): void {
    for (const action of actions) {
      switch (action.kind) {
        case 'write':
          this.#write(action.chunks, action.final);
          break;
        case 'upgrade':
          this.#upgrade();
          break;
        case 'ready':
          this.#endSetup({ ok: true });
          break;
        case 'setup_failed':
          this.#endSetup({ ok: false, breakage: action.breakage, tls: unavailable(action.breakage) });
          break;
        case 'results': {
          const settle = this.#onResults;
          this.#onResults = null;
          settle?.(action.results);
          break;
        }
        case 'close':
          this.#close();
          break;
        default:
          assertNever(action);
      }
    }
    this.#rearm();
  }

  #endSetup(result: SetupResult): void {
    const settle = this.#onSetup;
    this.#onSetup = null;
    settle?.(result);
  }

  #write(chunks: Uint8Array[], final: boolean): void {
    this.#writeGroups(groupsOf(chunks), 0, final);
  }

  /** One group after the other, each as one gathered write: what the kernel took of a long message is progress that the timer sees. */
  #writeGroups(groups: Uint8Array[][], index: number, final: boolean): void {
    const pieces = groups[index] ?? [];
    const last = index >= groups.length - 1;
    const written = (error?: Error | null) => {
      if (error || this.#session.state === 'ended') return;
      if (!last) this.#writeGroups(groups, index + 1, final);
      else if (final) this.#session.flushed();
      this.#rearm();
    };
    if (pieces.length > 1) this.#socket.cork();
    for (const [at, piece] of pieces.entries()) {
      if (at === pieces.length - 1 && (final || !last)) this.#socket.write(piece, written);
      else this.#socket.write(piece);
    }
    if (pieces.length > 1) this.#socket.uncork();
  }

  /** TLS over the open socket. A failure ends this connection; whether to go on without TLS is decided above. */
  #upgrade(): void {
    const plain = this.#socket;
    plain.off('data', this.#onData);
    plain.off('end', this.#onEnd);
    plain.off('close', this.#onClose);
    this.#socket = startTls(plain, { plan: this.#plan, hostName: this.#hostName, nowMs: this.#clock.nowMs() }, (result) => {
      if (this.#session.state !== 'handshake') return;
      if (!result.ok) {
        const { detail } = result.failure;
        this.#endSetup({ ok: false, breakage: { phase: 'starttls', why: 'tls', reply: null, detail }, tls: result.failure });
        this.destroy();
        return;
      }
      this.#tls = result.facts;
      this.#attach(result.socket);
      this.#perform(this.#session.secured());
    });
  }

  /** Sets the deadline of the state. A timer that fires early looks again, so that most flights of a busy connection set none. */
  #rearm(): void {
    const timeoutMs = this.#session.timeoutMs;
    this.#deadlineAt = timeoutMs === null ? Infinity : this.#clock.monotonicMs() + timeoutMs;
    if (timeoutMs === null || this.#deadlineAt >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#startTimer(timeoutMs);
  }

  #startTimer(delayMs: number): void {
    this.#timerAt = this.#clock.monotonicMs() + delayMs;
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#expired());
  }

  #expired(): void {
    this.#cancelTimer = null;
    this.#timerAt = Infinity;
    if (this.#deadlineAt === Infinity) return;
    const leftMs = this.#deadlineAt - this.#clock.monotonicMs();
    if (leftMs > 0) return this.#startTimer(leftMs);
    const inHandshake = this.#session.state === 'handshake';
    const actions = this.#session.timedOut();
    if (inHandshake) {
      const detail = 'the TLS handshake took too long';
      const tls: TlsFailure = { kind: 'validation-failure', detail, facts: null };
      this.#endSetup({ ok: false, breakage: { phase: 'starttls', why: 'timeout', reply: null, detail }, tls });
    }
    this.#perform(actions);
  }

  #close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#timerAt = Infinity;
    this.#socket.destroy();
    this.#onClosed?.();
    this.#onClosed = null;
  }
}

/** TLS was a must, and the server does not have it or refuses it. */
function unavailable({ why, detail }: Breakage): TlsFailure | null {
  return why === 'tls' ? { kind: 'starttls-not-supported', detail, facts: null } : null;
}

function assertNever(action: never): never {
  throw new Error(`unknown action ${JSON.stringify(action)}`);
}
