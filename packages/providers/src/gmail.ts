// Gmail and Google Workspace. Codes and what they mean as Google documents them (support.google.com/a/answer/3726730); connections as
// senders use them. Most of what it says names whom it blames, so a rule for each identity comes before the one for the address.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badDkim,
  badDmarc,
  badSpf,
  blocked,
  busy,
  inactiveMailbox,
  kindOf,
  mailboxFull,
  malformed,
  noReverseName,
  poorReputation,
  recipientBusy,
  spamContent,
  tooFast,
  tooManyConnections,
  unauthenticated,
  unknownMailbox,
} from './rule-kinds.ts';

const tooFastFor = (meaning: string, identity: 'dkim_domain' | 'envelope_domain' | 'url_domain') =>
  kindOf({ meaning, identity, bounceClass: 'rate_limited', remedy: 'slow_identity' });
const dkimDomainTooFast = tooFastFor('Mail signed by this DKIM domain comes too fast, from whatever source.', 'dkim_domain');
const spfDomainTooFast = tooFastFor('Mail of this envelope domain comes too fast, from whatever source.', 'envelope_domain');
const urlDomainTooFast = tooFastFor('Mail that links to this domain comes too fast, from whatever source.', 'url_domain');
const repeatedMessage = kindOf({
  meaning: 'Too many messages carry the same Message-ID.',
  ...{ bounceClass: 'rate_limited', identity: 'message', remedy: 'hold_stream' },
});
const domainReputation = kindOf({
  meaning: 'The sending domain has a poor reputation here.',
  ...{ bounceClass: 'policy', identity: 'dkim_domain', remedy: 'hold_stream' },
});
const noTls = kindOf({ meaning: 'The mail has to come over TLS.', bounceClass: 'tls', identity: 'source', remedy: 'fix_authentication' });
const dailyLimit = kindOf({
  meaning: 'The sending account has used up what it may send in a day; the code says never, the limit ends with the day.',
  ...{ bounceClass: 'rate_limited', identity: 'account', remedy: 'slow_down', permanence: 'temporary' },
});
const rate = { codes: [4], enhanced: ['4.7.28'] };

export const gmail: SimulatedPreset = {
  key: 'gmail',
  name: 'Gmail',
  version: 2,
  domains: ['gmail.com', 'googlemail.com'],
  mxSuffixes: ['l.google.com', 'googlemail.com', 'smtp.google.com'],
  limits: startingLimits(20, 5),
  settings: { messagesPerConnection: 50, recipientsPerTransaction: 100, tls: 'required' },
  replyRules: [
    dkimDomainTooFast(
      'gmail.rate-dkim',
      { ...rate, pattern: 'dkim domain' },
      [421, '4.7.28', 'Unusual rate of mail with your DKIM domain'],
      [450, '4.7.28', 'Unusual rate of mail with\nyour DKIM domain d=news.example'],
    ),
    spfDomainTooFast(
      'gmail.rate-spf',
      { ...rate, pattern: 'spf domain' },
      [421, '4.7.28', 'Unusual rate of mail with your SPF domain'],
      [450, '4.7.28', 'Unusual rate of mail with\nyour SPF domain'],
    ),
    urlDomainTooFast(
      'gmail.rate-url',
      { ...rate, pattern: 'url domain' },
      [421, '4.7.28', 'Unusual rate of mail with one of your URL domains'],
      [450, '4.7.28', 'Unusual rate of mail with\none of your URL domains'],
    ),
    repeatedMessage(
      'gmail.message-id',
      { ...rate, pattern: 'message-id' },
      [421, '4.7.28', 'Too many mails with the same\nMessage-ID'],
      [450, '4.7.28', 'Mail with a duplicate Message-ID comes too often'],
    ),
    tooFast(
      'gmail.rate-ip',
      rate,
      [421, '4.7.28', 'Unusual rate of mail from\nyour IP address 192.0.2.7'],
      [450, '4.7.28', 'Unusual rate of mail from your IP netblock'],
    ),
    noReverseName(
      'gmail.ptr',
      { enhanced: ['4.7.23', '5.7.25'] },
      [421, '4.7.23', 'The sending IP has no PTR record'],
      [550, '5.7.25', 'The PTR record does not lead back to the sending IP'],
    ),
    badSpf(
      'gmail.spf',
      { enhanced: ['4.7.24', '4.7.27', '5.7.24', '5.7.27'] },
      [421, '4.7.27', 'SPF did not pass'],
      [550, '5.7.27', 'SPF did not pass'],
    ),
    noTls('gmail.tls', { enhanced: ['4.7.29', '5.7.29'] }, [421, '4.7.29', 'No TLS connection'], [550, '5.7.29', 'No TLS connection']),
    badDkim('gmail.dkim', { enhanced: ['4.7.30', '5.7.30'] }, [421, '4.7.30', 'DKIM did not pass'], [550, '5.7.30', 'DKIM did not pass']),
    badDmarc(
      'gmail.dmarc',
      { enhanced: ['4.7.31', '4.7.32', '4.7.40', '5.7.31', '5.7.32', '5.7.40'] },
      [421, '4.7.32', 'The From header is not aligned with SPF or DKIM'],
      [550, '5.7.40', 'The domain has no DMARC record'],
    ),
    unauthenticated(
      'gmail.unauthenticated',
      { enhanced: ['4.7.26', '5.7.26'] },
      [550, '5.7.26', 'The sender is not authenticated'],
      [421, '4.7.26', 'Unauthenticated mail is rate limited'],
    ),
    tooManyConnections(
      'gmail.connections',
      { codes: [4], pattern: 'too many concurrent' },
      [421, '4.7.0', 'Too many concurrent SMTP connections from 192.0.2.7'],
      [421, '4.7.0', 'Too many concurrent connections, closing'],
    ),
    domainReputation(
      'gmail.reputation-domain',
      { pattern: 'low reputation of the sending domain' },
      [421, '4.7.0', 'Suspicious due to the very low reputation of the sending domain'],
      [550, '5.7.1', 'Likely suspicious due to the very low\nreputation of the sending domain'],
    ),
    poorReputation(
      'gmail.reputation-ip',
      { pattern: 'low reputation' },
      [421, '4.7.0', 'Suspicious due to the very low reputation of the sending IP address'],
      [550, '5.7.1', 'Suspicious due to the low reputation of the sending IP'],
    ),
    recipientBusy(
      'gmail.recipient-rate',
      { enhanced: ['4.2.1', '5.2.1'], pattern: 'at a rate|too quickly' },
      [450, '4.2.1', 'The user receives mail\nat a rate that prevents more'],
      [550, '5.2.1', 'The user receives mail at a rate that prevents more'],
    ),
    inactiveMailbox(
      'gmail.inactive',
      { codes: [5], enhanced: ['5.2.1'] },
      [550, '5.2.1', 'The account is inactive'],
      [554, '5.2.1', 'The account is disabled'],
    ),
    mailboxFull('gmail.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Out of storage'], [552, '5.2.2', 'Over quota']),
    unknownMailbox(
      'gmail.unknown',
      { enhanced: ['5.1.1'] },
      [550, '5.1.1', 'The account does not exist'],
      [553, '5.1.1', 'Account does not exist\nCheck for typos'],
    ),
    dailyLimit(
      'gmail.daily-limit',
      { enhanced: ['5.4.5'] },
      [550, '5.4.5', 'Daily user sending quota exceeded'],
      [552, '5.4.5', 'The daily sending quota of the user is used up'],
    ),
    blocked(
      'gmail.blocked',
      { codes: [5], pattern: 'from your ip address has been blocked' },
      [550, '5.7.1', 'Unsolicited mail: what came from your IP address has been blocked'],
      [554, '5.7.1', 'To protect users mail sent\nfrom your IP address has been blocked'],
    ),
    malformed(
      'gmail.malformed',
      { codes: [5], pattern: 'rfc ?5322|message headers?' },
      [550, '5.7.1', 'The message is not RFC 5322 compliant'],
      [552, '5.3.4', 'The message headers exceed the limit'],
    ),
    spamContent(
      'gmail.spam',
      { pattern: 'unsolicited|suspicious|security issue' },
      [550, '5.7.1', 'This is likely unsolicited mail'],
      [421, '4.7.0', 'Suspicious due to the nature of the content'],
      [552, '5.7.0', 'Its content is a potential security issue'],
    ),
    busy(
      'gmail.busy',
      { codes: [4] },
      [421, '4.7.0', 'Try again later, closing connection'],
      [451, '4.3.0', 'Mail server temporarily rejected message'],
    ),
  ],
  simulated: {
    mxHosts: [
      { exchange: 'gmail-smtp-in.l.google.com', preference: 5 },
      { exchange: 'alt1.gmail-smtp-in.l.google.com', preference: 10 },
      { exchange: 'alt2.gmail-smtp-in.l.google.com', preference: 20 },
      { exchange: 'alt3.gmail-smtp-in.l.google.com', preference: 30 },
      { exchange: 'alt4.gmail-smtp-in.l.google.com', preference: 40 },
    ],
    customerMx: { exchange: 'smtp.google.com', preference: 1 },
    replies: {
      rateLimited: {
        code: 421,
        enhanced: '4.7.28',
        text: 'Gmail has detected an unusual rate of mail originating from\nyour IP address {source}. To protect our users from spam, mail sent\nfrom your IP address has been temporarily rate limited. For more\ninformation, go to https://support.google.com/mail/?p=UnsolicitedRateLimitError {id} - gsmtp',
      },
      connectionLimited: {
        code: 421,
        enhanced: '4.7.0',
        text: 'Too many concurrent SMTP connections from {source}, try again later. {id} - gsmtp',
      },
      unknownMailbox: {
        code: 550,
        enhanced: '5.1.1',
        text: "The email account that you tried to reach does not exist. Please try\ndouble-checking the recipient's email address for typos or\nunnecessary spaces. For more information, go to\nhttps://support.google.com/mail/?p=NoSuchUser {id} - gsmtp",
      },
      mailboxFull: {
        code: 452,
        enhanced: '4.2.2',
        text: "The recipient's inbox is out of storage space. Please direct the\nrecipient to https://support.google.com/mail/?p=OverQuotaTemp {id} - gsmtp",
      },
      recipientBusy: {
        code: 450,
        enhanced: '4.2.1',
        text: 'The user you are trying to contact is receiving mail at a rate that\nprevents additional messages from being delivered. Please resend your\nmessage at a later time. For more information, go to\nhttps://support.google.com/mail/?p=ReceivingRatePerm {id} - gsmtp',
      },
      temporaryFailure: { code: 451, enhanced: '4.3.0', text: 'Mail server temporarily rejected message. {id} - gsmtp' },
      accepted: { code: 250, enhanced: '2.0.0', text: 'OK  {id} - gsmtp' },
    },
    reactions: {
      poorReputation: {
        code: 421,
        enhanced: '4.7.0',
        text: 'Gmail has detected that this message is suspicious due to the very low\nreputation of the sending IP address {source}. To protect our users\nfrom spam, mail sent from your IP address has been temporarily deferred {id} - gsmtp',
      },
      blocked: {
        code: 550,
        enhanced: '5.7.1',
        text: 'Our system has detected an unusual rate of unsolicited mail. To\nprotect our users from spam, mail sent from your IP address has been blocked [{source}] {id} - gsmtp',
      },
      dkimDomainTooFast: {
        code: 421,
        enhanced: '4.7.28',
        text: 'Gmail has detected an unusual rate of mail originating from\nyour DKIM domain. To protect our users from spam, mail sent from\nyour domain has been temporarily rate limited {id} - gsmtp',
      },
      envelopeDomainTooFast: {
        code: 421,
        enhanced: '4.7.28',
        text: 'Gmail has detected an unusual rate of mail originating from\nyour SPF domain. To protect our users from spam, mail sent from\nyour domain has been temporarily rate limited {id} - gsmtp',
      },
      greylisted: { code: 421, enhanced: '4.7.0', text: 'Try again later, closing connection. {id} - gsmtp' },
    },
    acceptedIdPattern: /OK\s+([0-9a-z.-]+) - gsmtp/,
  },
};
