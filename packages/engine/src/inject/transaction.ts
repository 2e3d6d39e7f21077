// One mail transaction of a submission session, as rules: who sends, from what, to whom, and what becomes of the content. The listener
// feeds it with what the protocol library parsed and sends its answers; a 250 for a content means that the spool has it on disk.
import type { Readable } from 'node:stream';
import type { SMTPServerSession } from 'smtp-server';
import type { EgressMode, Injection } from '../entry.ts';
import { buildReceived, prepareSubmission, type ReceivedFacts, type Submission } from '../message/index.ts';
import { SpoolError, type Clock, type ContentDraft, type Random, type SpoolTrouble } from '../ports.ts';
import {
  admitContent,
  admitSender,
  recipientDomain,
  relayPrincipal,
  stillAdmitted,
  type Principal,
  type SubmissionGeneration,
} from './admission.ts';
import { askedOptions, badEnvid, badOrcpt, dsnOf } from './message-options.ts';
import { receiveLarge, takeHeader } from './receive-large.ts';
import { refusals, storageRefusal, unacceptable, type Refusal } from './refusal.ts';

export type SubmissionPorts = {
  clock: Clock;
  random: Random;
  /** Resolves when the message is on disk and with the queue. Rejects with a SpoolError: then nothing of it is held. */
  accept(injection: Injection): Promise<void>;
  /** Where the content of a large message goes as it comes. */
  draft(): ContentDraft;
  /** Why the spool takes nothing now, or null. */
  trouble(): Pick<SpoolTrouble, 'code'> | null;
  /** What the engine runs now; null before the first configuration. */
  generation(): SubmissionGeneration | null;
  /** False while an operator drains this node. */
  takesMail(): boolean;
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
  receiveBudgetBytes: 256 * 1024 * 1024,
} as const;

export type SignedIn = { username: string; principal: Principal };
/** Parameters of MAIL FROM that are understood; any other is refused. RFC 5321 section 4.1.1.11. */
const mailParameters = ['SIZE', 'BODY', 'SMTPUTF8', 'AUTH', 'RET', 'ENVID', 'REQUIRETLS'];
const rcptParameters = ['NOTIFY', 'ORCPT'];

/** What the envelope says. */
type About = Pick<Injection, 'messageId' | 'acceptedAt' | 'sender' | 'recipients'>;
type Prepared = Extract<Submission, { ok: true }>;
type Admitted = { ok: true; injection: Omit<Injection, 'facts' | 'bytes'> } | { ok: false; refusal: Refusal };
type Parameters = Record<string, string | true> | false;

export class Transactions {
  readonly #ports: SubmissionPorts;
  readonly #options: SubmissionOptions;

  constructor(ports: SubmissionPorts, options: SubmissionOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** The principal of a session under the generation that runs now, or why there is none. */
  #principal(session: SMTPServerSession, generation: SubmissionGeneration): Principal | Refusal {
    const signedIn = session.user as SignedIn | undefined;
    if (!signedIn) return relayPrincipal(generation, session.remoteAddress) ?? refusals.authenticationRequired;
    return stillAdmitted(generation, signedIn.principal, signedIn.username, session.remoteAddress)
      ? signedIn.principal
      : refusals.principalGone;
  }

  mailFrom(address: string, args: Parameters, session: SMTPServerSession): Refusal | null {
    if (!this.#ports.takesMail()) return refusals.takesNoMail;
    const generation = this.#ports.generation();
    if (!generation) return refusals.notConfigured;
    const principal = this.#principal(session, generation);
    if ('code' in principal) return principal;
    for (const name of Object.keys(args || {})) {
      if (!mailParameters.includes(name)) return refusals.unknownParameter;
    }
    const envid = badEnvid(args ? args['ENVID'] : undefined);
    if (envid) return envid;
    const trouble = this.#ports.trouble();
    if (trouble) return trouble.code === 'disk_full' ? refusals.diskFull : refusals.storageFailed;
    const local = address.slice(0, Math.max(address.lastIndexOf('@'), 0));
    if (!isAscii(local) && !session.envelope.smtpUtf8) return refusals.utf8Sender;
    return admitSender(generation, principal, address);
  }

  rcptTo(address: string, args: Parameters, session: SMTPServerSession): Refusal | null {
    for (const name of Object.keys(args || {})) {
      if (!rcptParameters.includes(name)) return refusals.unknownParameter;
    }
    const orcpt = badOrcpt(args ? args['ORCPT'] : undefined);
    if (orcpt) return orcpt;
    if (session.envelope.rcptTo.length >= this.#options.maxRecipients) return refusals.tooManyRecipients; // RFC 5321 section 4.5.3.1.10
    if (recipientDomain(address) === null) return refusals.badDomain;
    const local = address.slice(0, address.lastIndexOf('@'));
    return !isAscii(local) && !session.envelope.smtpUtf8 ? refusals.utf8Recipient : null;
  }

  async content(received: Buffer, session: SMTPServerSession): Promise<string | Refusal> {
    const about = this.#about(session);
    const prepared = this.#prepare(received, about, session);
    if (!prepared.ok) return unacceptable(prepared.code, prepared.message);
    const asked = this.#admit(prepared, about, session);
    if (!asked.ok) return asked.refusal;
    return this.#inject({ ...asked.injection, facts: prepared.facts, bytes: prepared.bytes });
  }

  /** A message that is not held whole. What its header says is refused before the rest is stored. */
  async large(stream: Readable, session: SMTPServerSession): Promise<string | Refusal> {
    const refuse = (refusal: Refusal): Refusal => (stream.resume(), refusal);
    const came = takeHeader(stream);
    if (came === null) return refuse(unacceptable('header_too_large', 'header is too long'));
    const about = this.#about(session);
    const header = this.#prepare(came, about, session);
    if (!header.ok) return refuse(unacceptable(header.code, header.message));
    const early = this.#admit(header, about, session);
    if (!early.ok) return refuse(early.refusal);
    const draft = this.#ports.draft();
    const message = { came, header, body: stream };
    const received = await receiveLarge(message, draft, this.#options.maxMessageBytes, this.#ports.clock);
    if (received.kind === 'refused') return received.refusal;
    // As the configuration says now.
    const asked = this.#admit(header, about, session);
    const reply = asked.ok
      ? await this.#inject({ ...asked.injection, facts: received.facts, bytes: nothing, stored: received.ref })
      : asked.refusal;
    if (typeof reply !== 'string') draft.discard();
    return reply;
  }

  #about(session: SMTPServerSession): About {
    const sender = session.envelope.mailFrom ? toAscii(session.envelope.mailFrom.address) : '';
    const recipients = session.envelope.rcptTo.map((recipient) => {
      const address = toAscii(recipient.address);
      return { address, domain: address.slice(address.lastIndexOf('@') + 1), dsn: dsnOf(recipient) };
    });
    return { messageId: this.#ports.random.uuid(), acceptedAt: this.#ports.clock.nowMs(), sender, recipients };
  }

  #prepare(bytes: Buffer, { messageId, acceptedAt, sender, recipients }: About, session: SMTPServerSession): Submission {
    return prepareSubmission({
      bytes,
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
  }

  /** Who sends it, into which stream, and what is asked for it: the injection but for its content. */
  #admit(prepared: Prepared, { messageId, acceptedAt, sender, recipients }: About, session: SMTPServerSession): Admitted {
    const refuse = (refusal: Refusal): Admitted => ({ ok: false, refusal });
    const generation = this.#ports.generation();
    if (!generation) return refuse(refusals.notConfigured);
    const principal = this.#principal(session, generation);
    if ('code' in principal) return refuse(principal);
    const lane = admitContent(generation, principal, prepared.facts.fromDomain, prepared.instructions);
    if (!lane.ok) return lane;
    const { expirySeconds, ...where } = lane.value;
    const asked = askedOptions(session.envelope, prepared, expirySeconds, acceptedAt);
    if (!asked.ok) return asked;
    const { tenantId } = principal;
    const { options, expiresAt } = asked;
    const { egress } = this.#options;
    return { ok: true, injection: { messageId, tenantId, ...where, sender, recipients, options, egress, acceptedAt, expiresAt } };
  }

  async #inject(injection: Injection): Promise<string | Refusal> {
    try {
      await this.#ports.accept(injection);
      return `2.0.0 Ok: queued as ${injection.messageId}`;
    } catch (error) {
      if (error instanceof SpoolError) return storageRefusal(error);
      throw error;
    }
  }
}

const nothing = new Uint8Array(0);
const isAscii = (text: string) => !/[^\u0020-\u007e]/.test(text);

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
  return `${address.slice(0, address.lastIndexOf('@'))}@${recipientDomain(address) ?? ''}`;
}
