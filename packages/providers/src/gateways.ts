// Filters in front of the mail servers of companies: known by MX only. What they refuse is mostly the doing of a policy of the customer,
// so one refusal says little about the next customer behind the same hosts.
import { startingLimits, type ProviderPreset } from './preset.ts';
import {
  badDkim,
  badDmarc,
  badSpf,
  blocked,
  busy,
  greylisted,
  kindOf,
  mailboxFull,
  onBlockList,
  poorReputation,
  spamContent,
  tooFast,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

const customerPolicy = kindOf({
  meaning: 'A policy of the recipient’s organisation refuses this mail.',
  ...{ bounceClass: 'policy', identity: 'message', remedy: 'none' },
});

export const mimecast: ProviderPreset = {
  key: 'mimecast',
  name: 'Mimecast',
  version: 2,
  domains: [],
  mxSuffixes: ['mimecast.com', 'mimecast.co.za', 'mimecast-offshore.com'],
  limits: startingLimits(10, 10),
  settings: { messagesPerConnection: 100 },
  replyRules: [
    badSpf('mimecast.spf', { codes: [5], pattern: 'spf sender invalid' }, [550, null, 'SPF Sender Invalid - envelope rejected']),
    badDkim('mimecast.dkim', { codes: [5], pattern: 'dkim sender invalid' }, [550, null, 'DKIM Sender Invalid - envelope rejected']),
    badDmarc(
      'mimecast.dmarc',
      { codes: [5], pattern: 'dmarc sender invalid|anti-spoofing' },
      [550, null, 'DMARC Sender Invalid - envelope rejected'],
      [550, null, 'Anti-spoofing policy'],
    ),
    poorReputation(
      'mimecast.reputation',
      { pattern: 'reputation policy|temporarily blacklisted' },
      [451, null, 'IP temporarily blacklisted'],
      [550, null, 'Refused by the reputation policy'],
    ),
    blocked(
      'mimecast.blocked',
      { codes: [5], pattern: 'spamhaus|blocklist|\\brbl\\b' },
      [550, null, 'The IP is on an RBL'],
      [550, null, 'Listed by spamhaus'],
    ),
    customerPolicy(
      'mimecast.policy',
      { codes: [5], pattern: 'administrative prohibition|security polic|envelope blocked' },
      [550, null, 'Administrative prohibition'],
      [550, null, 'Envelope blocked'],
    ),
    unknownMailbox('mimecast.unknown', { codes: [5], pattern: 'invalid recipient' }, [550, null, 'Invalid Recipient']),
    greylisted(
      'mimecast.greylist',
      { codes: [4], pattern: 'recipient temporarily unavailable|greylist' },
      [451, null, 'Recipient temporarily unavailable'],
      [451, null, 'Greylisted'],
    ),
    busy(
      'mimecast.busy',
      { codes: [4], pattern: 'internal resource|unable to process' },
      [451, null, 'Internal resource temporarily unavailable'],
      [421, null, 'Unable to process the connection now'],
    ),
  ],
};

export const proofpoint: ProviderPreset = {
  key: 'proofpoint',
  name: 'Proofpoint',
  version: 2,
  domains: [],
  mxSuffixes: ['pphosted.com', 'ppe-hosted.com', 'gpphosted.com'],
  limits: startingLimits(10, 10),
  settings: { messagesPerConnection: 50 },
  replyRules: [
    blocked('proofpoint.blocked', { codes: [5], pattern: String.raw`ipcheck\.proofpoint\.com` }, [
      554,
      null,
      'Blocked - see https://ipcheck.proofpoint.com/',
    ]),
    poorReputation(
      'proofpoint.deferred',
      { codes: [4], pattern: String.raw`deferred.*see|ipcheck\.proofpoint\.com` },
      [452, null, 'Deferred - see ipcheck.proofpoint.com'],
      [421, null, 'See https://ipcheck.proofpoint.com/'],
    ),
    tooManyConnections('proofpoint.connections', { codes: [4], pattern: 'too many connections' }, [421, '4.7.0', 'Too many connections']),
    customerPolicy(
      'proofpoint.policy',
      { codes: [5], pattern: 'local policy violation|delivery not authorized' },
      [550, '5.7.0', 'Local Policy Violation'],
      [554, null, 'Delivery not authorized, message refused'],
    ),
    mailboxFull('proofpoint.full', { enhanced: ['4.2.2', '5.2.2'] }, [552, '5.2.2', 'Mailbox full'], [452, '4.2.2', 'Mailbox full']),
    unknownMailbox('proofpoint.unknown', { codes: [5], enhanced: ['5.1.1'] }, [550, '5.1.1', 'User Unknown']),
    busy(
      'proofpoint.busy',
      { codes: [4], enhanced: ['4.3.1', '4.4.5'] },
      [452, '4.3.1', 'Insufficient system storage'],
      [421, '4.4.5', 'Server busy'],
    ),
  ],
};

export const barracuda: ProviderPreset = {
  key: 'barracuda',
  name: 'Barracuda',
  version: 2,
  domains: [],
  mxSuffixes: ['ess.barracudanetworks.com', 'ess.de.barracudanetworks.com', 'ess.uk.barracudanetworks.com'],
  limits: startingLimits(10, 10),
  settings: { messagesPerConnection: 15, tls: 'required' },
  replyRules: [
    onBlockList(
      'barracuda.reputation',
      { codes: [5], pattern: 'barracuda reputation|blocked using' },
      [554, null, 'Client host blocked using Barracuda Reputation'],
      [550, null, 'Blocked using a list'],
    ),
    customerPolicy(
      'barracuda.policy',
      { codes: [5], pattern: ':blocked|blocked by' },
      [550, null, 'permanent failure for one or more recipients (ann@shop.example:blocked)'],
      [554, null, 'Blocked by policy'],
    ),
    unknownMailbox(
      'barracuda.unknown',
      { codes: [5], pattern: 'no such (user|recipient)|user unknown|[:]550' },
      [550, null, 'No such recipient'],
      [550, null, 'User unknown'],
    ),
    tooFast(
      'barracuda.rate',
      { codes: [4], pattern: 'too many|rate control' },
      [421, null, 'Rate control: too many connections'],
      [450, null, 'Too many messages'],
    ),
    busy(
      'barracuda.busy',
      { codes: [4], pattern: 'deferred|try again' },
      [450, null, 'Deferred, try again'],
      [421, null, 'Please try again'],
    ),
  ],
};

export const cisco: ProviderPreset = {
  key: 'cisco',
  name: 'Cisco Secure Email',
  version: 2,
  domains: [],
  mxSuffixes: ['iphmx.com'],
  limits: startingLimits(10, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    blocked(
      'cisco.reputation',
      { codes: [5], pattern: 'poor reputation|talosintelligence|senderbase' },
      [554, null, 'Rejected due to the poor reputation of the sending MTA'],
      [554, null, 'See talosintelligence.com'],
    ),
    tooManyConnections(
      'cisco.connections',
      { codes: [4], pattern: '#4[.]4[.]5|too many (tcp )?(sessions|connections)' },
      [421, null, '#4.4.5 Too many TCP sessions from your host'],
      [421, null, 'Too many connections'],
    ),
    tooFast(
      'cisco.rate',
      { codes: [4], pattern: '#4[.]5[.]3|too many recipients' },
      [452, null, '#4.5.3 Too many recipients received this hour'],
      [450, null, 'Too many recipients'],
    ),
    unknownMailbox('cisco.unknown', { codes: [5], pattern: '#5[.]1[.]0 address rejected' }, [550, null, '#5.1.0 Address rejected.']),
    spamContent('cisco.content', { codes: [5], pattern: '#5[.]7[.]1' }, [550, null, '#5.7.1 Message rejected by content filter']),
  ],
};

export const messageLabs: ProviderPreset = {
  key: 'messagelabs',
  name: 'Symantec Email Security',
  version: 2,
  domains: [],
  mxSuffixes: ['messagelabs.com'],
  limits: startingLimits(10, 5),
  settings: { messagesPerConnection: 20 },
  replyRules: [
    onBlockList(
      'messagelabs.block-list',
      { codes: [5], pattern: 'because your ip|in the pbl' },
      [553, null, 'mail rejected because your IP is in the PBL'],
      [550, null, 'The address is in the PBL'],
    ),
    blocked(
      'messagelabs.blocked',
      { codes: [5], pattern: String.raw`connection rejected by policy|\[7\.7\]` },
      [501, null, 'Connection rejected by policy [7.7]'],
      [553, null, 'Refused [7.7]'],
    ),
    unknownMailbox(
      'messagelabs.unknown',
      { codes: [5], pattern: 'invalid recipient|user unknown' },
      [550, null, 'Invalid recipient'],
      [550, null, 'User unknown'],
    ),
    busy('messagelabs.busy', { codes: [4], pattern: 'service temporarily unavailable' }, [421, null, 'Service Temporarily Unavailable']),
  ],
};
