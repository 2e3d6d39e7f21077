// An accounting event as a list of values in a fixed order, and back. Names and mostly empty fields would be two thirds of every journal
// record. Both directions stand here side by side: the order is the format (version 1; values are only ever appended).
import type { DeliveryEvent } from '@sluice/contract';
import type { UnplacedEvent } from '../entry.ts';

export function eventValues(event: UnplacedEvent): EventValues {
  const values: EventValues = [
    event.type,
    event.at,
    event.egress,
    event.tenantId,
    event.streamId,
    event.campaign,
    event.messageId,
    event.entryId,
    event.sender,
    event.recipient,
    event.domain,
    event.sizeBytes,
    event.attempt,
    event.sourceId,
    event.poolId,
    event.provider,
    event.site,
    event.mxHost,
    event.remoteAddress,
    event.reply === null ? null : [event.reply.code, event.reply.enhanced, event.reply.text, event.reply.command],
    event.scope,
    event.bounceClass,
    event.detail,
    event.tls === null ? null : tlsValues(event.tls),
    event.latencyMs,
    event.nextAttemptAt,
    event.heldCount,
    event.headerMessageId,
  ];
  // Absent from most records, and then it costs them nothing.
  if (event.replyRule !== undefined) values[28] = event.replyRule;
  return values;
}

type Reply = NonNullable<DeliveryEvent['reply']>;
type Tls = NonNullable<DeliveryEvent['tls']>;
type ReplyValues = [Reply['code'], Reply['enhanced'], Reply['text'], Reply['command']];
type TlsValues = [Tls['version'], Tls['cipher'], Tls['verified'], Tls['verifiedBy']?, Tls['requirement']?];
type E = UnplacedEvent;

function tlsValues({ version, cipher, verified, verifiedBy, requirement }: Tls): TlsValues {
  return verifiedBy === undefined ? [version, cipher, verified] : [version, cipher, verified, verifiedBy, requirement];
}

function tlsOf([version, cipher, verified, verifiedBy, requirement]: TlsValues): Tls {
  return verifiedBy === undefined ? { version, cipher, verified } : { version, cipher, verified, verifiedBy, requirement };
}

export type EventValues = [
  type: E['type'],
  at: number,
  egress: E['egress'],
  tenantId: E['tenantId'],
  streamId: E['streamId'],
  campaign: E['campaign'],
  messageId: E['messageId'],
  entryId: E['entryId'],
  sender: E['sender'],
  recipient: E['recipient'],
  domain: E['domain'],
  sizeBytes: E['sizeBytes'],
  attempt: E['attempt'],
  sourceId: E['sourceId'],
  poolId: E['poolId'],
  provider: E['provider'],
  site: E['site'],
  mxHost: E['mxHost'],
  remoteAddress: E['remoteAddress'],
  reply: ReplyValues | null,
  scope: E['scope'],
  bounceClass: E['bounceClass'],
  detail: E['detail'],
  tls: TlsValues | null,
  latencyMs: E['latencyMs'],
  nextAttemptAt: E['nextAttemptAt'],
  heldCount: E['heldCount'],
  headerMessageId: E['headerMessageId'],
  replyRule?: NonNullable<E['replyRule']>,
];

export function eventOf(values: EventValues, id: string, node: string): DeliveryEvent {
  const [type, at, egress, tenantId, streamId, campaign, messageId, entryId, sender, recipient, domain, sizeBytes, attempt] = values;
  const [sourceId, poolId, provider, site, mxHost, remoteAddress, reply, scope, bounceClass, detail, tls] = values.slice(13) as Tail;
  const [latencyMs, nextAttemptAt, heldCount, headerMessageId, replyRule] = values.slice(24) as Last;
  return {
    id,
    type,
    at,
    node,
    egress,
    tenantId,
    streamId,
    campaign,
    messageId,
    entryId,
    sender,
    recipient,
    domain,
    sizeBytes,
    attempt,
    sourceId,
    poolId,
    provider,
    site,
    mxHost,
    remoteAddress,
    reply: reply === null ? null : { code: reply[0], enhanced: reply[1], text: reply[2], command: reply[3] },
    scope,
    bounceClass,
    detail,
    tls: tls === null ? null : tlsOf(tls),
    latencyMs,
    nextAttemptAt,
    heldCount,
    headerMessageId,
    ...(replyRule === undefined ? {} : { replyRule }),
  };
}

type V = EventValues;
type Tail = [V[13], V[14], V[15], V[16], V[17], V[18], V[19], V[20], V[21], V[22], V[23]];
type Last = [V[24], V[25], V[26], V[27], V[28]?];
