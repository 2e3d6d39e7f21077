// Apple: iCloud Mail. Its codes in brackets as senders' logs show them; five messages a connection is what it takes.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badSenderDomain,
  badUrl,
  busy,
  kindOf,
  mailboxFull,
  recipientBusy,
  tooFast,
  tooManyConnections,
  unauthenticated,
  unknownMailbox,
} from './rule-kinds.ts';

const localPolicy = kindOf({
  meaning: 'Refused by a local policy: content or sender.',
  ...{ bounceClass: 'policy', identity: 'message', remedy: 'hold_stream' },
});

export const apple: SimulatedPreset = {
  key: 'apple',
  name: 'Apple iCloud',
  version: 2,
  domains: ['icloud.com', 'me.com', 'mac.com'],
  mxSuffixes: ['mail.icloud.com'],
  limits: startingLimits(10, 10),
  settings: { messagesPerConnection: 5 },
  replyRules: [
    tooManyConnections(
      'apple.connections',
      { codes: [4], pattern: 'too many connections' },
      [421, '4.7.0', 'Too many connections'],
      [421, null, 'Too many connections from 192.0.2.7, try again'],
    ),
    tooFast(
      'apple.deferred',
      { codes: [4], pattern: String.raw`\b(HM08|HCM1|BS02)\b` },
      [421, '4.7.1', '[HM08] Messages from 192.0.2.7 deferred'],
      [421, '4.7.1', '[HCM1] Messages from 192.0.2.7 deferred'],
      [421, '4.7.1', '[BS02] Service unavailable'],
    ),
    unauthenticated(
      'apple.unauthenticated',
      { pattern: String.raw`\bHME1\b` },
      [554, '5.7.1', '[HME1] The mail is not authenticated'],
      [550, '5.7.1', '[HME1] Authentication required'],
    ),
    localPolicy(
      'apple.policy',
      { pattern: String.raw`\bCS01\b` },
      [554, '5.7.1', '[CS01] Rejected due to local policy'],
      [550, '5.7.1', '[CS01] Local policy'],
    ),
    badUrl(
      'apple.url',
      { pattern: 'spamhaus dbl|dbl[.]spamhaus' },
      [554, '5.7.1', 'A link is listed by Spamhaus DBL'],
      [550, null, 'See dbl.spamhaus.org'],
    ),
    badSenderDomain(
      'apple.sender-domain',
      { enhanced: ['4.1.8', '5.1.8'] },
      [450, '4.1.8', 'Sender address rejected: Domain not found'],
      [550, '5.1.8', 'Sender address rejected: Domain not found'],
    ),
    recipientBusy(
      'apple.recipient-rate',
      { enhanced: ['4.2.1'] },
      [450, '4.2.1', 'The user gets mail too fast'],
      [451, '4.2.1', 'Too much mail for this user'],
    ),
    mailboxFull('apple.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Mailbox full'], [552, '5.2.2', 'User is over quota']),
    unknownMailbox(
      'apple.unknown',
      { enhanced: ['5.1.1', '5.1.6'] },
      [550, '5.1.1', 'User does not exist'],
      [550, '5.1.6', 'The mailbox has moved'],
    ),
    busy(
      'apple.busy',
      { codes: [4], pattern: 'service (is )?unavailable|try again' },
      [421, null, 'Service unavailable'],
      [451, '4.3.0', 'Try again'],
    ),
  ],
  simulated: {
    mxHosts: [
      { exchange: 'mx01.mail.icloud.com', preference: 10 },
      { exchange: 'mx02.mail.icloud.com', preference: 10 },
    ],
    customerMx: null,
    replies: {
      rateLimited: { code: 421, enhanced: '4.7.1', text: '[HM08] Messages from {source} are deferred, try again later {id}' },
      connectionLimited: { code: 421, enhanced: '4.7.0', text: 'Too many connections from {source} {id}' },
      unknownMailbox: { code: 550, enhanced: '5.1.1', text: '<{recipient}>: user does not exist' },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: '<{recipient}>: user is over quota' },
      recipientBusy: { code: 450, enhanced: '4.2.1', text: '<{recipient}>: this user gets mail too fast' },
      temporaryFailure: { code: 451, enhanced: '4.3.0', text: 'Service unavailable, try again later {id}' },
      accepted: { code: 250, enhanced: '2.6.0', text: 'OK, {id} accepted' },
    },
    reactions: {
      poorReputation: { code: 421, enhanced: '4.7.1', text: '[HCM1] Messages from {source} are deferred, try again later {id}' },
      blocked: { code: 554, enhanced: '5.7.1', text: '[CS01] Message rejected due to local policy {id}' },
      dkimDomainTooFast: { code: 421, enhanced: '4.7.1', text: '[HM08] Messages from {source} are deferred, try again later {id}' },
      envelopeDomainTooFast: { code: 421, enhanced: '4.7.1', text: '[HM08] Messages from {source} are deferred, try again later {id}' },
      greylisted: { code: 451, enhanced: '4.3.0', text: 'Service unavailable, try again later {id}' },
    },
    acceptedIdPattern: /OK, ([0-9a-z.-]+) accepted/,
  },
};
