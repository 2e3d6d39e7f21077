// Comcast. Its codes (postmaster.comcast.net/smtp-error-codes) are two letters and a number. Its mailboxes move to Yahoo; whoever moved
// is Yahoo's by MX.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badDmarc,
  badSpf,
  badUrl,
  blocked,
  busy,
  inactiveMailbox,
  mailboxFull,
  noReverseName,
  recipientBusy,
  tooFast,
  tooManyConnections,
  tooManyPerConnection,
  unknownMailbox,
} from './rule-kinds.ts';

export const comcast: SimulatedPreset = {
  key: 'comcast',
  name: 'Comcast',
  version: 2,
  domains: ['comcast.net'],
  mxSuffixes: ['comcast.net'],
  limits: startingLimits(10, 25),
  settings: { messagesPerConnection: 1000, tls: 'required' },
  replyRules: [
    tooFast(
      'comcast.rate',
      { codes: [4], pattern: String.raw`\bRL0000\d+` },
      [421, null, 'Too many messages (RL000010)'],
      [421, null, 'Later (RL000003)'],
    ),
    tooManyPerConnection(
      'comcast.per-connection',
      { codes: [4], pattern: 'too many sessions in one connection' },
      [421, null, 'Too many sessions in one connection'],
      [452, null, '192.0.2.7 Too many sessions in one connection'],
    ),
    tooManyConnections(
      'comcast.connections',
      { codes: [4], pattern: 'too many (sessions|connections)' },
      [421, null, 'Too many sessions opened'],
      [421, '4.7.0', 'Too many connections'],
    ),
    blocked(
      'comcast.blocked',
      { codes: [5], pattern: String.raw`\bBL0000\d+|blocked for spam` },
      [554, null, '192.0.2.7 blocked for spam (BL000000)'],
      [550, null, 'Refused (BL000010)'],
    ),
    badDmarc(
      'comcast.dmarc',
      { pattern: String.raw`\bDM00000\d\b|dmarc` },
      [550, '5.2.0', 'Rejected due to DMARC (DM000001)'],
      [554, '5.7.1', 'Fails DMARC'],
    ),
    badSpf(
      'comcast.spf',
      { pattern: String.raw`\bSPF00000\d\b` },
      [550, '5.2.0', 'Rejected by SPF (SPF000001)'],
      [554, null, 'Refused (SPF000003)'],
    ),
    badUrl(
      'comcast.phishing',
      { pattern: String.raw`\bPH00000\d\b` },
      [554, '5.2.0', 'The content looks like phishing (PH000001)'],
      [550, null, 'Refused (PH000002)'],
    ),
    noReverseName('comcast.ptr', { pattern: 'reverse dns|ptr record' }, [421, null, 'Reverse DNS failure'], [554, null, 'No PTR record']),
    recipientBusy(
      'comcast.recipient-rate',
      { enhanced: ['4.2.1'] },
      [450, '4.2.1', 'The recipient gets mail too fast'],
      [452, '4.2.1', 'Recipient over its rate'],
    ),
    mailboxFull('comcast.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Mailbox full'], [552, '5.2.2', 'Over quota']),
    inactiveMailbox(
      'comcast.inactive',
      { codes: [5], pattern: 'account not available' },
      [550, '5.1.1', 'Account not available'],
      [550, null, 'Account not available any more'],
    ),
    unknownMailbox('comcast.unknown', { enhanced: ['5.1.1'] }, [550, '5.1.1', 'Not our customer'], [551, '5.1.1', 'No such address']),
    busy('comcast.busy', { codes: [4], pattern: 'try again' }, [451, '4.3.0', 'Try again later'], [421, null, 'Please try again']),
  ],
  simulated: {
    mxHosts: [
      { exchange: 'mx1.comcast.net', preference: 5 },
      { exchange: 'mx2.comcast.net', preference: 5 },
    ],
    customerMx: null,
    replies: {
      rateLimited: { code: 421, enhanced: null, text: '{host} Too many messages from {source}, try again later (RL000010)' },
      connectionLimited: { code: 421, enhanced: null, text: '{host} Too many sessions opened by {source}' },
      unknownMailbox: { code: 550, enhanced: '5.1.1', text: '<{recipient}> Not our customer' },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: '<{recipient}> Mailbox full' },
      recipientBusy: { code: 450, enhanced: '4.2.1', text: '<{recipient}> gets mail too fast' },
      temporaryFailure: { code: 451, enhanced: '4.3.0', text: '{host} Try again later' },
      accepted: { code: 250, enhanced: '2.0.0', text: '{id} mail accepted for delivery' },
    },
    reactions: {
      poorReputation: { code: 421, enhanced: null, text: '{host} Messages from {source} are put off, try again later (RL000003)' },
      blocked: { code: 554, enhanced: null, text: '{host} {source} blocked for spam (BL000000)' },
      dkimDomainTooFast: { code: 421, enhanced: null, text: '{host} Too many messages from {source}, try again later (RL000010)' },
      envelopeDomainTooFast: { code: 421, enhanced: null, text: '{host} Too many messages from {source}, try again later (RL000010)' },
      greylisted: { code: 451, enhanced: '4.3.0', text: '{host} Try again later' },
    },
    acceptedIdPattern: /([0-9a-z.-]+) mail accepted for delivery/,
  },
};
