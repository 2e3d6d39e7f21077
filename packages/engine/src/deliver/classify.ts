// What a reply means: is it final, whom does it concern, and why was it said. Codes and phase tell it of every server; the reply rules of
// a known provider say it better. Whatever is not understood is temporary: mail is never lost to a surprise.
import type { BounceClass, OutcomeScope, ReplyRule } from '@sluice/contract';
import { compiledReplyRules, readReply } from '@sluice/policy';
import type { Phase, SmtpReply } from '../smtp/index.ts';

type Coded = Pick<SmtpReply, 'code' | 'enhanced'>;

const concernsMail = (phase: Phase): boolean => phase === 'mail' || phase === 'rcpt' || phase === 'data' || phase === 'message';

/** Whether a reply ends the matter for those whom it concerns. RFC 5321 section 4.2.1. */
export function isPermanent(reply: Coded, phase: Phase): boolean {
  if (reply.code < 500 || reply.code > 559) return false;
  // Before any message was offered a refusal concerns this host and source, not the mail.
  if (!concernsMail(phase)) return false;
  // Codes that contradict each other are not understood.
  if (reply.enhanced !== null && !reply.enhanced.startsWith('5')) return false;
  if (reply.code === 503) return false; // "bad sequence": our state and theirs differ, the mail is not at fault
  if (reply.code === 552 && phase === 'rcpt') {
    // "Too many recipients" in the old dialect. RFC 5321 section 4.5.3.1.10
    return reply.enhanced !== null && reply.enhanced !== '5.5.3';
  }
  if (reply.enhanced === '5.5.3') return false; // too many recipients: fewer may pass. RFC 3463 section 3.6
  return true;
}

/** The server refuses to go on without TLS: "530 Must issue a STARTTLS command first", "encryption needed". RFC 3207 section 4, RFC 5248. */
export function demandsTls(reply: Coded): boolean {
  return reply.code === 530 || reply.enhanced === '5.7.10';
}

/** Whom a reply concerns. */
export function scopeOf(phase: Phase): OutcomeScope {
  switch (phase) {
    case 'rcpt':
      return 'recipient';
    case 'mail':
    case 'data':
    case 'message':
      return 'transaction';
    case 'greeting':
    case 'ehlo':
    case 'starttls':
    case 'auth':
      return 'path';
    case 'rset':
    case 'quit':
      return 'session';
    default:
      return assertNever(phase);
  }
}

function assertNever(phase: never): never {
  throw new Error(`unknown phase ${String(phase)}`);
}

/** Subject and detail of an enhanced code -> class; `subject.*` is the fallback of a subject. RFC 3463, RFC 7504, RFC 7505. */
const byEnhanced: Readonly<Record<string, BounceClass>> = {
  '1.*': 'bad_mailbox',
  '1.2': 'bad_domain',
  '1.7': 'policy', // bad sender address
  '1.8': 'policy', // bad sender system
  '1.10': 'bad_domain', // null MX
  '2.*': 'bad_mailbox',
  '2.2': 'mailbox_full',
  '2.3': 'message', // too long for this mailbox
  '3.*': 'other',
  '3.4': 'message', // too big
  '4.*': 'network',
  '4.5': 'rate_limited', // congestion
  '4.7': 'expired',
  '5.*': 'protocol',
  '5.3': 'rate_limited', // too many recipients
  '6.*': 'message',
  '7.*': 'policy',
  '7.28': 'rate_limited', // mail flood
};

function byCode(code: number, phase: Phase): BounceClass {
  if (code === 421) return 'rate_limited';
  if (code === 452) return phase === 'rcpt' ? 'rate_limited' : 'other'; // RFC 5321 section 4.5.3.1.10
  if (code === 450 || code === 451) return 'other';
  if (code >= 500 && code <= 504) return 'protocol';
  if (code === 552) return phase === 'rcpt' ? 'mailbox_full' : 'message';
  if (phase === 'rcpt' && (code === 550 || code === 551 || code === 553)) return 'bad_mailbox';
  if (code === 550 || code === 551 || code === 553 || code === 554 || code === 530 || code === 521 || code === 556) return 'policy';
  return 'other';
}

/** Why a negative reply was given, as far as codes tell. */
export function classOf(reply: Coded, phase: Phase): BounceClass {
  const parts = reply.enhanced?.split('.') ?? [];
  const [, subject, detail] = parts;
  if (subject !== undefined && detail !== undefined) {
    const known = byEnhanced[`${Number(subject)}.${Number(detail)}`] ?? byEnhanced[`${Number(subject)}.*`];
    // A temporary policy answer is a brake, not a judgement.
    if (known === 'policy' && reply.code === 421) return 'rate_limited';
    if (known) return known;
  }
  return byCode(reply.code, phase);
}

/** What a refusal comes to. `replyRule`: key of the provider's rule that said so. */
export type Verdict = { permanent: boolean; bounceClass: BounceClass; replyRule: string | null };

/**
 * By the first of the provider's rules that matches, else by codes. A rule may make every refusal temporary; permanent only one of mail:
 * before any was offered a refusal is no judgement of it.
 */
export function judge(reply: SmtpReply, phase: Phase, rules: readonly ReplyRule[]): Verdict {
  const permanent = isPermanent(reply, phase);
  const { code, enhanced, lines } = reply;
  const rule = rules.length === 0 ? null : readReply(compiledReplyRules(rules), { code, enhanced, text: lines.join(' ') }, phase);
  if (rule === null) return { permanent, bounceClass: classOf(reply, phase), replyRule: null };
  const decided = rule.permanence === null ? permanent : rule.permanence === 'permanent' && concernsMail(phase);
  return { permanent: decided, bounceClass: rule.bounceClass, replyRule: rule.key };
}
