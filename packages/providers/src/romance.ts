// Providers of France and Italy, some of which run on one platform and word their refusals alike.
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  blocked,
  busy,
  greylisted,
  mailboxFull,
  onBlockList,
  spamContent,
  tooFastForNow,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

export const free: ProviderPreset = {
  key: 'free',
  name: 'Free (France)',
  version: 2,
  domains: ['free.fr'],
  mxSuffixes: ['mx1.free.fr', 'mx2.free.fr'],
  limits: startingLimits(2, 2),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    blocked(
      'free.spam-source',
      { pattern: 'too many spams? from your ip' },
      [550, null, 'Too many spams from your IP (192.0.2.7)'],
      [421, null, 'Too many spam from your IP'],
    ),
    tooManyConnections('free.connections', { codes: [4], pattern: 'too many connections' }, [421, null, 'Too many connections']),
    spamContent('free.spam', { codes: [5], pattern: 'spam' }, [550, null, 'Spam detected']),
    mailboxFull('free.full', { pattern: 'quota' }, [452, '4.2.2', 'Over quota'], [552, '5.2.2', 'Quota exceeded']),
    unknownMailbox(
      'free.unknown',
      { codes: [5], pattern: 'user unknown|no such user' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'No such user'],
    ),
    greylisted('free.greylist', { codes: [4], pattern: 'greylist' }, [451, '4.7.1', 'Greylisted']),
  ],
};

export const sfr: ProviderPreset = {
  key: 'sfr',
  name: 'SFR',
  version: 2,
  domains: ['sfr.fr', 'neuf.fr', 'cegetel.net'],
  mxSuffixes: ['smtp-in.sfr.fr'],
  limits: startingLimits(5, 2),
  settings: { messagesPerConnection: 50 },
  replyRules: [
    tooManyConnections(
      'sfr.connections',
      { pattern: 'too many connections|trop de connexions' },
      [421, null, 'Too many connections, slow down'],
      [421, null, 'Trop de connexions'],
    ),
    tooFastForNow('sfr.service-refused', { pattern: 'service refuse' }, [550, null, 'Service refuse. Veuillez essayer plus tard']),
    onBlockList(
      'sfr.block-list',
      { codes: [5], pattern: 'cloudmark|spamhaus|blacklist' },
      [554, null, 'Blacklisted, see csi.cloudmark.com'],
      [550, null, 'Listed by spamhaus'],
    ),
    mailboxFull('sfr.full', { pattern: 'quota|pleine' }, [552, '5.2.2', 'Over quota'], [452, '4.2.2', 'Boite pleine']),
    unknownMailbox(
      'sfr.unknown',
      { codes: [5], pattern: 'unknown|invalid recipient' },
      [550, '5.1.1', 'User unknown'],
      [550, null, 'Invalid recipient'],
    ),
  ],
};

export const laposte: ProviderPreset = {
  key: 'laposte',
  name: 'La Poste',
  version: 2,
  domains: ['laposte.net'],
  mxSuffixes: ['laposte.net'],
  limits: startingLimits(5, 2),
  settings: { messagesPerConnection: 50 },
  replyRules: [
    tooManyConnections(
      'laposte.connections',
      { pattern: 'trop de connexions|LPN\\d*_104' },
      [421, null, 'Trop de connexions. LPN004_104 [104]'],
      [421, null, 'LPN_104 [104]'],
    ),
    tooFastForNow(
      'laposte.service-refused',
      { pattern: 'service refuse|LPN\\d*_5(06|10)' },
      [550, '5.5.0', 'Service refuse. LPN007_510'],
      [421, null, 'LPN006_506'],
    ),
    mailboxFull(
      'laposte.full',
      { pattern: 'pleine|over ?quota' },
      [552, '5.2.2', 'Boite du destinataire pleine'],
      [452, '4.2.2', 'Over quota'],
    ),
    unknownMailbox(
      'laposte.unknown',
      { codes: [5], pattern: 'destinataire invalide|invalid recipient' },
      [550, '5.1.1', 'Destinataire invalide'],
      [550, null, 'Invalid recipient'],
    ),
  ],
};

export const italiaonline: ProviderPreset = {
  key: 'italiaonline',
  name: 'Libero and Virgilio',
  version: 2,
  domains: ['libero.it', 'virgilio.it', 'inwind.it', 'iol.it'],
  mxSuffixes: ['smtp-in.libero.it', 'smtp-in.virgilio.it'],
  limits: startingLimits(5, 2),
  settings: { messagesPerConnection: 50 },
  replyRules: [
    tooManyConnections(
      'italiaonline.connections',
      { pattern: 'too many connections|LIB\\d*_104' },
      [421, null, 'Too many connections, slow down'],
      [421, null, 'LIB_104'],
    ),
    onBlockList(
      'italiaonline.block-list',
      { codes: [5], pattern: 'blacklisted by csi|cloudmark|spamhaus' },
      [550, null, 'IP blacklisted by CSI'],
      [554, null, 'Listed by spamhaus'],
    ),
    tooFastForNow(
      'italiaonline.service-refused',
      { pattern: 'service refused|LIB_506' },
      [550, null, 'Service refused, try later. LIB_506 [506]'],
      [421, null, 'Busy LIB_506'],
    ),
    mailboxFull(
      'italiaonline.full',
      { pattern: 'over ?quota|mailbox full' },
      [552, '5.2.2', 'Recipient overquota'],
      [452, '4.2.2', 'Mailbox full'],
    ),
    unknownMailbox(
      'italiaonline.unknown',
      { codes: [5], pattern: 'invalid recipient|user unknown' },
      [550, '5.1.1', 'Invalid recipient'],
      [550, null, 'User unknown'],
    ),
  ],
};

export const ovh: ProviderPreset = {
  key: 'ovh',
  name: 'OVHcloud',
  version: 2,
  domains: [],
  mxSuffixes: ['mail.ovh.net'],
  limits: startingLimits(5, 5),
  settings: { messagesPerConnection: 30 },
  replyRules: [
    onBlockList(
      'ovh.block-list',
      { codes: [5], pattern: 'spamhaus|blacklist' },
      [554, '5.7.1', 'Client host blocked using zen.spamhaus.org'],
      [550, null, 'Blacklisted'],
    ),
    mailboxFull('ovh.full', { pattern: 'quota' }, [552, '5.2.2', 'Over quota']),
    unknownMailbox('ovh.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'User unknown']),
    busy(
      'ovh.busy',
      { codes: [4], pattern: 'temporar|try again' },
      [451, '4.3.0', 'Temporary lookup failure'],
      [421, null, 'Please try again'],
    ),
  ],
};
