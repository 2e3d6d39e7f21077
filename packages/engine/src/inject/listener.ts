// SMTP submission: the door for mail. smtp-server speaks the protocol; here it is told whom to let in (credential or relay), what to
// refuse and with which words, and that a message is answered 250 only after the spool has it on disk. Nothing here decides about
// delivery; accepted entries are handed to the queue.
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Generation } from '../config/generation.ts';
import type { EgressMode, RecipientEntry } from '../entry.ts';
import { SpoolError, type Clock, type Random, type Spool } from '../ports.ts';
import { admitContent, admitSender, domainOf, relayPrincipal, stillAdmitted, type Principal } from './admission.ts';
import { Authenticator } from './authenticate.ts';
import { collectContent, ReceiveBudget } from './collect-content.ts';
import { isLoopback, parseIp } from '../host/address.ts';
import { buildReceived, prepareSubmission, type ReceivedFacts } from '../message/index.ts';
import { asSmtpError, refusals, unacceptable, type Refusal } from './refusal.ts';

export type SubmissionPorts = {
  clock: Clock;
  random: Random;
  spool: Spool;
  /** What the engine runs now; null before the first configuration. */
  generation(): Generation | null;
  enqueue(entries: readonly RecipientEntry[]): void;
  log(event: 'refused' | 'auth_failed' | 'session_error', facts: Record<string, unknown>): void;
};

export type SubmissionOptions = {
  bind: string;
  port: number;
  /** Our name in the greeting and in Received. */
  hostName: string;
  egress: EgressMode;
  tls: { key: string | Buffer; cert: string | Buffer };
  maxMessageBytes: number;
  maxRecipients: number;
  maxConnections: number;
  /** Memory for messages being received, all sessions together. */
  receiveBudgetBytes: number;
};

export const submissionDefaults = {
  maxMessageBytes: 50 * 1024 * 1024,
  maxRecipients: 1_000,
  maxConnections: 2_000,
  receiveBudgetBytes: 512 * 1024 * 1024,
} as const;

/** Command verbs of the library that nothing here honours. */
const closedVerbs = ['WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'];
/** RFC 5321 section 4.5.3.2.7. */
const sessionIdleMs = 5 * 60_000;
const closeGraceMs = 5_000;

type SignedIn = { username: string; principal: Principal };
type Reply = (error?: Error | null) => void;

export class SubmissionListener {
  readonly #ports: SubmissionPorts;
  readonly #options: SubmissionOptions;
  readonly #authenticator: Authenticator;
  readonly #budget: ReceiveBudget;
  readonly #server: SMTPServer;
  #draining = false;
  #inHand = 0;

  constructor(ports: SubmissionPorts, options: SubmissionOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#authenticator = new Authenticator(ports.clock, ports.random);
    this.#budget = new ReceiveBudget(options.receiveBudgetBytes);
    this.#server = new SMTPServer({
      name: options.hostName,
      banner: 'Sluice',
      size: options.maxMessageBytes,
      rejectOversized: false,
      authMethods: ['PLAIN', 'LOGIN'],
      authOptional: true,
      allowInsecureAuth: true,
      disabledCommands: closedVerbs,
      disableReverseLookup: true,
      // Only what egress honours is offered: PIPELINING, 8BITMIME, SMTPUTF8, SIZE, STARTTLS, AUTH.
      hideENHANCEDSTATUSCODES: true,
      hideDSN: true,
      hideREQUIRETLS: true,
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
      onMailFrom: (address, session, callback) => this.#answer(callback, this.#onMailFrom(address.address, address.args, session)),
      onRcptTo: (address, session, callback) => this.#answer(callback, this.#onRcptTo(address.address, address.args, session)),
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

  /** The principal of a session under the generation that runs now, or why there is none. */
  #principal(session: SMTPServerSession, generation: Generation): Principal | Refusal {
    const signedIn = session.user as SignedIn | undefined;
    if (!signedIn) return relayPrincipal(generation, session.remoteAddress) ?? refusals.authenticationRequired;
    return stillAdmitted(generation, signedIn.principal, signedIn.username, session.remoteAddress)
      ? signedIn.principal
      : refusals.principalGone;
  }

  #onMailFrom(address: string, args: Record<string, string | true> | false, session: SMTPServerSession): Refusal | null {
    if (this.#draining) return refusals.draining;
    const generation = this.#ports.generation();
    if (!generation) return refusals.notConfigured;
    const principal = this.#principal(session, generation);
    if ('code' in principal) return principal;
    for (const name of Object.keys(args || {})) {
      if (!['SIZE', 'BODY', 'SMTPUTF8', 'AUTH'].includes(name)) return refusals.unknownParameter; // RFC 5321 section 4.1.1.11
    }
    const trouble = this.#ports.spool.trouble();
    if (trouble) return trouble.code === 'disk_full' ? refusals.diskFull : refusals.storageFailed;
    const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
    if (!isAscii(local) && !session.envelope.smtpUtf8) return refusals.utf8Sender;
    return admitSender(generation, principal, address);
  }

  #onRcptTo(address: string, args: Record<string, string | true> | false, session: SMTPServerSession): Refusal | null {
    if (args && Object.keys(args).length > 0) return refusals.unknownParameter;
    if (session.envelope.rcptTo.length >= this.#options.maxRecipients) return refusals.tooManyRecipients; // RFC 5321 section 4.5.3.1.10
    if (address.endsWith(']')) return refusals.literalRecipient;
    if (domainOf(address) === null) return refusals.badDomain;
    const local = address.slice(0, address.lastIndexOf('@'));
    return !isAscii(local) && !session.envelope.smtpUtf8 ? refusals.utf8Recipient : null;
  }

  async #onData(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string | Refusal> {
    const collected = await collectContent(stream, this.#options.maxMessageBytes, this.#budget, this.#ports.clock);
    switch (collected.kind) {
      case 'gone':
        return refusals.internal;
      case 'refused':
        return collected.refusal;
      case 'content':
        try {
          return await this.#accept(collected.bytes, session);
        } finally {
          this.#budget.give(collected.bytes.length);
        }
    }
  }

  async #accept(received: Buffer, session: SMTPServerSession): Promise<string | Refusal> {
    const generation = this.#ports.generation();
    if (!generation) return refusals.notConfigured;
    const principal = this.#principal(session, generation);
    if ('code' in principal) return principal;
    const acceptedAt = this.#ports.clock.nowMs();
    const messageId = this.#ports.random.uuid();
    const sender = session.envelope.mailFrom ? toAscii(session.envelope.mailFrom.address) : '';
    const recipients = session.envelope.rcptTo.map((recipient) => {
      const address = toAscii(recipient.address);
      return { address, domain: address.slice(address.lastIndexOf('@') + 1), dsn: null };
    });
    const prepared = prepareSubmission({
      bytes: received,
      received: buildReceived({
        ...receivedFrom(session),
        host: this.#options.hostName,
        id: messageId,
        recipient: soleRecipient(recipients),
        atMs: acceptedAt,
      }),
      nowMs: acceptedAt,
      uniqueId: messageId,
      addressesUtf8: ![sender, ...recipients.map((recipient) => recipient.address)].every(isAscii),
    });
    if (!prepared.ok) return unacceptable(prepared.code, prepared.message);
    const lane = admitContent(generation, principal, prepared.facts.fromDomain, prepared.instructions);
    if (!lane.ok) return lane.refusal;
    try {
      const { expirySeconds, ...where } = lane.value;
      const injection = {
        messageId,
        tenantId: principal.tenantId,
        ...where,
        sender,
        recipients,
        egress: this.#options.egress,
        acceptedAt,
        expiresAt: acceptedAt + expirySeconds * 1000,
      };
      const { entries } = await this.#ports.spool.accept({ ...injection, facts: prepared.facts, bytes: prepared.bytes });
      this.#ports.enqueue(entries);
      return `2.0.0 Ok: queued as ${messageId}`;
    } catch (error) {
      if (error instanceof SpoolError) return error.code === 'disk_full' ? refusals.diskFull : refusals.storageFailed;
      throw error;
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

const isAscii = (text: string) => !/[^\u0020-\u007e]/.test(text);

function loopback(address: string): boolean {
  const ip = parseIp(address);
  return ip !== null && isLoopback(ip);
}

const soleRecipient = (recipients: readonly { address: string }[]) => (recipients.length === 1 ? (recipients[0]?.address ?? null) : null);

/** What Received says about the client's side. RFC 3848 names the protocol. */
function receivedFrom(session: SMTPServerSession): Pick<ReceivedFacts, 'helo' | 'clientAddress' | 'protocol' | 'tls'> {
  const cipher = session.tlsOptions;
  const protocol = (['ESMTP', 'ESMTPA', 'ESMTPS', 'ESMTPSA'] as const).find((name) => name === session.transmissionType) ?? 'SMTP';
  const tls = cipher ? { version: cipher.version, cipher: cipher.standardName || cipher.name } : null;
  return { helo: session.hostNameAppearsAs || '?', clientAddress: session.remoteAddress, protocol, tls };
}

/** The address with its domain in A-labels, as it goes on the wire; the library hands domains over in Unicode. */
function toAscii(address: string): string {
  if (address === '') return '';
  return `${address.slice(0, address.lastIndexOf('@'))}@${domainOf(address) ?? ''}`;
}
