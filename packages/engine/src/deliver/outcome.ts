// From what happened on the wire to what becomes of an entry. The reply is kept as evidence: bounded and without control characters,
// otherwise as it came.
import type { BounceClass, RemoteReply, ReplyRule } from '@sluice/contract';
import type { Outcome } from '../entry.ts';
import type { Breakage, Obstacle, Phase, RecipientResult, SmtpReply } from '../smtp/index.ts';
import { judge, scopeOf } from './classify.ts';

const MAX_REPLY_TEXT = 2_000;
const MAX_DETAIL = 500;
const MAX_REPLY_LINES = 100;

/** Cuts at a character, never inside a surrogate pair. */
function bounded(text: string, limit: number): string {
  return text.length <= limit ? text : text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
}

/** Control characters, line ends of Unicode, and the invisible characters that reorder text on a screen. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

export function detailOf(text: string): string {
  return bounded(text.replace(UNPRINTABLE, ' '), MAX_DETAIL);
}

/** A reply as it is kept in events. */
export function remoteReply(reply: SmtpReply, command: RemoteReply['command']): RemoteReply {
  const clean = reply.lines.slice(0, MAX_REPLY_LINES).map((line) => line.replace(UNPRINTABLE, ' ').trimEnd());
  return { code: reply.code, enhanced: reply.enhanced, text: bounded(clean.join('\n'), MAX_REPLY_TEXT), command };
}

const obstacles: Record<Obstacle, { bounceClass: BounceClass; detail: string }> = {
  sender: { bounceClass: 'message', detail: '5.1.7 the sender address cannot be written on the wire' },
  recipient: { bounceClass: 'bad_mailbox', detail: '5.1.3 the recipient address cannot be written on the wire' },
  eight_bit: { bounceClass: 'message', detail: '5.6.3 the receiving server does not take 8-bit content' }, // RFC 6152 section 3
  utf8: { bounceClass: 'message', detail: '5.6.7 the receiving server does not take internationalised addresses or headers' }, // RFC 6531 section 3.5
  size: { bounceClass: 'message', detail: '5.3.4 the message is larger than the receiving server takes' }, // RFC 1870 section 6.1
  require_tls: { bounceClass: 'tls', detail: '5.7.30 the receiving server does not offer REQUIRETLS' }, // RFC 8689 section 4.2.1
};

type Rules = readonly ReplyRule[];

/** Class of a refusal, and the rule that said it. */
function because(reply: SmtpReply, phase: Phase, rules: Rules): Pick<Outcome, 'bounceClass' | 'replyRule'> & { permanent: boolean } {
  const { permanent, bounceClass, replyRule } = judge(reply, phase, rules);
  return { permanent, bounceClass, ...(replyRule === null ? {} : { replyRule }) };
}

function refused(phase: Phase, reply: SmtpReply, ofEach: boolean, rules: Rules): Outcome {
  const { permanent, ...why } = because(reply, phase, rules);
  return {
    kind: permanent ? 'bounced' : 'deferred',
    scope: ofEach && phase === 'message' ? 'recipient' : scopeOf(phase),
    reply: remoteReply(reply, phase),
    ...why,
    detail: null,
    dotSent: false,
  };
}

const breakageClass: Record<Breakage['why'], BounceClass> = {
  closed: 'network',
  timeout: 'network',
  protocol: 'protocol',
  shutdown: 'rate_limited',
  tls: 'tls',
  content: 'other',
};

/** A connection that ended is temporary whatever was said with it: 421 speaks for the host. RFC 5321 section 3.8. */
function becauseOf({ reply, phase, why }: Breakage, saysWhy: boolean, rules: Rules): Pick<Outcome, 'bounceClass' | 'replyRule'> {
  if (!reply || !saysWhy) return { bounceClass: breakageClass[why] };
  const { permanent: _permanent, ...said } = because(reply, phase, rules);
  return said;
}

function broken(breakage: Breakage, dotSent: boolean, rules: Rules): Outcome {
  return {
    kind: 'deferred',
    scope: breakage.why === 'content' ? 'transaction' : 'session',
    reply: breakage.reply ? remoteReply(breakage.reply, breakage.phase) : null,
    ...becauseOf(breakage, breakage.why === 'shutdown', rules),
    detail: detailOf(`${breakage.phase}: ${breakage.detail}`),
    dotSent,
    ...(breakage.why === 'content' ? { contentLost: true as const } : {}),
    ...(isUnoffered(breakage) ? { unoffered: true as const } : {}),
  };
}

/** The peer left, with 421 or without, before it took the first command: what came after it in the same flight counts for nothing. */
function isUnoffered({ phase, why, reply }: Breakage): boolean {
  if (phase !== 'rset' && phase !== 'mail') return false;
  return why === 'shutdown' || ((why === 'closed' || why === 'timeout') && reply === null);
}

/**
 * The outcome of one recipient. `ofEach`: the message is answered for each recipient, as by LMTP. RFC 2033 section 4.2. `rules`: those of
 * the provider.
 */
export function outcomeOf(result: RecipientResult, ofEach: boolean, rules: Rules): Outcome {
  switch (result.kind) {
    case 'accepted':
      return {
        kind: 'delivered',
        scope: 'transaction',
        reply: remoteReply(result.reply, 'message'),
        bounceClass: null,
        detail: null,
        dotSent: false,
      };
    case 'refused':
      return refused(result.phase, result.reply, ofEach, rules);
    case 'unsendable': {
      const { bounceClass, detail } = obstacles[result.why];
      return {
        kind: 'bounced',
        scope: result.why === 'recipient' ? 'recipient' : 'transaction',
        reply: null,
        bounceClass,
        detail,
        dotSent: false,
      };
    }
    case 'unanswered':
      return {
        kind: 'deferred',
        scope: 'session',
        reply: null,
        bounceClass: 'network',
        detail: detailOf(result.detail),
        dotSent: false,
        unoffered: true,
      };
    case 'broken':
      return broken(result, result.dotSent, rules);
    default:
      return assertNever(result);
  }
}

function assertNever(result: never): never {
  throw new Error(`unknown result ${JSON.stringify(result)}`);
}

/** What a failed set-up of a connection means: the path waits, no entry pays. */
export function setupFailureOf(breakage: Breakage, rules: Rules): Outcome & { kind: 'deferred' } {
  return {
    kind: 'deferred',
    scope: 'path',
    reply: breakage.reply ? remoteReply(breakage.reply, breakage.phase) : null,
    ...becauseOf(breakage, breakage.why !== 'tls', rules),
    detail: detailOf(`${breakage.phase}: ${breakage.detail}`),
    dotSent: false,
  };
}
