// The facts of one event in the words of the field, as name and value; what is not known is left out.
import type { BounceClass, OutcomeScope } from '@sluice/contract';
import type { EventView } from '@sluice/contract/api';
import { milliseconds } from '../format/number.ts';

export type Fact = { name: string; value: string; mono: boolean };

const bounceWords: Record<BounceClass, string> = {
  bad_mailbox: 'no such mailbox',
  bad_domain: 'no such domain',
  mailbox_full: 'mailbox full',
  policy: 'policy of the receiver',
  rate_limited: 'rate limited by the receiver',
  message: 'the message itself',
  network: 'network',
  dns: 'DNS',
  tls: 'TLS',
  protocol: 'protocol',
  expired: 'not delivered in time',
  administrative: 'returned by an operator',
  other: 'not classified',
};
const scopeWords: Record<OutcomeScope, string> = {
  recipient: 'this recipient',
  transaction: 'this transaction',
  session: 'this connection',
  path: 'the whole path',
};

function tlsWords(tls: EventView['tls'], connected: boolean): string | null {
  if (tls === null) return connected ? 'none: sent in clear text' : null;
  const proof = tls.verified ? `verified${tls.verifiedBy === 'dane' ? ' by DANE' : ''}` : 'not verified';
  const required = tls.requirement === undefined ? '' : `, required: ${tls.requirement.replaceAll('_', ' ')}`;
  return `${tls.version}, ${tls.cipher}, certificate ${proof}${required}`;
}

/** Only an answer by the remote server proves that there was a connection without TLS. */
export function factsOf(event: EventView): Fact[] {
  const transferred = event.type === 'delivered' || event.remoteReply?.command === 'message';
  const remote = event.mxHost === null ? event.remoteAddress : `${event.mxHost}${event.remoteAddress ? ` [${event.remoteAddress}]` : ''}`;
  const facts: [string, string | null, boolean][] = [
    ['Source', event.source ?? event.sourceId, false],
    ['Remote host', remote, true],
    ['Provider', event.provider, false],
    ['TLS', tlsWords(event.tls, transferred), false],
    ['Took', event.latencyMs === null ? null : milliseconds(event.latencyMs), false],
    ['Because of', event.bounceClass === null ? null : bounceWords[event.bounceClass], false],
    ['The rule says', event.replyRule === null ? null : (event.replyRule.meaning ?? 'the rule is gone'), false],
    ['Reply rule', event.replyRule?.key ?? null, true],
    ['Concerns', event.scope === null || event.type === 'delivered' ? null : scopeWords[event.scope], false],
    ['Node', event.type === 'accepted' ? event.node : null, true],
  ];
  return facts.flatMap(([name, value, mono]) => (value === null ? [] : [{ name, value, mono }]));
}
