// Providers of mailboxes under a customer's own domain: known by MX only.
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  blocked,
  busy,
  greylisted,
  mailboxFull,
  onBlockList,
  spamContent,
  tooFast,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

export const zoho: ProviderPreset = {
  key: 'zoho',
  name: 'Zoho Mail',
  version: 2,
  domains: ['zohomail.com', 'zohomail.eu'],
  mxSuffixes: ['zoho.com', 'zoho.eu', 'zoho.in', 'zoho.com.au', 'zoho.jp'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    greylisted('zoho.greylist', { codes: [4], pattern: 'greylist' }, [451, '4.7.1', 'Greylisted, try again after some time']),
    tooManyConnections('zoho.connections', { codes: [4], pattern: 'too many connections' }, [421, '4.7.0', 'Too many connections']),
    blocked(
      'zoho.blocked',
      { codes: [5], pattern: 'ip.*(blocked|blacklisted)' },
      [554, '5.7.1', 'Your IP is blacklisted'],
      [550, null, 'Your IP is blocked'],
    ),
    spamContent('zoho.spam', { codes: [5], pattern: 'spam' }, [554, '5.7.1', 'Rejected as spam']),
    mailboxFull('zoho.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox(
      'zoho.unknown',
      { codes: [5], pattern: 'user does not exist|unknown' },
      [550, '5.1.1', 'User does not exist'],
      [550, null, 'Unknown user'],
    ),
  ],
};

export const fastmail: ProviderPreset = {
  key: 'fastmail',
  name: 'Fastmail',
  version: 2,
  domains: ['fastmail.com', 'fastmail.fm'],
  mxSuffixes: ['messagingengine.com'],
  limits: startingLimits(10, 5),
  settings: { messagesPerConnection: 50 },
  replyRules: [
    onBlockList(
      'fastmail.block-list',
      { codes: [5], pattern: 'blocked using|spamhaus' },
      [554, '5.7.1', 'Client host blocked using zen.spamhaus.org'],
      [554, null, 'Listed by Spamhaus'],
    ),
    tooFast(
      'fastmail.rate',
      { codes: [4], pattern: 'too many|rate limit' },
      [450, '4.7.1', 'Too many messages from 192.0.2.7'],
      [421, null, 'Rate limit reached'],
    ),
    greylisted('fastmail.greylist', { codes: [4], pattern: 'greylist' }, [451, '4.7.1', 'Greylisted']),
    mailboxFull('fastmail.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Over quota'], [552, '5.2.2', 'Over quota']),
    unknownMailbox('fastmail.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'User unknown in virtual mailbox table']),
  ],
};

export const proton: ProviderPreset = {
  key: 'proton',
  name: 'Proton Mail',
  version: 2,
  domains: ['proton.me', 'protonmail.com', 'pm.me'],
  mxSuffixes: ['protonmail.ch'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooFast(
      'proton.rate',
      { codes: [4], pattern: 'too many|rate limit' },
      [450, '4.7.1', 'Too many messages'],
      [421, null, 'Rate limit reached'],
    ),
    onBlockList(
      'proton.block-list',
      { codes: [5], pattern: 'blocked using|spamhaus' },
      [554, '5.7.1', 'Blocked using zen.spamhaus.org'],
      [550, null, 'Listed by Spamhaus'],
    ),
    mailboxFull('proton.full', { enhanced: ['4.2.2', '5.2.2'] }, [452, '4.2.2', 'Mailbox full'], [552, '5.2.2', 'Mailbox full']),
    unknownMailbox('proton.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'Address does not exist']),
  ],
};

export const rackspace: ProviderPreset = {
  key: 'rackspace',
  name: 'Rackspace Email',
  version: 2,
  domains: [],
  mxSuffixes: ['emailsrvr.com'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    onBlockList(
      'rackspace.block-list',
      { codes: [5], pattern: 'blocked using|acl dns_rbl' },
      [554, '5.7.1', 'ACL dns_rbl; Client host blocked'],
      [550, null, 'Blocked using a list'],
    ),
    tooFast(
      'rackspace.rate',
      { codes: [4], pattern: 'too many|rate limit' },
      [450, '4.7.1', 'Too many connections or messages'],
      [421, null, 'Rate limit reached'],
    ),
    mailboxFull('rackspace.full', { pattern: 'quota' }, [552, '5.2.2', 'Over quota']),
    unknownMailbox('rackspace.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'User unknown']),
  ],
};

export const workMail: ProviderPreset = {
  key: 'workmail',
  name: 'Amazon WorkMail',
  version: 2,
  domains: [],
  mxSuffixes: ['inbound-smtp.us-east-1.amazonaws.com', 'inbound-smtp.us-west-2.amazonaws.com', 'inbound-smtp.eu-west-1.amazonaws.com'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    tooFast(
      'workmail.rate',
      { codes: [4], pattern: 'throttl|rate exceeded|too many' },
      [454, '4.4.4', 'Throttling failure: rate exceeded'],
      [451, null, 'Too many messages'],
    ),
    mailboxFull('workmail.full', { pattern: 'quota|mailbox full' }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Over quota']),
    unknownMailbox(
      'workmail.unknown',
      { codes: [5], pattern: 'mailbox unavailable|does not exist' },
      [550, '5.1.1', 'Mailbox unavailable'],
      [550, null, 'The address does not exist'],
    ),
    busy(
      'workmail.busy',
      { codes: [4], pattern: 'temporar|try again' },
      [451, '4.3.0', 'Temporary failure'],
      [421, null, 'Please try again'],
    ),
  ],
};
