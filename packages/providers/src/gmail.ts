// Gmail and Google Workspace. Replies as Google documents them (support.google.com/a/answer/3726730); connection count as senders use it.
import type { ProviderPreset } from './preset.ts';

export const gmail: ProviderPreset = {
  key: 'gmail',
  name: 'Gmail',
  domains: ['gmail.com', 'googlemail.com'],
  mxSuffixes: ['l.google.com', 'googlemail.com', 'smtp.google.com'],
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
  acceptedIdPattern: /OK\s+([0-9a-z.-]+) - gsmtp/,
  defaultLimits: [
    { kind: 'message_rate', count: 20, perSeconds: 1, burst: 20 },
    { kind: 'connections', count: 5, perSeconds: 1, burst: 0 },
  ],
};
