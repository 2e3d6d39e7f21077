// Mailbox providers of East Asia. QQ and NetEase answer a rate with permanent codes and mean "not now"; NetEase names the reason by
// letters (mail.163.com/help/help_spam_16.htm).
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  badSpf,
  blocked,
  busy,
  kindOf,
  mailboxFull,
  onBlockList,
  spamContent,
  tooFast,
  tooFastForNow,
  tooManyConnections,
  tooManyPerConnection,
  unknownMailbox,
} from './rule-kinds.ts';

const senderTooFast = kindOf({
  meaning: 'Mail of this envelope domain comes too fast, from whatever source; the code says never, but the provider means not now.',
  ...{ bounceClass: 'rate_limited', identity: 'envelope_domain', remedy: 'slow_identity', permanence: 'temporary' },
});

export const qq: ProviderPreset = {
  key: 'qq',
  name: 'QQ Mail',
  version: 2,
  domains: ['qq.com', 'foxmail.com'],
  mxSuffixes: ['qq.com'],
  limits: startingLimits(5, 4),
  settings: { messagesPerConnection: 8, tls: 'required' },
  replyRules: [
    senderTooFast(
      'qq.sender-rate',
      { pattern: '(sender|domain) frequency limited' },
      [550, null, 'Sender frequency limited'],
      [550, null, 'Domain frequency limited'],
    ),
    tooFastForNow('qq.ip-rate', { pattern: 'ip frequency limited' }, [550, null, 'Ip frequency limited']),
    tooManyConnections('qq.connection-rate', { codes: [4], pattern: 'connection frequency limited' }, [
      450,
      null,
      'Connection frequency limited',
    ]),
    tooFastForNow('qq.connections-now', { codes: [5], pattern: 'connection frequency limited' }, [
      550,
      null,
      'Connection frequency limited',
    ]),
    spamContent(
      'qq.content',
      { codes: [5], pattern: 'mail content denied|suspected.*spam' },
      [550, null, 'Mail content denied'],
      [550, null, 'Suspected to be spam'],
    ),
    badSpf('qq.spf', { codes: [5], pattern: 'spf check failed' }, [550, null, 'SPF check failed']),
    blocked(
      'qq.blocked',
      { codes: [5], pattern: 'connection denied|ip denied' },
      [550, null, 'Connection denied'],
      [550, null, 'Ip denied'],
    ),
    mailboxFull(
      'qq.full',
      { pattern: 'space.*(full|not enough)|quota' },
      [552, null, 'The mailbox space is full'],
      [452, null, 'Quota exceeded'],
    ),
    unknownMailbox(
      'qq.unknown',
      { codes: [5], pattern: 'mailbox (not found|unavailable)' },
      [550, null, 'Mailbox not found'],
      [550, null, 'Mailbox unavailable'],
    ),
  ],
};

export const netease: ProviderPreset = {
  key: 'netease',
  name: 'NetEase 163',
  version: 2,
  domains: ['163.com', '126.com', 'yeah.net'],
  mxSuffixes: ['mxmail.netease.com'],
  limits: startingLimits(5, 4),
  settings: { messagesPerConnection: 7, tls: 'required' },
  replyRules: [
    tooManyConnections(
      'netease.connections',
      { codes: [4], pattern: String.raw`too many connections|\bMI:CEL\b` },
      [421, null, 'Too many connections'],
      [450, null, 'MI:CEL'],
    ),
    tooManyPerConnection('netease.per-connection', { pattern: String.raw`\bMI:DMC\b` }, [450, null, 'MI:DMC']),
    tooFast('netease.rate', { codes: [4], pattern: String.raw`\b(MI:SFQ|HL:REP|DT:SPM)\b` }, [451, null, 'MI:SFQ'], [451, null, 'DT:SPM']),
    tooFastForNow(
      'netease.rate-now',
      { codes: [5], pattern: String.raw`\b(RP:ORQ|HL:ITC)\b` },
      [550, null, 'RP:ORQ'],
      [554, null, 'HL:ITC'],
    ),
    spamContent('netease.spam', { codes: [5], pattern: String.raw`\bDT:SPM\b` }, [554, null, 'DT:SPM']),
    badSpf('netease.spf', { pattern: String.raw`\bMI:SPF\b` }, [553, null, 'MI:SPF']),
    onBlockList(
      'netease.block-list',
      { codes: [5], pattern: String.raw`\bIP:?BL\b|\bMI:SPB\b` },
      [550, null, 'MI:SPB'],
      [554, null, 'IP:BL'],
    ),
    mailboxFull('netease.full', { pattern: 'quota|mailbox full' }, [552, null, 'Over quota'], [452, null, 'Mailbox full']),
    unknownMailbox(
      'netease.unknown',
      { codes: [5], pattern: 'user not found|user unknown' },
      [550, null, 'User not found'],
      [550, null, 'User unknown'],
    ),
  ],
};

export const naver: ProviderPreset = {
  key: 'naver',
  name: 'Naver',
  version: 2,
  domains: ['naver.com'],
  mxSuffixes: ['mx1.naver.com', 'mx2.naver.com', 'mx3.naver.com'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooManyConnections('naver.connections', { codes: [4], pattern: 'too many connections' }, [421, '4.3.2', 'Too many connections']),
    blocked('naver.blocked', { pattern: 'ip.*blocked' }, [421, '4.3.2', 'Your ip is blocked from this server']),
    mailboxFull('naver.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox('naver.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'No such user']),
  ],
};

export const yahooJapan: ProviderPreset = {
  key: 'yahoo-japan',
  name: 'Yahoo! Japan',
  version: 2,
  domains: ['yahoo.co.jp'],
  mxSuffixes: ['mail.yahoo.co.jp'],
  limits: startingLimits(10, 2),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooFast(
      'yahoo-japan.deferred',
      { codes: [4], pattern: 'VS98-IP0|(IP)?TSS?04' },
      [421, null, 'Deferred (VS98-IP0)'],
      [421, null, '[TSS04] Deferred'],
      [421, null, '[IPTS04] Deferred'],
    ),
    busy('yahoo-japan.timeout', { codes: [4], pattern: 'timeout waiting for command' }, [421, null, 'Timeout waiting for command']),
    mailboxFull('yahoo-japan.full', { pattern: 'quota|mailbox full' }, [552, null, 'Over quota'], [452, null, 'Mailbox full']),
    unknownMailbox(
      'yahoo-japan.unknown',
      { codes: [5], pattern: "doesn't have a|no such user" },
      [554, null, "This user doesn't have a yahoo.co.jp account"],
      [550, null, 'No such user'],
    ),
  ],
};
