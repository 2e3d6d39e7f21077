// GMX, WEB.DE and mail.com, which one company runs on one platform. Reasons stand in words.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  blocked,
  busy,
  kindOf,
  mailboxFull,
  noReverseName,
  onBlockList,
  recipientBusy,
  spamContent,
  tooFast,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

const restricted = kindOf({
  meaning: 'The policy of the provider restricts this sender: mostly reputation or missing authentication.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'hold_warm_up' },
});

export const gmx: SimulatedPreset = {
  key: 'gmx',
  name: 'GMX and WEB.DE',
  version: 2,
  domains: ['gmx.net', 'gmx.de', 'gmx.at', 'gmx.ch', 'gmx.com', 'web.de', 'mail.com'],
  mxSuffixes: ['gmx.net', 'web.de', 'mail.com'],
  limits: startingLimits(10, 4),
  settings: { messagesPerConnection: 20, tls: 'required' },
  replyRules: [
    tooManyConnections(
      'gmx.connections',
      { codes: [4], pattern: 'too many connections' },
      [421, null, 'Too many connections from your host'],
      [421, '4.7.0', 'Service not available\nToo many connections'],
    ),
    noReverseName(
      'gmx.ptr',
      { pattern: 'bad dns ptr|ptr resource record' },
      [554, null, 'No SMTP service. Bad DNS PTR resource record.'],
      [550, null, 'PTR resource record missing'],
    ),
    onBlockList(
      'gmx.block-list',
      { codes: [5], pattern: 'block ?listed' },
      [554, null, 'IP address is block listed'],
      [550, '5.7.1', 'Blocklisted'],
    ),
    blocked(
      'gmx.blocked',
      { codes: [5], pattern: 'ip address is blocked' },
      [554, null, 'No SMTP service. IP address is blocked'],
      [550, null, 'Your IP address is blocked'],
    ),
    spamContent(
      'gmx.violations',
      { pattern: 'policy violations?' },
      [550, null, 'Reject due to policy violations'],
      [554, '5.7.1', 'Policy violation'],
    ),
    restricted(
      'gmx.restrictions',
      { pattern: 'policy restrictions?' },
      [554, null, 'Transaction failed\nReject due to policy restrictions.'],
      [421, null, 'Service not available due to policy restrictions'],
    ),
    tooFast(
      'gmx.rate',
      { codes: [4], pattern: 'limit exceeded|too many (mails|messages)' },
      [450, null, 'Mail send limit exceeded'],
      [421, null, 'Too many messages'],
    ),
    recipientBusy(
      'gmx.recipient-rate',
      { enhanced: ['4.2.1'] },
      [450, '4.2.1', 'The recipient gets mail too fast'],
      [451, '4.2.1', 'Recipient over its rate'],
    ),
    mailboxFull(
      'gmx.full',
      { pattern: 'exceeded storage|quota exceeded|mailbox full' },
      [552, null, 'Requested mail action aborted: exceeded storage allocation'],
      [452, '4.2.2', 'Mailbox full'],
    ),
    unknownMailbox(
      'gmx.unknown',
      { codes: [5], pattern: 'mailbox unavailable|user unknown' },
      [550, null, 'Requested action not taken: mailbox unavailable'],
      [551, '5.1.1', 'User unknown'],
    ),
    busy(
      'gmx.busy',
      { codes: [4], pattern: 'local error|not available|try again' },
      [451, null, 'Requested action aborted: local error in processing'],
      [421, null, 'Service not available'],
    ),
  ],
  simulated: {
    mxHosts: [
      { exchange: 'mx00.gmx.net', preference: 10 },
      { exchange: 'mx01.gmx.net', preference: 10 },
    ],
    customerMx: null,
    replies: {
      rateLimited: { code: 450, enhanced: null, text: 'Requested mail action not taken\nMail send limit exceeded for {source}' },
      connectionLimited: { code: 421, enhanced: null, text: '{host} Service not available\nToo many connections from {source}' },
      unknownMailbox: { code: 550, enhanced: null, text: 'Requested action not taken: mailbox unavailable\n{recipient}' },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: 'Mailbox full\n{recipient}' },
      recipientBusy: { code: 450, enhanced: '4.2.1', text: 'The recipient gets mail too fast\n{recipient}' },
      temporaryFailure: { code: 451, enhanced: null, text: 'Requested action aborted: local error in processing {id}' },
      accepted: { code: 250, enhanced: null, text: 'Requested mail action okay, completed: id={id}' },
    },
    reactions: {
      poorReputation: {
        code: 421,
        enhanced: null,
        text: '{host} Service not available\nService not available due to policy restrictions for {source}',
      },
      blocked: { code: 554, enhanced: null, text: '{host} No SMTP service\nIP address is blocked: {source}' },
      dkimDomainTooFast: { code: 450, enhanced: null, text: 'Requested mail action not taken\nMail send limit exceeded for {source}' },
      envelopeDomainTooFast: { code: 450, enhanced: null, text: 'Requested mail action not taken\nMail send limit exceeded for {source}' },
      greylisted: { code: 451, enhanced: null, text: 'Requested action aborted: local error in processing {id}' },
    },
    acceptedIdPattern: /completed: id=([0-9a-z.-]+)/,
  },
};
