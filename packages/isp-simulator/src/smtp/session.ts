// One SMTP session as a receiver sees it: command lines and messages in, replies and what to do next out. RFC 5321 as far as a sender
// meets it; which mailbox answers what is in mailbox.ts, what a source may do in source-limits.ts, what the provider makes of how it
// sends in reaction/. Touches no socket.
import { fillReply, type SampleReply } from '@sluice/providers';
import { greylistMs, ruleOf, slowReplyMs } from '../mailbox.ts';
import type { Profile } from '../profiles.ts';
import type { SourceAccount } from '../source-limits.ts';
import type { Greylist } from '../greylist.ts';
import type { ReactingProvider, Sender } from '../reaction/reacting-provider.ts';
import type { SeededRandom } from '../clock.ts';

export type SessionContext = {
  host: string;
  source: string;
  /** What the source does here. */
  account: SourceAccount;
  profile: () => Profile;
  greylist: Greylist;
  /** The provider as it takes to its senders; null where it does not. */
  reaction: () => ReactingProvider | null;
  nowMs: () => number;
  random: SeededRandom;
};

/** Replies have their places filled in. */
export type Step = { reply: SampleReply; then: 'continue' | 'data' | 'starttls' | 'close' };
export type Envelope = { sender: string; senderParameters: string; recipients: { address: string; parameters: string }[] };
export type MessageVerdict =
  | { kind: 'reply'; id: string | null; reply: SampleReply; delayMs: number; close: boolean }
  /** The connection ends without a reply; `keep` says whether the message counts as received. */
  | { kind: 'drop'; keep: boolean };

const idLength = 24;
const maxUnknownCommands = 20;
const pathPattern = /^(FROM|TO):\s*<([^<>\s]*)>(?:\s+(.*))?$/i;

export class Session {
  readonly #context: SessionContext;
  #ehlo: string | null = null;
  #secure = false;
  #envelope: Envelope | null = null;
  #rateSpent = false;
  #messages = 0;
  #unknownCommands = 0;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  get ehlo(): string {
    return this.#ehlo ?? '';
  }

  /** Greeting, or the refusal of a connection too many. */
  greeting(allowed: boolean): Step {
    const { replies, greeting } = this.#context.profile();
    if (!allowed) return { reply: this.#fill(replies.connectionLimited), then: 'close' };
    return { reply: this.#fill({ code: 220, enhanced: null, text: greeting }), then: 'continue' };
  }

  /** After the handshake the client starts over. RFC 3207 section 4.2. */
  secured(): void {
    this.#secure = true;
    this.#ehlo = null;
    this.#envelope = null;
  }

  command(line: string): Step {
    const space = line.indexOf(' ');
    const verb = (space === -1 ? line : line.slice(0, space)).toUpperCase();
    const rest = space === -1 ? '' : line.slice(space + 1).trim();
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, rest);
      case 'STARTTLS':
        if (!this.#context.profile().offers.starttls || this.#secure) return this.#say(502, '5.5.1', 'Command not implemented');
        return { ...this.#say(220, '2.0.0', 'Ready to start TLS'), then: 'starttls' };
      case 'MAIL':
        return this.#mail(rest);
      case 'RCPT':
        return this.#rcpt(rest);
      case 'DATA':
        if (!this.#envelope) return this.#say(503, '5.5.1', 'MAIL first');
        if (this.#envelope.recipients.length === 0) return this.#say(554, '5.5.1', 'No valid recipients'); // RFC 5321 section 3.3
        return { reply: { code: 354, enhanced: null, text: 'Go ahead' }, then: 'data' };
      case 'RSET':
        this.#envelope = null;
        return this.#say(250, '2.0.0', 'Flushed');
      case 'NOOP':
        return this.#say(250, '2.0.0', 'OK');
      case 'QUIT':
        return { ...this.#say(221, '2.0.0', `${this.#context.host} closing connection`), then: 'close' };
      case 'VRFY':
        return this.#say(252, '2.1.5', 'Send some mail, I will try my best');
      default:
        this.#unknownCommands += 1;
        if (this.#unknownCommands > maxUnknownCommands)
          return { ...this.#say(421, '4.7.0', 'Too many errors, closing connection'), then: 'close' };
        return this.#say(500, '5.5.2', 'Unrecognized command');
    }
  }

  lineTooLong(): Step {
    return this.#say(500, '5.5.2', 'Line too long');
  }

  dataTooLong(): Step {
    this.#envelope = null;
    return this.#say(552, '5.3.4', 'Message exceeds fixed maximum message size');
  }

  /** Verdict over the message that just ended, signed by that domain, and the envelope it came with. */
  message(dkimDomain: string | null): { envelope: Envelope; verdict: MessageVerdict } {
    const envelope = this.#envelope ?? { sender: '', senderParameters: '', recipients: [] };
    this.#envelope = null;
    this.#messages += 1;
    return { envelope, verdict: this.#verdict(envelope, dkimDomain) };
  }

  #verdict(envelope: Envelope, dkimDomain: string | null): MessageVerdict {
    const { replies, messageDelayMs } = this.#context.profile();
    const rules = new Set(envelope.recipients.map((recipient) => ruleOf(recipient.address)));
    if (rules.has('drop') || rules.has('lose')) return { kind: 'drop', keep: !rules.has('lose') };
    const delayMs = rules.has('slow') ? slowReplyMs : this.#context.random.between(...messageDelayMs);
    const refuse = (reply: SampleReply): MessageVerdict => ({
      kind: 'reply',
      id: null,
      reply: this.#fill(reply),
      delayMs,
      close: reply.code === 421,
    });
    if (this.#rateSpent) return refuse(this.#tooFast(replies.rateLimited));
    if (rules.has('tempfail')) return refuse(replies.temporaryFailure);
    if (rules.has('reject')) return refuse({ code: 554, enhanced: '5.7.1', text: 'Message rejected due to content restrictions' });
    const attempt = { ...this.#sender(envelope), dkimDomain, complains: rules.has('complain') };
    const reaction = this.#context.reaction()?.message(attempt, envelope.recipients.length, this.#context.nowMs());
    if (reaction && reaction.kind !== 'pass') return refuse(reaction.reply);
    const id = this.#context.random.id(idLength);
    this.#context.account.countMessage();
    return { kind: 'reply', id, reply: this.#fill(replies.accepted, { id }), delayMs, close: false };
  }

  #hello(verb: 'EHLO' | 'HELO', name: string): Step {
    if (name === '') return this.#say(501, '5.5.4', `${verb} requires a domain`);
    this.#ehlo = name.slice(0, 255);
    this.#envelope = null;
    const { offers, maxMessageBytes } = this.#context.profile();
    const lines = [`${this.#context.host} at your service, [${this.#context.source}]`];
    if (verb === 'EHLO') {
      lines.push(`SIZE ${maxMessageBytes}`);
      if (offers.pipelining) lines.push('PIPELINING');
      if (offers.eightBitMime) lines.push('8BITMIME');
      if (offers.starttls && !this.#secure) lines.push('STARTTLS');
      if (offers.enhancedStatusCodes) lines.push('ENHANCEDSTATUSCODES');
      if (offers.dsn) lines.push('DSN');
      if (offers.smtpUtf8) lines.push('SMTPUTF8');
    }
    return { reply: { code: 250, enhanced: null, text: lines.join('\n') }, then: 'continue' };
  }

  #mail(rest: string): Step {
    if (this.#ehlo === null) return this.#say(503, '5.5.1', 'EHLO/HELO first');
    if (this.#envelope) return this.#say(503, '5.5.1', 'Nested MAIL command');
    const profile = this.#context.profile();
    const path = pathPattern.exec(rest);
    if (!path || path[1]?.toUpperCase() !== 'FROM') return this.#say(501, '5.5.4', 'Syntax: MAIL FROM:<address>');
    const size = /(?:^|\s)SIZE=(\d{1,20})(?:\s|$)/i.exec(path[3] ?? '')?.[1];
    if (size && Number(size) > profile.maxMessageBytes) return this.#say(552, '5.3.4', 'Message size exceeds fixed limit'); // RFC 1870 section 6.1
    const { messagesPerConnection } = profile.limits;
    if (messagesPerConnection !== null && this.#messages >= messagesPerConnection) {
      return { ...this.#say(421, '4.7.0', 'Max message per connection reached, closing transmission channel'), then: 'close' };
    }
    if (profile.rateLimitedAt === 'mail' && this.#context.account.spent(profile)) return this.#limited(profile);
    const reaction = this.#context.reaction()?.mail(this.#sender({ sender: path[2] ?? '' }), this.#context.nowMs());
    if (reaction && reaction.kind !== 'pass') return this.#refused(reaction.reply, '');
    this.#rateSpent = false;
    this.#envelope = { sender: path[2] ?? '', senderParameters: path[3] ?? '', recipients: [] };
    return this.#say(250, '2.1.0', 'OK');
  }

  #rcpt(rest: string): Step {
    const envelope = this.#envelope;
    if (!envelope) return this.#say(503, '5.5.1', 'MAIL first');
    const profile = this.#context.profile();
    const { replies } = profile;
    const path = pathPattern.exec(rest);
    const address = path?.[2] ?? '';
    if (path?.[1]?.toUpperCase() !== 'TO' || !/^[^@]+@[^@]+$/.test(address)) return this.#say(501, '5.1.3', 'Syntax: RCPT TO:<address>');
    if (envelope.recipients.length >= profile.maxRecipients) return this.#say(452, '4.5.3', 'Too many recipients'); // RFC 5321 section 4.5.3.1.10
    if (!this.#context.account.take(profile)) {
      if (profile.rateLimitedAt === 'mail') return this.#limited(profile);
      this.#rateSpent = true;
    }
    const rule = ruleOf(address);
    const attempt = { ...this.#sender(envelope), sender: envelope.sender, recipient: address, unknown: rule === 'unknown' };
    const reaction = this.#context.reaction()?.recipient(attempt, this.#context.nowMs());
    if (reaction && reaction.kind !== 'pass') return this.#refused(reaction.reply, address);
    switch (rule) {
      case 'unknown':
        return { reply: this.#fill(replies.unknownMailbox, { recipient: address }), then: 'continue' };
      case 'full':
        return { reply: this.#fill(replies.mailboxFull, { recipient: address }), then: 'continue' };
      case 'busy':
        return { reply: this.#fill(replies.recipientBusy, { recipient: address }), then: 'continue' };
      case 'greylist':
        if (!this.#context.greylist.passes(this.#context.source, envelope.sender, address)) {
          return this.#say(451, '4.7.1', `Greylisting in action, please come back in ${greylistMs / 1000} seconds`);
        }
        break;
      case 'tempfail':
      case 'reject':
      case 'slow':
      case 'drop':
      case 'lose':
      case 'complain':
      case 'normal':
        break;
    }
    envelope.recipients.push({ address, parameters: path[3] ?? '' });
    return this.#say(250, '2.1.5', 'OK');
  }

  #limited(profile: Profile): Step {
    return this.#refused(this.#tooFast(profile.replies.rateLimited), '');
  }

  /** The rate that the profile fixes is spent: the provider takes that as it takes its own deferrals. */
  #tooFast(reply: SampleReply): SampleReply {
    this.#context.reaction()?.tooFast(this.#context.source, this.#context.nowMs());
    return reply;
  }

  #refused(reply: SampleReply, recipient: string): Step {
    return { reply: this.#fill(reply, { recipient }), then: reply.code === 421 ? 'close' : 'continue' };
  }

  #sender({ sender }: { sender: string }): Sender {
    const at = sender.lastIndexOf('@');
    return { source: this.#context.source, envelopeDomain: at === -1 ? null : sender.slice(at + 1).toLowerCase() };
  }

  #say(code: number, enhanced: string, text: string): Step {
    const shown = this.#context.profile().offers.enhancedStatusCodes ? enhanced : null;
    return { reply: this.#fill({ code, enhanced: shown, text }), then: 'continue' };
  }

  #fill(reply: SampleReply, places: { recipient?: string; id?: string } = {}): SampleReply {
    const { source, host, random } = this.#context;
    const id = places.id ?? (reply.text.includes('{id}') ? random.id(12) : '');
    return fillReply(reply, { source, host, id, recipient: places.recipient ?? '' });
  }
}
