// The kinds of refusals that providers give, each with what it means, whom it blames and what would help. A preset adds how the provider
// words it: `tooFast('gmail.rate-ip', { enhanced: ['4.7.28'] }, [421, '4.7.28', 'unusual rate ...'])`.
import type { ReplyRule } from '@sluice/contract';

type Kind = Pick<ReplyRule, 'meaning' | 'bounceClass' | 'identity' | 'remedy'> & Partial<Pick<ReplyRule, 'permanence'>>;
type Sample = readonly [code: number, enhanced: string | null, text: string];
type Match = Partial<ReplyRule['match']>;
type RuleMaker = (key: string, match: Match, ...samples: readonly Sample[]) => ReplyRule;

/** A rule maker for a kind of refusal; also for what only one provider says. */
export function kindOf({ permanence = null, ...kind }: Kind): RuleMaker {
  return (key, match, ...samples) => ({
    ...kind,
    key,
    permanence,
    match: { codes: [], enhanced: [], pattern: null, phases: [], ...match },
    samples: samples.map(([code, enhanced, text]) => ({ code, enhanced, text })),
  });
}

export const unknownMailbox = kindOf({
  meaning: 'There is no such mailbox.',
  ...{ bounceClass: 'bad_mailbox', identity: 'recipient', remedy: 'suppress_recipient' },
});
export const inactiveMailbox = kindOf({
  meaning: 'The mailbox is switched off or no longer in use.',
  ...{ bounceClass: 'bad_mailbox', identity: 'recipient', remedy: 'suppress_recipient' },
});
export const mailboxFull = kindOf({
  meaning: 'The mailbox is full; it may have room later.',
  ...{ bounceClass: 'mailbox_full', identity: 'recipient', remedy: 'none' },
});
/** Temporary whatever the code: the mailbox is there, and the next hour it takes mail again. */
export const recipientBusy = kindOf({
  meaning: 'This one mailbox gets mail too fast; only mail to it has to wait.',
  ...{ bounceClass: 'rate_limited', identity: 'recipient', remedy: 'none', permanence: 'temporary' },
});
export const tooFast = kindOf({
  meaning: 'The source sends faster than its reputation allows here.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'slow_down' },
});
/** For providers that answer a rate with a permanent code: the mail is not at fault. */
export const tooFastForNow = kindOf({
  meaning: 'The source sends too fast; the code says never, but the provider means not now.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'slow_down', permanence: 'temporary' },
});
export const tooManyConnections = kindOf({
  meaning: 'The source has too many connections open here.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'fewer_connections' },
});
export const tooManyPerConnection = kindOf({
  meaning: 'One connection carried more messages than the provider takes on it.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'fewer_messages_per_connection' },
});
export const poorReputation = kindOf({
  meaning: 'The address of the source has a poor reputation here; it is held to a trickle.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'hold_warm_up' },
});
export const blocked = kindOf({
  meaning: 'The provider blocks the address of the source.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'disable_source' },
});
export const onBlockList = kindOf({
  meaning: 'The address of the source is on a block list that the provider asks.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'disable_source' },
});
export const spamContent = kindOf({
  meaning: 'The content was taken for spam.',
  ...{ bounceClass: 'message', identity: 'message', remedy: 'hold_stream' },
});
export const badUrl = kindOf({
  meaning: 'A domain in the links of the message is on a block list.',
  ...{ bounceClass: 'message', identity: 'url_domain', remedy: 'hold_stream' },
});
export const badSpf = kindOf({
  meaning: 'SPF does not vouch for the source under the envelope domain.',
  ...{ bounceClass: 'policy', identity: 'envelope_domain', remedy: 'fix_authentication' },
});
export const badDkim = kindOf({
  meaning: 'The DKIM signature is missing or does not verify.',
  ...{ bounceClass: 'policy', identity: 'dkim_domain', remedy: 'fix_authentication' },
});
export const badDmarc = kindOf({
  meaning: 'DMARC fails: neither SPF nor DKIM passes for the domain of the From header.',
  ...{ bounceClass: 'policy', identity: 'envelope_domain', remedy: 'fix_authentication' },
});
export const unauthenticated = kindOf({
  meaning: 'The mail is not authenticated; SPF, DKIM and DMARC are demanded of its sender.',
  ...{ bounceClass: 'policy', identity: 'envelope_domain', remedy: 'fix_authentication' },
});
export const noReverseName = kindOf({
  meaning: 'The address of the source has no name that leads back to it (PTR record).',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'fix_authentication' },
});
export const badSenderDomain = kindOf({
  meaning: 'The domain of the envelope sender cannot be resolved.',
  ...{ bounceClass: 'policy', identity: 'envelope_domain', remedy: 'fix_authentication' },
});
export const malformed = kindOf({
  meaning: 'The message is not well formed.',
  ...{ bounceClass: 'message', identity: 'message', remedy: 'hold_stream' },
});
export const greylisted = kindOf({
  meaning: 'Greylisting: a first try has to wait, the same source may come back in some minutes.',
  ...{ bounceClass: 'other', identity: 'none', remedy: 'none' },
});
export const busy = kindOf({
  meaning: 'The provider is busy or has a trouble of its own; trying again helps.',
  ...{ bounceClass: 'other', identity: 'none', remedy: 'none' },
});
