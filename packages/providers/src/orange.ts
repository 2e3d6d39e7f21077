// Orange and Wanadoo in France. Two connections from one source, and a code of its own (OFR) at the end of every reply.
import { startingLimits, type SimulatedPreset } from './preset.ts';
import {
  badSenderDomain,
  busy,
  mailboxFull,
  onBlockList,
  recipientBusy,
  tooFastForNow,
  tooManyConnections,
  unknownMailbox,
} from './rule-kinds.ts';

export const orange: SimulatedPreset = {
  key: 'orange',
  name: 'Orange',
  version: 2,
  domains: ['orange.fr', 'wanadoo.fr'],
  mxSuffixes: ['smtp-in.orange.fr'],
  limits: startingLimits(5, 2),
  settings: { messagesPerConnection: 100, tls: 'required' },
  replyRules: [
    tooManyConnections(
      'orange.connections',
      { pattern: 'trop de connexions|OFR_104|OFR004_104' },
      [421, null, 'ME Trop de connexions, veuillez verifier votre configuration. OFR004_104 [104]'],
      [421, null, 'Limite atteinte OFR_104 [104]'],
    ),
    onBlockList(
      'orange.block-list',
      { pattern: 'spamhaus|cloudmark' },
      [550, '5.7.1', 'Listed by Spamhaus'],
      [550, null, 'Blacklisted, see csi.cloudmark.com'],
    ),
    tooFastForNow(
      'orange.service-refused',
      { pattern: 'service refuse|OFR_506|OFR_999' },
      [550, '5.2.0', 'ME Service refuse. Veuillez essayer plus tard. OFR_506 [506]'],
      [421, null, 'ME Service refuse. OFR_999 [999]'],
    ),
    mailboxFull(
      'orange.full',
      { pattern: 'boite du destinataire pleine|over ?quota' },
      [552, '5.1.1', 'Boite du destinataire pleine. OFR_417 [417]'],
      [452, '4.2.2', 'Recipient overquota'],
    ),
    badSenderDomain(
      'orange.sender',
      { pattern: 'emetteur invalide|invalid sender' },
      [501, '5.1.0', 'Emetteur invalide. Invalid Sender.'],
      [550, '5.1.8', 'Invalid sender'],
    ),
    recipientBusy(
      'orange.recipient-rate',
      { enhanced: ['4.2.1'] },
      [450, '4.2.1', 'Le destinataire recoit trop de messages'],
      [452, '4.2.1', 'Trop de messages'],
    ),
    unknownMailbox(
      'orange.unknown',
      { codes: [5], pattern: 'destinataire invalide|invalid recipient' },
      [550, '5.1.1', 'Adresse d au moins un destinataire invalide. OFR_416 [416]'],
      [550, '5.1.1', 'Invalid recipient OFR_416 [416]'],
    ),
    busy(
      'orange.busy',
      { codes: [4], pattern: 'plus tard|try later|try again' },
      [451, null, 'ME Veuillez essayer plus tard'],
      [421, null, 'Try later'],
    ),
  ],
  simulated: {
    mxHosts: [{ exchange: 'smtp-in.orange.fr', preference: 10 }],
    customerMx: null,
    replies: {
      rateLimited: { code: 421, enhanced: null, text: '{host} ME Service refuse. Veuillez essayer plus tard. OFR_999 [999]' },
      connectionLimited: {
        code: 421,
        enhanced: null,
        text: '{host} ME Trop de connexions, verifiez votre configuration. OFR004_104 [104]',
      },
      unknownMailbox: { code: 550, enhanced: '5.1.1', text: 'Adresse d au moins un destinataire invalide. OFR_416 [416]' },
      mailboxFull: { code: 452, enhanced: '4.2.2', text: 'Boite du destinataire pleine. OFR_417 [417]' },
      recipientBusy: { code: 450, enhanced: '4.2.1', text: 'Le destinataire recoit trop de messages' },
      temporaryFailure: { code: 451, enhanced: '4.3.0', text: '{host} ME Veuillez essayer plus tard' },
      accepted: { code: 250, enhanced: '2.0.0', text: '{id} mail accepted for delivery' },
    },
    reactions: {
      poorReputation: { code: 421, enhanced: null, text: '{host} ME Service refuse. Veuillez essayer plus tard. OFR_999 [999]' },
      blocked: { code: 550, enhanced: null, text: '{host} {source} blacklisted, see csi.cloudmark.com' },
      dkimDomainTooFast: { code: 421, enhanced: null, text: '{host} ME Service refuse. Veuillez essayer plus tard. OFR_999 [999]' },
      envelopeDomainTooFast: { code: 421, enhanced: null, text: '{host} ME Service refuse. Veuillez essayer plus tard. OFR_999 [999]' },
      greylisted: { code: 451, enhanced: null, text: '{host} ME Veuillez essayer plus tard' },
    },
    acceptedIdPattern: /([0-9a-z.-]+) mail accepted for delivery/,
  },
};
