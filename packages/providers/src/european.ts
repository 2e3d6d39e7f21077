// Mailbox providers of Europe beside those that the simulator shows. Known by the hosts of their MX; connections and rates are a careful
// beginning where nothing is published.
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  badDmarc,
  badSpf,
  blocked,
  greylisted,
  inactiveMailbox,
  mailboxFull,
  noReverseName,
  onBlockList,
  recipientBusy,
  spamContent,
  tooFast,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

export const ionos: ProviderPreset = {
  key: 'ionos',
  name: 'IONOS (1&1)',
  version: 2,
  domains: ['online.de'],
  mxSuffixes: ['kundenserver.de', 'ionos.de', 'ionos.com', 'ionos.co.uk', 'ionos.fr', 'ionos.es', 'ionos.it', 'perfora.net'],
  limits: startingLimits(10, 4),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooManyConnections(
      'ionos.connections',
      { codes: [4], pattern: 'too many connections' },
      [421, null, 'Too many connections'],
      [421, '4.7.0', 'Too many connections from your host'],
    ),
    noReverseName(
      'ionos.ptr',
      { pattern: 'bad dns ptr|ptr resource record' },
      [554, null, 'Bad DNS PTR resource record'],
      [550, null, 'PTR resource record missing'],
    ),
    onBlockList(
      'ionos.block-list',
      { codes: [5], pattern: 'block ?listed|blacklisted' },
      [554, null, 'IP address is block listed'],
      [550, '5.7.1', 'Blacklisted'],
    ),
    spamContent(
      'ionos.policy',
      { codes: [5], pattern: 'policy (violation|restriction)s?' },
      [554, null, 'Reject due to policy restrictions'],
      [550, null, 'Policy violations'],
    ),
    mailboxFull(
      'ionos.full',
      { pattern: 'exceeded storage|quota exceeded' },
      [552, null, 'Exceeded storage allocation'],
      [452, '4.2.2', 'Quota exceeded'],
    ),
    unknownMailbox(
      'ionos.unknown',
      { codes: [5], pattern: 'mailbox unavailable|user unknown' },
      [550, null, 'Mailbox unavailable'],
      [550, '5.1.1', 'User unknown'],
    ),
  ],
};

export const tOnline: ProviderPreset = {
  key: 't-online',
  name: 'T-Online',
  version: 2,
  domains: ['t-online.de', 'magenta.de'],
  mxSuffixes: ['t-online.de'],
  limits: startingLimits(5, 4),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    blocked(
      't-online.blocked',
      { codes: [5], pattern: String.raw`contact tosa@|\(BL\)` },
      [554, null, 'IP=192.0.2.7 - A problem occurred. (BL)'],
      [554, null, '192.0.2.7 refused, contact tosa@rx.t-online.de'],
    ),
    noReverseName(
      't-online.ptr',
      { codes: [5], pattern: 'dns error|reverse dns' },
      [554, null, 'IP=192.0.2.7 - Dialup or reverse DNS missing'],
      [554, null, 'DNS error for 192.0.2.7'],
    ),
    tooManyConnections('t-online.connections', { codes: [4], pattern: 'too many connections' }, [
      421,
      null,
      'Too many connections from 192.0.2.7',
    ]),
    spamContent('t-online.spam', { codes: [5], pattern: 'spam' }, [550, '5.7.0', 'Message considered as spam'], [554, '5.7.1', 'Spam']),
    mailboxFull('t-online.full', { pattern: 'mailbox full|over quota' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox(
      't-online.unknown',
      { codes: [5], pattern: 'unknown|unavailable' },
      [550, '5.1.1', 'Unknown recipient'],
      [550, '5.1.1', 'Mailbox unavailable'],
    ),
  ],
};

export const strato: ProviderPreset = {
  key: 'strato',
  name: 'STRATO',
  version: 2,
  domains: [],
  mxSuffixes: ['smtpin.rzone.de'],
  limits: startingLimits(5, 4),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    onBlockList(
      'strato.block-list',
      { codes: [5], pattern: 'blacklisted|block ?listed' },
      [554, '5.7.1', 'Blacklisted'],
      [550, null, 'Block listed'],
    ),
    mailboxFull('strato.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Over quota'], [452, '4.2.2', 'Mailbox full']),
    unknownMailbox(
      'strato.unknown',
      { codes: [5], pattern: 'unknown|no such' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'No such user'],
    ),
  ],
};

export const bt: ProviderPreset = {
  key: 'bt',
  name: 'BT',
  version: 2,
  domains: ['btinternet.com', 'btopenworld.com'],
  mxSuffixes: ['bt.lon5.cpcloud.co.uk'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooManyConnections('bt.connections', { codes: [4], pattern: 'too many connections' }, [421, null, 'Too many connections']),
    onBlockList(
      'bt.block-list',
      { codes: [5], pattern: 'cloudmark|spamhaus|blacklist' },
      [554, null, 'Refused, see csi.cloudmark.com'],
      [550, null, 'Blacklisted'],
    ),
    tooFast(
      'bt.rate',
      { codes: [4], pattern: 'too many (messages|recipients)|rate limit' },
      [452, null, 'Too many messages'],
      [450, null, 'Rate limit reached'],
    ),
    mailboxFull('bt.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox(
      'bt.unknown',
      { codes: [5], pattern: 'unknown|invalid recipient' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'Invalid recipient'],
    ),
  ],
};

export const mailRu: ProviderPreset = {
  key: 'mail-ru',
  name: 'Mail.ru',
  version: 2,
  domains: ['mail.ru', 'inbox.ru', 'list.ru', 'bk.ru'],
  mxSuffixes: ['mxs.mail.ru', 'emx.mail.ru'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 30 },
  replyRules: [
    inactiveMailbox(
      'mail-ru.disabled',
      { codes: [5], pattern: 'is disabled|account is blocked' },
      [550, null, 'Invalid mailbox: the account is disabled'],
      [550, null, 'The account is blocked'],
    ),
    unknownMailbox(
      'mail-ru.unknown',
      { codes: [5], pattern: 'invalid mailbox|user not found' },
      [550, null, 'Not accepted: invalid mailbox, user not found'],
      [550, null, 'User not found'],
    ),
    mailboxFull('mail-ru.full', { pattern: 'over ?quota|mailbox is full' }, [552, '5.2.2', 'Mailbox is full'], [452, '4.2.2', 'Overquota']),
    tooFast(
      'mail-ru.rate',
      { codes: [4], pattern: 'ratelimit|rate limit|too many messages' },
      [451, null, 'Ratelimit exceeded'],
      [450, null, 'Too many messages'],
    ),
    tooManyConnections('mail-ru.connections', { codes: [4], pattern: 'too many connections' }, [421, null, 'Too many connections']),
    badDmarc('mail-ru.dmarc', { codes: [5], pattern: 'dmarc' }, [550, '5.7.1', 'Rejected by the DMARC policy of the sender']),
    spamContent('mail-ru.spam', { codes: [5], pattern: 'spam message' }, [550, null, 'Spam message rejected']),
  ],
};

export const yandex: ProviderPreset = {
  key: 'yandex',
  name: 'Yandex',
  version: 2,
  domains: ['yandex.ru', 'yandex.com', 'ya.ru'],
  mxSuffixes: ['mx.yandex.ru', 'mx.yandex.net'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 30 },
  replyRules: [
    recipientBusy('yandex.recipient-rate', { pattern: 'message rate limit' }, [
      451,
      '4.5.1',
      'The recipient exceeded their message rate limit',
    ]),
    unknownMailbox('yandex.unknown', { codes: [5], pattern: 'no such user' }, [550, '5.7.1', 'No such user!']),
    spamContent(
      'yandex.spam',
      { codes: [5], pattern: 'suspicion of spam|spam' },
      [554, '5.7.1', 'Rejected under suspicion of SPAM'],
      [554, null, 'Spam'],
    ),
    badSpf('yandex.spf', { codes: [5], pattern: String.raw`\bspf\b` }, [550, '5.7.1', 'Rejected by SPF policy']),
    mailboxFull(
      'yandex.full',
      { pattern: 'mailbox size limit|quota' },
      [552, '5.2.2', 'Mailbox size limit exceeded'],
      [452, '4.2.2', 'Quota exceeded'],
    ),
    greylisted(
      'yandex.later',
      { codes: [4], pattern: 'come back later|greylist' },
      [451, '4.7.1', 'Service unavailable, come back later'],
      [450, null, 'Greylisted'],
    ),
  ],
};

export const seznam: ProviderPreset = {
  key: 'seznam',
  name: 'Seznam',
  version: 2,
  domains: ['seznam.cz', 'email.cz', 'post.cz'],
  mxSuffixes: ['mx1.seznam.cz', 'mx2.seznam.cz'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 30 },
  replyRules: [
    tooFast(
      'seznam.rate',
      { codes: [4], pattern: 'too many|rate limit' },
      [450, '4.7.0', 'Too many messages from your address'],
      [421, null, 'Rate limit'],
    ),
    spamContent('seznam.spam', { codes: [5], pattern: 'spam' }, [554, '5.7.1', 'Message looks like spam']),
    mailboxFull('seznam.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Mailbox full']),
    unknownMailbox(
      'seznam.unknown',
      { codes: [5], pattern: 'unknown|no such user' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'No such user'],
    ),
    greylisted('seznam.greylist', { codes: [4], pattern: 'greylist' }, [451, '4.7.1', 'Greylisted']),
  ],
};
