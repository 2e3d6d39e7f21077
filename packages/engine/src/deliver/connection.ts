// One socket under one client session: performs the session's actions, owns its timer and hands results to whoever waits. The only file
// of delivery that touches sockets.
import type { Socket } from 'node:net';
import type { DeliverySettings, TlsFacts } from '@sluice/contract';
import type { Clock } from '../ports.ts';
import {
  ClientSession,
  type Breakage,
  type Login,
  type RecipientResult,
  type SessionAction,
  type TransactionRequest,
} from '../smtp/index.ts';
import type { ConnectionListener } from './connection-listener.ts';
import { Deadline } from './deadline.ts';
import { writeFlight, type FlightEvents } from './flight-writer.ts';
import type { TlsPlan } from './tls-plan.ts';
import { startTls, unavailableTls, type TlsFailure, type TlsTrouble } from './tls-upgrade.ts';

export type SetupResult = { ok: true } | { ok: false; breakage: Breakage; tls: TlsFailure | null };
export type ConnectionOptions = {
  socket: Socket;
  hostName: string;
  ehloName: string;
  tls: TlsPlan;
  clock: Clock;
  settings: DeliverySettings;
  /** Null: no login. */
  login: Login | null;
  listener?: ConnectionListener | undefined;
};

export class Connection {
  readonly #session: ClientSession;
  readonly #clock: Clock;
  readonly #hostName: string;
  readonly #plan: TlsPlan;
  #socket: Socket;
  #tls: TlsFacts | null = null;
  /** What a demand for proof of the peer would have come to. */
  tlsDoubt: TlsTrouble | null = null;
  readonly #deadline: Deadline;
  #listener: ConnectionListener | undefined;
  #onSetup: ((result: SetupResult) => void) | null = null;
  #onResults: ((results: RecipientResult[]) => void) | null = null;
  #onClosed: (() => void) | null = null;
  #next: () => TransactionRequest | null = () => null;
  /** The request whose envelope left behind the last message, until somebody waits for its results. */
  #ahead: { request: TransactionRequest; results: RecipientResult[] | null } | null = null;
  #lastError: string | null = null;
  readonly #flight: FlightEvents = {
    over: () => this.#session.state === 'ended',
    progressed: () => this.#rearm(),
    flushed: () => this.#session.flushed(),
    unreadable: (detail) => this.#perform(this.#session.contentLost(detail)),
  };

  constructor(options: ConnectionOptions) {
    this.#socket = options.socket;
    this.#clock = options.clock;
    this.#hostName = options.hostName;
    this.#plan = options.tls;
    this.#deadline = new Deadline(options.clock, () => this.#expired());
    const { ehloName, tls, settings, login } = options;
    this.#session = new ClientSession({ ehloName, tlsWish: tls.wish, settings, login });
    this.listen(options.listener);
  }

  get listener(): ConnectionListener | undefined {
    return this.#listener;
  }

  /** From now on this one is told; undefined ends it. */
  listen(listener: ConnectionListener | undefined): void {
    this.#listener = listener;
    this.#session.listener = listener;
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
    return this.#session.state === 'ready' && !this.#session.spent && this.#onResults === null && this.#ahead === null;
  }

  /** Greeting to ready. Call once. */
  setup(): Promise<SetupResult> {
    return new Promise((resolve) => {
      this.#onSetup = resolve;
      this.#attach(this.#socket);
      this.#rearm();
    });
  }

  /** Whether an envelope may leave behind a message. */
  get chains(): boolean {
    return this.#session.chains;
  }

  /** Something went wrong that chaining may be to blame for. */
  get chainTrouble(): boolean {
    return this.#session.chainTrouble;
  }

  /** Whether the envelope of this request has left already. */
  holds(request: TransactionRequest): boolean {
    return this.#ahead?.request === request;
  }

  /**
   * One result per recipient. Call only when `idle`, or with the request that it `holds`. `next` is asked when the message may go out; what
   * it gives may leave behind it, and has to be run next if so.
   */
  run(request: TransactionRequest, next: () => TransactionRequest | null): Promise<RecipientResult[]> {
    return new Promise((resolve) => {
      const ahead = this.#ahead;
      this.#next = next;
      if (ahead?.request !== request) {
        this.#onResults = resolve;
        this.#perform(this.#session.begin(request));
        return;
      }
      this.#ahead = null;
      if (ahead.results) return resolve(ahead.results);
      this.#onResults = resolve;
      if (this.#session.state === 'go_ahead') this.#send();
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
          writeFlight(this.#socket, action, this.#flight);
          break;
        case 'upgrade':
          this.#upgrade();
          break;
        case 'ready':
          this.#endSetup({ ok: true });
          break;
        case 'setup_failed':
          this.#endSetup({ ok: false, breakage: action.breakage, tls: unavailableTls(action.breakage) });
          break;
        case 'go_ahead':
          // The answers to one flight may reach into a transaction for which nobody waits yet.
          if (this.#onResults) this.#send();
          break;
        case 'results':
          this.#settle(action.results);
          break;
        case 'close':
          this.#close();
          break;
        default:
          assertNever(action);
      }
    }
    this.#rearm();
  }

  #settle(results: RecipientResult[]): void {
    const settle = this.#onResults;
    this.#onResults = null;
    if (settle) settle(results);
    else if (this.#ahead) this.#ahead.results = results;
  }

  #send(): void {
    const next = this.#session.chains ? this.#next() : null;
    const actions = this.#session.send(next);
    if (next && this.#session.followed) this.#ahead = { request: next, results: null };
    this.#perform(actions);
  }

  #endSetup(result: SetupResult): void {
    const settle = this.#onSetup;
    this.#onSetup = null;
    settle?.(result);
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
        this.#listener?.tls({ ok: false, detail });
        this.#endSetup({ ok: false, breakage: { phase: 'starttls', why: 'tls', reply: null, detail }, tls: result.failure });
        this.destroy();
        return;
      }
      this.#tls = result.facts;
      this.tlsDoubt = result.doubt;
      this.#listener?.tls(result);
      this.#attach(result.socket);
      this.#perform(this.#session.secured());
    });
  }

  /** Sets the deadline of the state. */
  #rearm(): void {
    this.#deadline.set(this.#session.timeoutMs);
  }

  #expired(): void {
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
    this.#deadline.stop();
    this.#socket.destroy();
    this.#listener?.closed();
    this.listen(undefined);
    this.#onClosed?.();
    this.#onClosed = null;
  }
}

function assertNever(action: never): never {
  throw new Error(`unknown action ${JSON.stringify(action)}`);
}
