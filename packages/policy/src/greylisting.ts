// Whether a deferral is greylisting: the receiver turns away whoever it does not know and lets the same source in when it comes back. Said
// by the provider's own rule, or by the words that every greylister uses.
import type { RemoteReply } from '@sluice/contract';

/** How long a domain that greylists is remembered to. Receivers keep what they learnt for a day or more. */
export const greylistMemoryMs = 24 * 3_600_000;

type Deferred = { kind: string; reply: RemoteReply | null; replyRule?: string };

const ofMail: ReadonlySet<RemoteReply['command']> = new Set(['mail', 'rcpt', 'data', 'message']);
const words = /gr[ae]y-? ?list/i;
/** `mimecast.greylist`, `greylist.own`. */
const ruleWords = /(?:^|\.)gr[ae]ylist/;

export function isGreylisting({ kind, reply, replyRule }: Deferred): boolean {
  if (kind !== 'deferred' || reply === null || reply.code < 400 || reply.code > 499 || !ofMail.has(reply.command)) return false;
  return replyRule === undefined ? words.test(reply.text) : ruleWords.test(replyRule) || words.test(reply.text);
}
