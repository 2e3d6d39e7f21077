// One mail transaction: what is to be sent, which replies are outstanding, and what became of each recipient. No bytes and no sockets:
// session.ts feeds it replies and asks what to say next. RFC 5321 section 3.3.
import type { Capabilities } from './capabilities.ts';
import { mailLine, rcptLine, wireAddress, type MailDsn, type WireAddress } from './commands.ts';
import type { SmtpReply } from './reply.ts';

export type Phase = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'message' | 'rset' | 'quit';

export type TransactionRequest = {
  sender: string;
  recipients: readonly { address: string; dsn: { notify: string | null; orcpt: string | null } | null }[];
  /** The message in pieces, without dot-stuffing. */
  chunks: readonly Uint8Array[];
  /** What follows the pieces, read as it is sent, in order and each once; ends in CRLF. */
  further?: { readonly bytes: number; readonly count: number; read(n: number): Promise<Uint8Array> } | null;
  /** The body holds octets above 127. */
  eightBit: boolean;
  /** Header or an address holds octets above 127. */
  utf8: boolean;
  /** Passed on where the peer offers DSN. */
  dsn?: MailDsn | null;
  /** Only for peers that promise the same of the next hop. RFC 8689 section 4.2.1 */
  requireTls?: boolean;
};

/** Octets of the message, without dot-stuffing. */
export function octetsOf({ chunks, further }: TransactionRequest): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, further?.bytes ?? 0);
}

export type Breakage = {
  phase: Phase;
  /** `content`: the rest of the message cannot be read on our side. */
  why: 'closed' | 'timeout' | 'protocol' | 'shutdown' | 'tls' | 'content';
  reply: SmtpReply | null;
  detail: string;
};

export type Obstacle = 'sender' | 'recipient' | 'eight_bit' | 'utf8' | 'size' | 'require_tls';

export type RecipientResult =
  | { kind: 'accepted'; reply: SmtpReply }
  | { kind: 'refused'; phase: 'mail' | 'rcpt' | 'data' | 'message'; reply: SmtpReply }
  /** The peer lacks what the message needs, or the address cannot be written on the wire; nothing was sent for it. */
  | { kind: 'unsendable'; why: Obstacle }
  /** The envelope left behind another message, and the connection ended before any answer to it: nobody was asked. */
  | { kind: 'unanswered'; detail: string }
  /** `dotSent`: the final dot left us and no reply came. */
  | ({ kind: 'broken'; dotSent: boolean } & Breakage);

export type PlannedCommand = { command: 'rset' | 'mail' | 'data'; line: string } | { command: 'rcpt'; line: string; index: number };

export class Transaction {
  readonly request: TransactionRequest;
  readonly plan: PlannedCommand[] = [];
  readonly #results: (RecipientResult | null)[];
  #mailRefused = false;
  #accepted = 0;
  #each = false;
  /** Replies that the dot still gets. */
  owedAfterDot = 1;
  /** Its envelope left behind the message of another. */
  readonly chained: boolean;
  /** The message goes by BDAT, so that there is no DATA. RFC 3030 section 2 */
  readonly chunked: boolean;
  /** Any reply to it came. */
  answered = false;

  constructor(request: TransactionRequest, peer: Capabilities, before: 'nothing' | 'unfinished' | 'message', chunked: boolean) {
    this.request = request;
    this.chunked = chunked;
    this.chained = before === 'message';
    this.#results = request.recipients.map(() => null);
    const sizeBytes = octetsOf(request);
    const sender = wireAddress(request.sender);
    const obstacle = this.#obstacle(sender, sizeBytes, peer);
    if (!sender || obstacle) {
      this.#settle(() => ({ kind: 'unsendable', why: obstacle ?? 'sender' }));
      return;
    }
    const addresses = request.recipients.map((recipient) => wireAddress(recipient.address));
    const rcpts = this.#planRecipients(addresses, peer);
    if (rcpts.length === 0) return;
    // What a refused chunk leaves behind is not known: the next transaction begins anew, whatever became of the last. RFC 3030 section 2
    if (before === 'unfinished' || (this.chained && chunked)) this.plan.push({ command: 'rset', line: 'RSET\r\n' });
    const utf8 = request.utf8 || sender.utf8 || addresses.some((address) => address?.utf8 === true && peer.smtpUtf8);
    const parameters = {
      sizeBytes: peer.size === null ? null : sizeBytes,
      eightBit: request.eightBit,
      utf8,
      dsn: peer.dsn ? (request.dsn ?? null) : null,
      requireTls: request.requireTls,
    };
    this.plan.push({ command: 'mail', line: mailLine(sender, parameters) }, ...rcpts);
    if (!chunked) this.plan.push({ command: 'data', line: 'DATA\r\n' });
  }

  /** Why this peer cannot take the message for anyone. */
  #obstacle(sender: WireAddress | null, sizeBytes: number, peer: Capabilities): Obstacle | null {
    if (!sender) return 'sender';
    if (this.request.requireTls && !peer.requireTls) return 'require_tls';
    if (peer.size !== null && peer.size > 0 && sizeBytes > peer.size) return 'size'; // RFC 1870 section 6.1
    if (this.request.eightBit && !peer.eightBitMime) return 'eight_bit'; // RFC 6152 section 3; we never transcode
    if ((this.request.utf8 || sender.utf8) && !peer.smtpUtf8) return 'utf8'; // RFC 6531 section 3.1
    return null;
  }

  #planRecipients(addresses: readonly (WireAddress | null)[], peer: Capabilities): PlannedCommand[] {
    const planned: PlannedCommand[] = [];
    for (const [index, address] of addresses.entries()) {
      if (!address || address.text === '') this.#results[index] = { kind: 'unsendable', why: 'recipient' };
      else if (address.utf8 && !peer.smtpUtf8) this.#results[index] = { kind: 'unsendable', why: 'utf8' };
      else
        planned.push({ command: 'rcpt', line: rcptLine(address, peer.dsn ? (this.request.recipients[index]?.dsn ?? null) : null), index });
    }
    return planned;
  }

  /** Gives every recipient without a result this one. */
  #settle(result: () => RecipientResult): void {
    for (const [index, known] of this.#results.entries()) this.#results[index] = known ?? result();
  }

  /** Whether anyone may still receive the message. */
  get hasRecipients(): boolean {
    return this.#accepted > 0;
  }

  get mailRefused(): boolean {
    return this.#mailRefused;
  }

  /** Takes the reply to one command of the envelope; for DATA only a refusal. */
  answer(answered: PlannedCommand, reply: SmtpReply): void {
    if (answered.command === 'mail' && reply.code >= 300) this.#refuseMail(reply);
    if (answered.command === 'rcpt') this.#answerRecipient(answered.index, reply);
    if (answered.command === 'data') this.#settle(() => ({ kind: 'refused', phase: 'data', reply }));
  }

  /** Takes a 4xx or 5xx to MAIL. */
  #refuseMail(reply: SmtpReply): void {
    this.#mailRefused = true;
    this.#settle(() => ({ kind: 'refused', phase: 'mail', reply }));
  }

  /** Takes a reply of class 2, 4 or 5 to one RCPT; after a refused MAIL it says nothing new. */
  #answerRecipient(index: number, reply: SmtpReply): void {
    if (this.#mailRefused) return;
    if (reply.code < 300) this.#accepted += 1;
    else this.#results[index] = { kind: 'refused', phase: 'rcpt', reply };
  }

  /** With LMTP every accepted recipient gets a reply of its own after the dot, in order. RFC 2033 section 4.2 */
  expectOneEach(): void {
    this.#each = true;
    this.owedAfterDot = this.#accepted;
  }

  /** Takes a reply to the message; the result is how many more are owed. */
  answerMessage(reply: SmtpReply): number {
    this.owedAfterDot -= 1;
    const result: RecipientResult = reply.code < 300 ? { kind: 'accepted', reply } : { kind: 'refused', phase: 'message', reply };
    if (this.#each) this.#results[this.#results.indexOf(null)] = result;
    else this.#settle(() => result);
    return this.owedAfterDot;
  }

  break(breakage: Breakage, dotSent: boolean): void {
    const unanswered = this.chained && !this.answered;
    this.#settle(() => (unanswered ? { kind: 'unanswered', detail: breakage.detail } : { kind: 'broken', dotSent, ...breakage }));
  }

  /** One result per recipient, in order. Call when all are known. */
  results(): RecipientResult[] {
    return this.#results.map((result) => {
      if (!result) throw new Error('a recipient has no result');
      return result;
    });
  }
}
