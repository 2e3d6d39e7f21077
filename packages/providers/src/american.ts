// Access providers of North America that still run their own MX. Who moved to Yahoo (Cox, most of AT&T and Comcast) is Yahoo's by MX.
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  blocked,
  busy,
  mailboxFull,
  noReverseName,
  onBlockList,
  poorReputation,
  tooFast,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

export const att: ProviderPreset = {
  key: 'att',
  name: 'AT&T',
  version: 2,
  domains: ['att.net', 'sbcglobal.net', 'bellsouth.net'],
  mxSuffixes: ['prodigy.net'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    blocked(
      'att.blocked',
      { codes: [5], pattern: 'dnsbl|abuse_rbl@|is_blocked' },
      [553, '5.3.0', 'DNSBL:RBL 521< 192.0.2.7 >_is_blocked'],
      [550, null, '192.0.2.7 see abuse_rbl@abuse-att.net'],
    ),
    noReverseName(
      'att.ptr',
      { codes: [5], pattern: 'reverse dns|without a valid sender domain' },
      [550, '5.7.1', 'No connections. Fix reverse DNS for 192.0.2.7'],
      [550, null, 'Connection without a valid sender domain'],
    ),
    tooManyConnections(
      'att.connections',
      { codes: [4], pattern: 'too many (connections|sessions)' },
      [421, null, 'Too many connections from this IP'],
      [421, null, 'Too many sessions'],
    ),
    tooFast(
      'att.rate',
      { codes: [4], pattern: 'too many messages|throttl' },
      [450, null, 'Too many messages from this IP'],
      [421, null, 'Throttled'],
    ),
    mailboxFull('att.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox(
      'att.unknown',
      { codes: [5], pattern: 'not our customer|unknown|no such user' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'Not our customer'],
    ),
  ],
};

export const charter: ProviderPreset = {
  key: 'charter',
  name: 'Charter Spectrum',
  version: 2,
  domains: ['charter.net', 'spectrum.net', 'rr.com'],
  mxSuffixes: ['charter.net'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooManyConnections(
      'charter.connections',
      { codes: [4], pattern: 'too many (connections|sessions)' },
      [421, null, 'Too many connections'],
      [421, null, 'Too many sessions'],
    ),
    onBlockList(
      'charter.block-list',
      { codes: [5], pattern: 'cloudmark|spamhaus' },
      [554, null, 'Mail refused, see csi.cloudmark.com'],
      [550, null, 'Listed by spamhaus'],
    ),
    poorReputation(
      'charter.reputation',
      { pattern: String.raw`\bAUP#` },
      [550, '5.7.1', 'Blocked - AUP#I-1310'],
      [421, null, 'Deferred - AUP#O-1310'],
    ),
    tooFast(
      'charter.rate',
      { codes: [4], pattern: 'too many messages|rate limit' },
      [452, null, 'Too many messages'],
      [450, null, 'Rate limit'],
    ),
    mailboxFull('charter.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Over quota'], [452, '4.2.2', 'Mailbox full']),
    unknownMailbox(
      'charter.unknown',
      { codes: [5], pattern: 'unknown|invalid recipient' },
      [550, '5.1.1', 'Invalid recipient'],
      [550, null, 'User unknown'],
    ),
    busy('charter.busy', { codes: [4], pattern: 'try again' }, [451, null, 'Try again later']),
  ],
};
