// One accepted connection: socket in, session asked, replies out in order, each message logged before its reply. The only file that
// knows sockets and TLS.
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { replyLines } from '@sluice/providers';
import type { SimulatorClock } from '../clock.ts';
import { headersOf, signingDomain, type Headers } from './headers.ts';
import type { ReceivedLog, ReceivedMessage } from '../received-log.ts';
import { SmtpInput, type InputItem } from './input.ts';
import { Session, type Envelope, type SessionContext, type Step } from './session.ts';

export type ReceiverContext = SessionContext & {
  profileName: string;
  hostAddress: string;
  clock: SimulatorClock;
  log: ReceivedLog;
  keepRaw: boolean;
  secureContext: SecureContext;
};

const idleTimeoutMs = 300_000;
/** Octets read ahead of the session; past this the socket waits. */
const maxWaitingBytes = 1_048_576;
const lf = 0x0a;
const cr = 0x0d;

export class Receiver {
  readonly #context: ReceiverContext;
  readonly #input = new SmtpInput();
  readonly #session: Session;
  #socket: Socket;
  #running = false;
  #ended = false;
  #out = '';

  constructor(socket: Socket, context: ReceiverContext) {
    this.#socket = socket;
    this.#context = context;
    this.#session = new Session(context);
    socket.setNoDelay(true);
    this.#listen(socket);
  }

  /** Greets and serves until the connection ends. `allowed` false: one connection too many. */
  async start(allowed: boolean): Promise<void> {
    this.#running = true;
    await this.#wait(this.#context.random.between(...this.#context.profile().greetingDelayMs));
    this.#apply(this.#session.greeting(allowed));
    this.#running = false;
    this.#runOrEnd();
  }

  destroy(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.setTimeout(idleTimeoutMs, () => this.destroy());
    socket.on('error', () => this.destroy());
    socket.on('close', () => (this.#ended = true));
    socket.on('data', (chunk: Buffer) => {
      this.#input.push(chunk);
      if (this.#input.waitingBytes > maxWaitingBytes && this.#running) socket.pause();
      this.#runOrEnd();
    });
    socket.on('end', () => this.#socket.end());
  }

  /** A message that could not be logged is not acknowledged: the connection ends instead. */
  #runOrEnd(): void {
    this.#run().catch(() => this.destroy());
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let item = this.#input.next(); item && !this.#ended; item = this.#input.next()) await this.#serve(item);
    this.#flush();
    this.#running = false;
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  async #serve(item: InputItem): Promise<void> {
    switch (item.kind) {
      case 'line':
        return this.#apply(this.#session.command(item.line));
      case 'line_too_long':
        return this.#apply(this.#session.lineTooLong());
      case 'data_too_long':
        return this.#apply(this.#session.dataTooLong());
      case 'data':
        return await this.#message(item.bytes);
    }
  }

  async #message(bytes: Buffer): Promise<void> {
    const headers = headersOf(bytes);
    const { envelope, verdict } = this.#session.message(signingDomain(headers));
    if (verdict.kind === 'drop') {
      if (verdict.keep) await this.#context.log.append(this.#logLine(bytes, headers, envelope, 0, null));
      return this.destroy();
    }
    // Written down before the wait: the client may be gone after it, and its message was taken all the same.
    const line = this.#logLine(bytes, headers, envelope, verdict.reply.code, verdict.id);
    if (verdict.delayMs >= 1) await this.#wait(verdict.delayMs);
    await this.#context.log.append(line);
    this.#apply({ reply: verdict.reply, then: verdict.close ? 'close' : 'continue' });
  }

  #apply(step: Step): void {
    if (this.#ended) return;
    this.#out += replyLines(step.reply);
    switch (step.then) {
      case 'continue':
        return;
      case 'data':
        return this.#input.expectData(this.#context.profile().maxMessageBytes);
      case 'starttls':
        this.#flush();
        return this.#startTls();
      case 'close':
        this.#flush();
        this.#ended = true;
        this.#socket.end();
        return;
    }
  }

  #startTls(): void {
    // Commands sent ahead of the handshake would be read as if they came through it. RFC 3207 section 4.2.
    if (this.#input.clear()) return this.destroy();
    const plain = this.#socket;
    plain.removeAllListeners('data');
    plain.removeAllListeners('end');
    const secure = new TLSSocket(plain, { isServer: true, secureContext: this.#context.secureContext });
    this.#socket = secure;
    this.#session.secured();
    this.#listen(secure);
  }

  #flush(): void {
    if (this.#out === '' || this.#socket.destroyed) return;
    this.#socket.write(this.#out);
    this.#out = '';
  }

  #wait(delayMs: number): Promise<void> {
    if (delayMs < 1) return Promise.resolve();
    this.#flush();
    return new Promise((resolve) => this.#context.clock.setTimer(delayMs, resolve));
  }

  #tlsFacts(): ReceivedMessage['tls'] {
    const socket = this.#socket;
    if (!(socket instanceof TLSSocket)) return null;
    // Null once the socket is gone, whatever its declaration says.
    const cipher: { name: string } | null = socket.getCipher();
    return { version: socket.getProtocol() ?? '', cipher: cipher?.name ?? '' };
  }

  #logLine(bytes: Buffer, headers: Headers, envelope: Envelope, replyCode: number, id: string | null): ReceivedMessage {
    return {
      at: new Date(this.#context.clock.nowMs()).toISOString(),
      host: this.#context.host,
      profile: this.#context.profileName,
      hostAddress: this.#context.hostAddress,
      sourceAddress: this.#context.source,
      tls: this.#tlsFacts(),
      ehlo: this.#session.ehlo,
      ...envelope,
      replyCode,
      id,
      sizeBytes: bytes.length,
      bareLineFeeds: countBareLf(bytes),
      sha256: createHash('sha256').update(bytes).digest('hex'),
      messageId: headers.find(([name]) => name.toLowerCase() === 'message-id')?.[1] ?? null,
      headers,
      ...(this.#context.keepRaw ? { raw: bytes.toString('base64') } : {}),
    };
  }
}

function countBareLf(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lf); at !== -1; at = bytes.indexOf(lf, at + 1)) if (bytes[at - 1] !== cr) count += 1;
  return count;
}
