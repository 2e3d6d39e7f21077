// One mail transaction of a submission session, as rules: who sends, from what, to whom, and what becomes of the content. The listener
// feeds it with what the protocol library parsed and sends its answers; a 250 for a content means that the spool has it on disk.
import type { SMTPServerSession } from 'smtp-server';
import type { EgressMode, Injection } from '../entry.ts';
import { buildReceived, prepareSubmission, type ReceivedFacts } from '../message/index.ts';
import { SpoolError, type Clock, type Random, type SpoolTrouble } from '../ports.ts';
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
import { refusals, unacceptable, type Refusal } from './refusal.ts';

export type SubmissionPorts = {
  clock: Clock;
  random: Random;
  /** Resolves when the message is on disk and with the queue. Rejects with a SpoolError: then nothing of it is held. */
  accept(injection: Injection): Promise<void>;
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
  receiveBudgetBytes: 512 * 1024 * 1024,
} as const;

export type SignedIn = { username: string; principal: Principal };
/** Parameters of MAIL FROM that are understood; any other is refused. RFC 5321 section 4.1.1.11. */
const mailParameters = ['SIZE', 'BODY', 'SMTPUTF8', 'AUTH', 'RET', 'ENVID', 'REQUIRETLS'];
const rcptParameters = ['NOTIFY', 'ORCPT'];

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
    const generation = this.#ports.generation();
    if (!generation) return refusals.notConfigured;
    const principal = this.#principal(session, generation);
    if ('code' in principal) return principal;
    const acceptedAt = this.#ports.clock.nowMs();
    const messageId = this.#ports.random.uuid();
    const sender = session.envelope.mailFrom ? toAscii(session.envelope.mailFrom.address) : '';
    const recipients = session.envelope.rcptTo.map((recipient) => {
      const address = toAscii(recipient.address);
      return { address, domain: address.slice(address.lastIndexOf('@') + 1), dsn: dsnOf(recipient) };
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
    const { expirySeconds, ...where } = lane.value;
    const asked = askedOptions(session.envelope, prepared, expirySeconds, acceptedAt);
    if (!asked.ok) return asked.refusal;
    try {
      const injection = {
        messageId,
        tenantId: principal.tenantId,
        ...where,
        sender,
        recipients,
        options: asked.options,
        egress: this.#options.egress,
        acceptedAt,
        expiresAt: asked.expiresAt,
      };
      await this.#ports.accept({ ...injection, facts: prepared.facts, bytes: prepared.bytes });
      return `2.0.0 Ok: queued as ${messageId}`;
    } catch (error) {
      if (error instanceof SpoolError) return error.code === 'disk_full' ? refusals.diskFull : refusals.storageFailed;
      throw error;
    }
  }
}

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
