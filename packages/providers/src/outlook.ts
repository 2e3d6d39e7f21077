// Microsoft: outlook.com for consumers, and the customers of Microsoft 365, each of whom has an MX host of its own under one suffix:
// a hundred thousand sites that share one provider, and the same limits. Codes as Microsoft documents them (postmaster pages, list of
// non-delivery reports) and as senders' logs show them.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badDmarc,
  badSpf,
  blocked,
  busy,
  inactiveMailbox,
  kindOf,
  mailboxFull,
  onBlockList,
  poorReputation,
  recipientBusy,
  spamContent,
  tooFast,
  tooManyConnections,
  tooManyPerConnection,
  unauthenticated,
  unknownMailbox,
} from './rule-kinds.ts';

const looksCompromised = kindOf({
  meaning: 'The address looks like that of a compromised or dial-up machine.',
  ...{ bounceClass: 'policy', identity: 'source', remedy: 'disable_source' },
});
const suspicious = kindOf({
  meaning: 'Suspicious activity: the address of the source is restricted for a while.',
  ...{ bounceClass: 'rate_limited', identity: 'source', remedy: 'slow_down' },
});

export const outlook: SimulatedPreset = {
  key: 'outlook',
  name: 'Outlook',
  version: 2,
  domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
  mxSuffixes: ['olc.protection.outlook.com', 'mail.protection.outlook.com', 'mx.microsoft'],
  limits: startingLimits(10, 5),
  settings: { messagesPerConnection: 50, recipientsPerTransaction: 100 },
  replyRules: [
    blocked(
      'outlook.blocked',
      { codes: [5], pattern: String.raw`\b(S3140|S3150)\b` },
      [550, '5.7.1', 'Your network is on our block list (S3140)'],
      [550, '5.7.1', 'Your network is on our block list (S3150)'],
    ),
    blocked(
      'outlook.banned',
      { codes: [5], enhanced: ['5.7.*'], pattern: 'banned sending ip' },
      [550, '5.7.606', 'Banned sending IP [192.0.2.7]'],
      [550, '5.7.511', 'Access denied, banned sender\nBanned sending IP [192.0.2.7]'],
    ),
    tooManyPerConnection(
      'outlook.per-connection',
      { pattern: String.raw`\bRP-002\b|messages per connection` },
      [421, null, 'RP-002 Too many messages'],
      [421, null, 'The maximum number of messages per connection was reached'],
    ),
    tooManyConnections(
      'outlook.connections',
      { codes: [4], pattern: String.raw`\b(RP-003|S3115)\b|concurrent (server )?connections` },
      [421, null, 'RP-003 Too many connections'],
      [451, '4.7.652', 'Too many connections from [192.0.2.7] (S3115)'],
      [421, '4.3.2', 'The maximum number of concurrent server connections has exceeded a limit'],
    ),
    poorReputation(
      'outlook.reputation',
      { enhanced: ['4.7.650', '4.7.651'] },
      [451, '4.7.650', 'Rate limited due to IP reputation (S775)'],
      [451, '4.7.651', 'Rate limited due to IP reputation (S3114)'],
    ),
    tooFast(
      'outlook.rate',
      { pattern: String.raw`\bRP-001\b` },
      [421, null, 'RP-001 Over the rate that its reputation allows'],
      [450, null, 'RP-001 Later'],
    ),
    tooFast(
      'outlook.busy-for-source',
      { codes: [4], pattern: 'server busy.*from' },
      [451, '4.7.500', 'Server busy, try again later from [192.0.2.7]'],
      [421, '4.7.500', 'Server busy\nTry later from [192.0.2.7]'],
    ),
    suspicious(
      'outlook.suspicious',
      { codes: [4], enhanced: ['4.7.*'], pattern: String.raw`\(AS\d+\)` },
      [451, '4.7.550', 'Try again later (AS843)'],
      [451, '4.7.500', 'Access denied (AS77713)'],
    ),
    unauthenticated(
      'outlook.unauthenticated',
      { enhanced: ['5.7.515'] },
      [550, '5.7.515', 'The sending domain does not meet what is demanded'],
      [550, '5.7.515', 'Access denied, SPF and DKIM must pass'],
    ),
    badDmarc(
      'outlook.dmarc',
      { enhanced: ['5.7.509'] },
      [550, '5.7.509', 'The domain fails DMARC and its policy is reject'],
      [554, '5.7.509', 'Access denied by DMARC'],
    ),
    badSpf('outlook.spf', { enhanced: ['5.7.23'] }, [550, '5.7.23', 'SPF violation'], [550, '5.7.23', 'The message fails SPF']),
    spamContent(
      'outlook.content',
      { codes: [5], pattern: String.raw`\bSC-00[1-4]\b` },
      [550, null, 'SC-001 Refused for policy reasons'],
      [554, '5.7.1', 'SC-004 Too many complaints'],
    ),
    looksCompromised(
      'outlook.compromised',
      { codes: [5], pattern: String.raw`\bDY-00[12]\b` },
      [550, null, 'DY-001 Refused for policy reasons'],
      [550, '5.7.1', 'DY-002 Looks like a compromised machine'],
    ),
    onBlockList(
      'outlook.block-list',
      { codes: [5], pattern: String.raw`\bOU-00[12]\b|spamhaus` },
      [550, null, 'OU-002 Refused for policy reasons'],
      [550, '5.7.1', 'Listed at spamhaus.org'],
    ),
    recipientBusy(
      'outlook.recipient-rate',
      { enhanced: ['4.2.1', '5.2.121', '5.2.122'] },
      [450, '4.2.1', 'The recipient gets mail too fast'],
      [550, '5.2.122', 'Over the hourly limit of the recipient'],
    ),
    mailboxFull('outlook.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Mailbox full'], [552, '5.2.2', 'Mailbox full']),
    inactiveMailbox(
      'outlook.disabled',
      { enhanced: ['5.2.1'] },
      [550, '5.2.1', 'Mailbox disabled'],
      [554, '5.2.1', 'The mailbox cannot be reached'],
    ),
    unknownMailbox(
      'outlook.unknown',
      { codes: [5], enhanced: ['5.1.1', '5.1.10', '5.4.1', '5.5.0'], pattern: 'unavailable|not found|unknown|recipient address rejected' },
      [550, '5.5.0', 'Requested action not taken: mailbox unavailable'],
      [550, '5.1.10', 'Recipient not found'],
      [550, '5.4.1', 'Recipient address rejected: Access denied'],
    ),
    busy(
      'outlook.busy',
      { codes: [4], pattern: 'temporary server error|server busy' },
      [451, '4.4.2', 'Temporary server error'],
      [421, '4.3.2', 'Server busy'],
    ),
  ],
  simulated: {
    mxHosts: [{ exchange: 'outlook-com.olc.protection.outlook.com', preference: 5 }],
    customerMx: { exchange: '{domain}.mail.protection.outlook.com', preference: 0 },
    replies: {
      rateLimited: { code: 451, enhanced: '4.7.500', text: 'Server busy. Please try again later from [{source}]. (S77719) [{host}]' },
      connectionLimited: {
        code: 421,
        enhanced: '4.3.2',
        text: 'The maximum number of concurrent server connections has exceeded a limit, closing transmission channel (S3115) [{host}]',
      },
      unknownMailbox: { code: 550, enhanced: '5.5.0', text: 'Requested action not taken: mailbox unavailable (S2017062302). [{host}]' },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: "The recipient's mailbox is full and can't accept messages now. [{host}]" },
      recipientBusy: {
        code: 450,
        enhanced: '4.2.1',
        text: 'The recipient is receiving mail at a rate that prevents delivery, try again later. [{host}]',
      },
      temporaryFailure: { code: 451, enhanced: '4.4.2', text: 'Temporary server error. Please try again later. [{host}]' },
      accepted: {
        code: 250,
        enhanced: '2.6.0',
        text: '<{id}@{host}> [InternalId={id}, Hostname={host}] Queued mail for delivery -> 250 2.1.5',
      },
    },
    reactions: {
      poorReputation: {
        code: 451,
        enhanced: '4.7.650',
        text: 'The mail server [{source}] has been temporarily rate limited due to IP reputation (S775) [{host}]',
      },
      blocked: {
        code: 550,
        enhanced: '5.7.1',
        text: 'Unfortunately, messages from [{source}] were not sent. Your network is on our block list (S3150). [{host}]',
      },
      dkimDomainTooFast: { code: 451, enhanced: '4.7.500', text: 'Server busy. Please try again later from [{source}]. (S77719) [{host}]' },
      envelopeDomainTooFast: {
        code: 451,
        enhanced: '4.7.500',
        text: 'Server busy. Please try again later from [{source}]. (S77719) [{host}]',
      },
      greylisted: { code: 451, enhanced: '4.7.550', text: 'Access denied, please try again later (AS843) [{host}]' },
    },
    acceptedIdPattern: /\[InternalId=([0-9a-z]+),/,
  },
};
