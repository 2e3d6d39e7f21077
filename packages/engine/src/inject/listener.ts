// SMTP submission: the door for mail. smtp-server speaks the protocol; here it is told whom to let in (credential or relay), what to
// refuse and with which words, and that a message is answered 250 only after the spool has it on disk. Nothing here decides about
// delivery; accepted entries are handed to the queue.
import type { SMTPServer, SMTPServerAuthentication, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import { isLoopback, parseIp } from '../host/address.ts';
import { passedOutsideHeap } from '../outside-heap.ts';
import type { Principal } from './admission.ts';
import { Authenticator } from './authenticate.ts';
import { collectContent, ReceiveBudget } from './collect-content.ts';
import { asSmtpError, refusals, type Refusal } from './refusal.ts';
import { SubmissionServer } from './submission-server.ts';
import { Transactions, type SignedIn, type SubmissionOptions, type SubmissionPorts } from './transaction.ts';

/** Command verbs of the library that nothing here honours. */
const closedVerbs = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'];
/** RFC 5321 section 4.5.3.2.7. */
const sessionIdleMs = 5 * 60_000;
const closeGraceMs = 5_000;

type Reply = (error?: Error | null) => void;

export class SubmissionListener {
  readonly #ports: SubmissionPorts;
  readonly #options: SubmissionOptions;
  readonly #transactions: Transactions;
  readonly #authenticator: Authenticator;
  readonly #budget: ReceiveBudget;
  readonly #server: SMTPServer;
  #draining = false;
  #inHand = 0;

  constructor(ports: SubmissionPorts, options: SubmissionOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#transactions = new Transactions(ports, options);
    this.#authenticator = new Authenticator(ports.clock, ports.random);
    this.#budget = new ReceiveBudget(options.receiveBudgetBytes);
    this.#server = new SubmissionServer({
      name: options.hostName,
      banner: 'Sluice',
      size: options.maxMessageBytes,
      rejectOversized: false,
      authMethods: ['PLAIN', 'LOGIN'],
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: closedVerbs,
      disableReverseLookup: true,
      // Only what egress honours is offered: PIPELINING, 8BITMIME, SMTPUTF8, DSN, SIZE, STARTTLS, AUTH, and REQUIRETLS over TLS.
      hideENHANCEDSTATUSCODES: true,
      hideDSN: false,
      hideREQUIRETLS: false,
      key: options.tls.key,
      cert: options.tls.cert,
      minVersion: 'TLSv1.2',
      maxClients: options.maxConnections,
      maxRecipients: options.maxRecipients + 1,
      maxCommandLength: 4_096,
      socketTimeout: sessionIdleMs,
      closeTimeout: closeGraceMs,
      logger: false,
      onConnect: (session, callback) => this.#onConnect(session, callback),
      onSecure: (_socket, session, callback) => {
        session.disabledCommands = closedVerbs;
        callback();
      },
      onAuth: (auth, session, callback) => {
        this.#authenticate(auth, session).then(
          (answer) => ('user' in answer ? callback(null, answer) : callback(asSmtpError(answer))),
          (error: unknown) => callback(this.#unexpected('auth', error)),
        );
      },
      onMailFrom: (address, session, callback) =>
        this.#answer(callback, this.#draining ? refusals.draining : this.#transactions.mailFrom(address.address, address.args, session)),
      onRcptTo: (address, session, callback) => this.#answer(callback, this.#transactions.rcptTo(address.address, address.args, session)),
      onData: (stream, session, callback) => {
        this.#inHand += 1;
        this.#onData(stream, session)
          .then(
            (answer) => (typeof answer === 'string' ? callback(null, answer) : callback(asSmtpError(answer))),
            (error: unknown) => callback(this.#unexpected('data', error)),
          )
          .finally(() => (this.#inHand -= 1));
      },
    });
    this.#server.on('error', (error) => ports.log('session_error', { message: error.message }));
  }

  /** Opens the port; resolves with the one in use. Rejects with Node's listen error. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.bind, () => {
        this.#server.server.off('error', reject);
        const address = this.#server.server.address();
        resolve(typeof address === 'object' && address ? address.port : this.#options.port);
      });
    });
  }

  get connections(): number {
    return this.#server.connections.size;
  }

  /** From now on nothing new is taken; resolves when the messages in hand have their reply and the port is closed. */
  async close(graceMs: number): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.server.close(() => resolve()));
    const deadlineMs = this.#ports.clock.monotonicMs() + graceMs;
    while (this.#inHand > 0 && this.#ports.clock.monotonicMs() < deadlineMs) {
      await new Promise<void>((resolve) => this.#ports.clock.setTimer(20, resolve));
    }
    for (const connection of this.#server.connections) connection.send(421, refusals.draining.text, false);
    await Promise.race([closed, new Promise<void>((resolve) => this.#ports.clock.setTimer(Math.min(graceMs, 1_000), resolve))]);
  }

  #onConnect(session: SMTPServerSession, callback: Reply): void {
    if (this.#draining) return callback(asSmtpError(refusals.draining));
    if (!this.#ports.takesMail()) return callback(asSmtpError(refusals.takesNoMail));
    if (this.#authenticator.blocked(session.remoteAddress)) return callback(asSmtpError(refusals.tooManyFailures));
    // PLAIN and LOGIN only over TLS or loopback: elsewhere AUTH appears after STARTTLS. RFC 4954 section 4.
    if (!session.secure && !loopback(session.remoteAddress)) session.disabledCommands = [...closedVerbs, 'AUTH'];
    callback();
  }

  async #authenticate(auth: SMTPServerAuthentication, session: SMTPServerSession): Promise<{ user: SignedIn } | Refusal> {
    const address = session.remoteAddress;
    if (!session.secure && !loopback(address)) return refusals.encryptionRequired;
    const generation = this.#ports.generation();
    if (!generation) return refusals.notConfigured;
    const credential = generation.credential(auth.username ?? '');
    if (await this.#authenticator.check(credential, auth.password ?? '')) {
      this.#authenticator.succeeded(address);
      if (credential) {
        const principal: Principal = { tenantId: credential.tenantId, streamId: credential.streamId, by: 'credential', id: credential.id };
        return { user: { username: credential.username, principal } };
      }
    }
    const waitMs = this.#authenticator.failed(address);
    this.#ports.log('auth_failed', { address, waitMs });
    await new Promise<void>((resolve) => this.#ports.clock.setTimer(waitMs, resolve));
    return this.#authenticator.blocked(address) ? refusals.tooManyFailures : refusals.badCredentials;
  }

  async #onData(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string | Refusal> {
    const collected = await collectContent(stream, this.#options.maxMessageBytes, this.#budget, this.#ports.clock);
    switch (collected.kind) {
      case 'gone':
        return refusals.internal;
      case 'refused':
        return collected.refusal;
      case 'content':
      case 'large': {
        // What a large one goes on holding is no more than what it held so far.
        const heldBytes = collected.kind === 'large' ? collected.heldBytes : collected.bytes.length;
        // As it came, and in one piece.
        passedOutsideHeap(2 * heldBytes);
        try {
          if (collected.kind === 'large') return await this.#transactions.large(collected.stream, session);
          return await this.#transactions.content(collected.bytes, session);
        } finally {
          this.#budget.give(heldBytes);
        }
      }
    }
  }

  #answer(callback: Reply, refusal: Refusal | null): void {
    callback(refusal ? asSmtpError(refusal) : null);
  }

  #unexpected(where: string, error: unknown): Error {
    this.#ports.log('session_error', { where, message: error instanceof Error ? error.message : String(error) });
    return asSmtpError(refusals.internal);
  }
}

function loopback(address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && isLoopback(ip);
}
