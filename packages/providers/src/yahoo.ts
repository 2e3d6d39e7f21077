// Yahoo and AOL, and the domains of others whose MX is Yahoo's. Codes as the sender hub documents them
// (senders.yahooinc.com/smtp-error-codes) and as senders' logs show them.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badDmarc,
  badSenderDomain,
  busy,
  inactiveMailbox,
  kindOf,
  mailboxFull,
  onBlockList,
  recipientBusy,
  tooFast,
  tooManyConnections,
  tooManyPerConnection,
  unknownMailbox,
} from './rule-kinds.ts';

const putOff = kindOf({
  meaning: 'Everything from this source is put off for good; it will not end before the list or the content is mended.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'disable_source' },
});
const complained = kindOf({
  meaning: 'Volume, complaints or reputation: the source is deferred for some hours.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'slow_down' },
});
const refusedForGood = kindOf({
  meaning: 'Complaints about this mail: another try will not succeed.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'hold_stream' },
});
const phishing = kindOf({
  meaning: 'The content or its links were taken for phishing.',
  ...{ bounceClass: 'message', identity: 'url_domain', remedy: 'hold_stream' },
});

export const yahoo: SimulatedPreset = {
  key: 'yahoo',
  name: 'Yahoo',
  version: 2,
  domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com'],
  mxSuffixes: ['yahoodns.net'],
  limits: startingLimits(10, 5),
  settings: { messagesPerConnection: 20, recipientsPerTransaction: 30 },
  replyRules: [
    putOff(
      'yahoo.put-off',
      { pattern: String.raw`\[TS03\]|permanently deferred` },
      [421, '4.7.1', '[TS03] All messages from 192.0.2.7 will be permanently deferred'],
      [553, '5.7.1', 'All mail from 192.0.2.7 is permanently deferred'],
    ),
    tooManyPerConnection(
      'yahoo.per-connection',
      { codes: [4], pattern: 'max(imum)? messages? per connection' },
      [421, null, 'Max message per connection reached'],
      [421, '4.7.0', 'Maximum messages per connection reached'],
    ),
    tooManyConnections(
      'yahoo.connections',
      { codes: [4], pattern: 'too many connections' },
      [421, '4.7.1', '[TS01] Too many connections'],
      [421, null, 'Too many connections from 192.0.2.7'],
    ),
    complained(
      'yahoo.complaints',
      { codes: [4], pattern: String.raw`\[TSS?0[145]\]|\[IPTS0[45]\]` },
      [421, '4.7.0', '[TSS04] Deferred: unexpected volume or user complaints'],
      [421, '4.7.0', '[TS01] Deferred'],
      [421, '4.7.0', '[IPTS04] Deferred'],
      [421, '4.7.0', '[TSS05] Deferred'],
    ),
    tooFast(
      'yahoo.traffic',
      { codes: [4], pattern: String.raw`\[(IP)?TSS?02\]` },
      [421, '4.7.0', '[TS02] Unusual traffic from 192.0.2.7'],
      [421, '4.7.0', '[IPTS02] Unusual traffic from the network'],
    ),
    refusedForGood(
      'yahoo.refused',
      { codes: [5], pattern: String.raw`\[TSS(09|11)\]` },
      [553, '5.7.2', '[TSS09] Refused'],
      [553, '5.7.2', '[TSS11] Refused'],
    ),
    onBlockList(
      'yahoo.block-list',
      { codes: [5], pattern: String.raw`\[BL\d\d\]` },
      [553, '5.7.1', '[BL21] Listed'],
      [553, '5.7.1', '[BL23] Listed'],
    ),
    phishing(
      'yahoo.phishing',
      { codes: [5], pattern: String.raw`\[PH\d\d\]` },
      [554, null, '[PH01] Refused for policy reasons'],
      [553, null, '[PH02] Refused for policy reasons'],
    ),
    badDmarc(
      'yahoo.dmarc',
      { enhanced: ['5.7.9'] },
      [554, '5.7.9', 'Message not accepted for policy reasons'],
      [550, '5.7.9', 'Refused by the DMARC policy of the From domain'],
    ),
    badSenderDomain(
      'yahoo.sender-domain',
      { pattern: 'resolvable|unable to resolve' },
      [451, null, 'The MAIL FROM domain is unresolvable'],
      [553, null, 'Unable to resolve the domain of the sender'],
    ),
    recipientBusy(
      'yahoo.recipient-rate',
      { pattern: 'receiving mail too quickly' },
      [450, null, 'User is receiving mail too quickly'],
      [451, '4.2.1', 'This user is receiving mail too quickly'],
    ),
    mailboxFull(
      'yahoo.full',
      { pattern: 'over quota|mailbox full' },
      [452, '4.2.2', 'The mailbox is over quota'],
      [552, null, 'Mailbox full'],
    ),
    inactiveMailbox(
      'yahoo.disabled',
      { codes: [5], pattern: String.raw`mailbox is disabled|\(554\.30\)|no longer valid` },
      [554, null, 'delivery error: dd This mailbox is disabled (554.30)'],
      [554, null, 'The address is no longer valid'],
    ),
    unknownMailbox(
      'yahoo.unknown',
      { codes: [5], pattern: "doesn't have a|mailbox not found|no such user" },
      [554, null, "delivery error: dd This user doesn't have a yahoo.com account"],
      [552, null, 'Mailbox not found'],
    ),
    busy(
      'yahoo.busy',
      { codes: [4], pattern: 'temporarily unavailable|try again later' },
      [451, null, 'Resources temporarily unavailable'],
      [421, null, 'Please try again later'],
    ),
  ],
  simulated: {
    mxHosts: [
      { exchange: 'mta5.am0.yahoodns.net', preference: 1 },
      { exchange: 'mta6.am0.yahoodns.net', preference: 1 },
      { exchange: 'mta7.am0.yahoodns.net', preference: 1 },
    ],
    customerMx: null,
    replies: {
      rateLimited: {
        code: 421,
        enhanced: '4.7.0',
        text: '[TSS04] Messages from {source} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      },
      connectionLimited: {
        code: 421,
        enhanced: '4.7.1',
        text: '[TS01] Too many connections from {source}, try again later; see https://postmaster.yahooinc.com/error-codes',
      },
      unknownMailbox: {
        code: 554,
        enhanced: null,
        text: "delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0] - {host}",
      },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: 'The mailbox of {recipient} is over quota - {host}' },
      recipientBusy: { code: 450, enhanced: null, text: 'User is receiving mail too quickly' },
      temporaryFailure: { code: 451, enhanced: null, text: 'Resources temporarily unavailable. Please try again later. - {host}' },
      accepted: { code: 250, enhanced: null, text: 'ok dirdel {id}' },
    },
    reactions: {
      poorReputation: {
        code: 421,
        enhanced: '4.7.0',
        text: '[TSS05] Messages from {source} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
      },
      blocked: {
        code: 553,
        enhanced: '5.7.2',
        text: '[TSS09] All messages from {source} will be refused; retrying will not succeed; see https://postmaster.yahooinc.com/error-codes',
      },
      dkimDomainTooFast: { code: 421, enhanced: '4.7.0', text: '[TSS04] Messages temporarily deferred due to unexpected volume - {host}' },
      envelopeDomainTooFast: {
        code: 421,
        enhanced: '4.7.0',
        text: '[TSS04] Messages temporarily deferred due to unexpected volume - {host}',
      },
      greylisted: { code: 451, enhanced: null, text: 'Resources temporarily unavailable. Please try again later. - {host}' },
    },
    acceptedIdPattern: /ok dirdel ([0-9a-z]+)/,
  },
};
