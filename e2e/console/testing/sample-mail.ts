// Mail to look at: what an engine would have reported about it. Deterministic but for the time.
import { noEventFacts, type DeliveryEvent, type RemoteReply } from '@sluice/contract';
import type { Configured } from './sample-configuration.ts';

const minuteMs = 60_000;
const bootId = `boot-${process.pid}`;
const receivers = [
  { domain: 'gmail.com', provider: 'gmail', mx: 'gmail-smtp-in.l.google.com', address: '127.1.0.1' },
  { domain: 'yahoo.com', provider: 'yahoo', mx: 'mta5.am0.yahoodns.net', address: '127.1.0.2' },
  { domain: 'outlook.com', provider: 'outlook', mx: 'outlook-com.olc.protection.outlook.com', address: '127.1.0.3' },
] as const;
const replies: Record<'delivered' | 'deferred' | 'bounced', RemoteReply> = {
  delivered: { code: 250, enhanced: '2.0.0', text: 'OK  1795372811 d9443c01a7336-2a1c0e9b5f1si1829315ad.42 - gsmtp', command: 'message' },
  deferred: {
    code: 421,
    enhanced: '4.7.28',
    text: 'Our system has detected an unusual rate of unsolicited mail originating from your IP address.\nTo protect our users, mail sent from it has been temporarily rate limited.',
    command: 'mail',
  },
  bounced: { code: 550, enhanced: '5.1.1', text: 'The email account that you tried to reach does not exist.', command: 'rcpt' },
};

/** Events and messages so far: identities, and what varies from one message to the next. */
let sequence = 0;
let messages = 0;

function blank(at: number, type: DeliveryEvent['type']): DeliveryEvent {
  sequence += 1;
  return {
    id: `node-1/0/${bootId}/1/${sequence}`,
    type,
    at,
    node: 'node-1',
    egress: 'sandbox',
    ...noEventFacts,
  };
}

type Ending = 'delivered' | 'bounced' | 'deferred-then-delivered' | 'deferred';

/** One message to one recipient, from handing in to its ending (as far as that is before `until`). */
function lifeOf(configured: Configured, at: number, ending: Ending, until = Infinity): DeliveryEvent[] {
  messages += 1;
  const number = messages;
  const tenant = configured.tenants[number % configured.tenants.length];
  const receiver = receivers[number % receivers.length];
  if (!tenant || !receiver) return [];
  const sources = configured.sources.filter(
    (source) => source.pool === (number % configured.tenants.length === 0 ? 'bulk' : 'transactional'),
  );
  const source = sources[number % 3 === 0 ? 1 : 0];
  const messageId = `01ab${number.toString(16).padStart(8, '0')}`;
  const known = {
    tenantId: tenant.id,
    streamId: tenant.streamId,
    campaign: number % 2 === 0 ? 'autumn-2026' : null,
    messageId,
    entryId: `${messageId}.1`,
    sender: `bounce@${tenant.domain}`,
    recipient: `${['ada', 'grace', 'linus', 'radia', 'vint'][number % 5]}.${number}@${receiver.domain}`,
    domain: receiver.domain,
    sizeBytes: 4_211 + (number % 50) * 37,
  };
  const attempted = (when: number, outcome: keyof typeof replies, attempt: number): DeliveryEvent => ({
    ...blank(when, outcome),
    ...known,
    attempt,
    sourceId: source?.id ?? null,
    poolId: tenant.poolId,
    provider: receiver.provider,
    site: receiver.mx,
    mxHost: receiver.mx,
    remoteAddress: receiver.address,
    reply: replies[outcome],
    scope: 'recipient',
    bounceClass: outcome === 'bounced' ? 'bad_mailbox' : outcome === 'deferred' ? 'rate_limited' : null,
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verified: number % 4 !== 0 },
    latencyMs: 180 + (number % 9) * 41,
    nextAttemptAt: outcome === 'deferred' ? when + 60_000 * attempt : null,
  });
  const life: DeliveryEvent[] = [{ ...blank(at, 'accepted'), ...known, headerMessageId: `<${messageId}@${tenant.domain}>` }];
  if (ending === 'delivered' || ending === 'bounced') life.push(attempted(at + 420, ending, 1));
  if (ending === 'deferred' || ending === 'deferred-then-delivered') life.push(attempted(at + 510, 'deferred', 1));
  if (ending === 'deferred-then-delivered') life.push(attempted(at + 60_900, 'deferred', 2), attempted(at + 181_300, 'delivered', 3));
  return life.filter((event) => event.at <= until);
}

const endingOf = (number: number): Ending =>
  number % 23 === 0 ? 'bounced' : number % 11 === 0 ? 'deferred-then-delivered' : number % 17 === 0 ? 'deferred' : 'delivered';

/** The last `minutes` minutes, with a morning rise, a dip and a burst of deferrals. */
export function sampleHistory(configured: Configured, now: number, minutes: number): DeliveryEvent[] {
  const events: DeliveryEvent[] = [];
  for (let minute = minutes; minute > 0; minute -= 1) {
    const volume = Math.round(14 + 8 * Math.sin(minute / 9) + (minute % 7));
    for (let index = 0; index < volume; index += 1) {
      const burst = minute > 22 && minute < 30 && index % 3 === 0;
      events.push(
        ...lifeOf(configured, now - minute * minuteMs + index * 2_000, burst ? 'deferred-then-delivered' : endingOf(messages), now),
      );
    }
  }
  return events.sort((a, b) => a.at - b.at);
}

/** What one more second brings. */
export const sampleMoment = (configured: Configured, now: number): DeliveryEvent[] =>
  lifeOf(configured, now - 900, endingOf(messages), now);

/** A reply that tries to be markup, to be shown as text. */
export function hostileReply(configured: Configured, now: number): DeliveryEvent[] {
  const text = `<img src=x onerror="window.__hit=1"><script>window.__hit=1</script> <b>bold</b> & "quoted"\nsecond line`;
  return lifeOf(configured, now - 5_000, 'bounced').map((event) =>
    event.type === 'bounced'
      ? { ...event, recipient: 'hostile@gmail.com', domain: 'gmail.com', reply: { code: 554, enhanced: '5.7.1', text, command: 'message' } }
      : { ...event, recipient: 'hostile@gmail.com', domain: 'gmail.com' },
  );
}
