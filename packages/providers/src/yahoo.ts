// Yahoo and AOL. Replies as the sender hub documents them (senders.yahooinc.com/smtp-error-codes) and as senders' logs show them.
import type { ProviderPreset } from './preset.ts';

export const yahoo: ProviderPreset = {
  key: 'yahoo',
  name: 'Yahoo',
  domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'aol.com'],
  mxSuffixes: ['yahoodns.net'],
  mxHosts: [
    { exchange: 'mta5.am0.yahoodns.net', preference: 1 },
    { exchange: 'mta6.am0.yahoodns.net', preference: 1 },
    { exchange: 'mta7.am0.yahoodns.net', preference: 1 },
  ],
  customerMx: null,
  replies: {
    rateLimited: {
      code: 421,
      enhanced: '4.7.0',
      text: '[TSS04] Messages from {source} temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes',
    },
    connectionLimited: {
      code: 421,
      enhanced: '4.7.1',
      text: '[TS01] Too many connections from {source}, try again later; see https://postmaster.yahooinc.com/error-codes',
    },
    unknownMailbox: {
      code: 554,
      enhanced: null,
      text: "delivery error: dd This user doesn't have a yahoo.com account ({recipient}) [0] - {host}",
    },
    mailboxFull: { code: 452, enhanced: '4.2.2', text: 'The mailbox of {recipient} is over quota - {host}' },
    recipientBusy: { code: 450, enhanced: null, text: 'User is receiving mail too quickly' },
    temporaryFailure: { code: 451, enhanced: null, text: 'Resources temporarily unavailable. Please try again later. - {host}' },
    accepted: { code: 250, enhanced: null, text: 'ok dirdel {id}' },
  },
  acceptedIdPattern: /ok dirdel ([0-9a-z]+)/,
  defaultLimits: [
    { kind: 'message_rate', count: 10, perSeconds: 1, burst: 10 },
    { kind: 'connections', count: 5, perSeconds: 1, burst: 0 },
  ],
};
