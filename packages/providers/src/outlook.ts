// Microsoft: outlook.com for consumers, and the customers of Microsoft 365, each of whom has an MX host of its own under one suffix:
// a hundred thousand sites that share one provider. Replies as Microsoft documents them (postmaster pages, SMTP error list).
import type { ProviderPreset } from './preset.ts';

export const outlook: ProviderPreset = {
  key: 'outlook',
  name: 'Outlook',
  domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com'],
  mxSuffixes: ['olc.protection.outlook.com', 'mail.protection.outlook.com', 'mx.microsoft'],
  mxHosts: [{ exchange: 'outlook-com.olc.protection.outlook.com', preference: 5 }],
  customerMx: { exchange: '{domain}.mail.protection.outlook.com', preference: 0 },
  replies: {
    rateLimited: { code: 451, enhanced: '4.7.500', text: 'Server busy. Please try again later from [{source}]. (S77719) [{host}]' },
    connectionLimited: {
      code: 421,
      enhanced: '4.3.2',
      text: 'The maximum number of concurrent server connections has exceeded a limit, closing transmission channel (S3115) [{host}]',
    },
    unknownMailbox: { code: 550, enhanced: '5.5.0', text: 'Requested action not taken: mailbox unavailable (S2017062302). [{host}]' },
    mailboxFull: { code: 452, enhanced: '4.2.2', text: "The recipient's mailbox is full and can't accept messages now. [{host}]" },
    recipientBusy: {
      code: 450,
      enhanced: '4.2.1',
      text: 'The recipient is receiving mail at a rate that prevents delivery, try again later. [{host}]',
    },
    temporaryFailure: { code: 451, enhanced: '4.4.2', text: 'Temporary server error. Please try again later. [{host}]' },
    accepted: {
      code: 250,
      enhanced: '2.6.0',
      text: '<{id}@{host}> [InternalId={id}, Hostname={host}] Queued mail for delivery -> 250 2.1.5',
    },
  },
  acceptedIdPattern: /\[InternalId=([0-9a-z]+),/,
  defaultLimits: [
    { kind: 'message_rate', count: 10, perSeconds: 1, burst: 10 },
    { kind: 'connections', count: 5, perSeconds: 1, burst: 0 },
  ],
};
