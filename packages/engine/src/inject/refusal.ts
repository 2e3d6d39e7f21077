// Every way a submission is turned down, as a value: the reply code that rules the client's next step and a text that says what to
// mend. Texts begin with the enhanced code themselves, because the listener's library picks one per reply code and cannot be told
// (its ENHANCEDSTATUSCODES is therefore not advertised). What goes on the wire is generic; the log has the particulars.

import type { ContentProblem } from '../message/index.ts';
import type { SpoolError } from '../ports.ts';

/** Reply to a submission that is not accepted. `code` 4xx: come again; 5xx: do not. RFC 5321 section 4.2.1. */
export type Refusal = { readonly code: number; readonly text: string };

export const refusals = {
  authenticationRequired: { code: 530, text: '5.7.0 Authentication required' },
  encryptionRequired: { code: 538, text: '5.7.11 Encryption required for this authentication mechanism' },
  badCredentials: { code: 535, text: '5.7.8 Authentication credentials invalid' },
  tooManyFailures: { code: 421, text: '4.7.0 Too many failed authentications, try again later' },
  principalGone: { code: 535, text: '5.7.8 This credential or relay is no longer valid' },
  draining: { code: 421, text: '4.3.2 Shutting down, try again later' },
  takesNoMail: { code: 421, text: '4.3.2 Not accepting mail now, try again later' },
  notConfigured: { code: 451, text: '4.3.2 No configuration yet, try again later' },
  diskFull: { code: 452, text: '4.3.1 Insufficient system storage, try again later' },
  storageFailed: { code: 451, text: '4.3.0 The message could not be stored, try again later' },
  busy: { code: 452, text: '4.3.1 Too much mail at once, try again later' },
  internal: { code: 451, text: '4.3.0 Local error, try again later' },
  tooManyRecipients: { code: 452, text: '4.5.3 Too many recipients' },
  senderNotOwned: { code: 550, text: '5.7.1 The envelope sender is not in a sending domain of this account' },
  fromNotOwned: { code: 550, text: '5.7.1 The From address is not in a sending domain of this account' },
  tenantHeader: { code: 550, text: '5.7.1 X-Sluice-Tenant is not the tenant of this account' },
  streamHeader: { code: 550, text: '5.7.1 X-Sluice-Stream names no stream of this account' },
  poolHeader: { code: 550, text: '5.7.1 X-Sluice-Pool names no pool of this stream' },
  campaignHeader: { code: 550, text: '5.6.0 X-Sluice-Campaign is 1 to 64 of A-Z a-z 0-9 . _ : -' },
  expiresHeader: { code: 550, text: '5.6.0 X-Sluice-Expires is seconds or a date with zone, after the first attempt, at most 14 days' },
  notBeforeHeader: { code: 550, text: '5.6.0 X-Sluice-Not-Before is seconds or a date with zone, at most 30 days ahead' },
  engagedHeader: { code: 550, text: '5.6.0 X-Sluice-Engaged is yes or no' },
  windowHeader: { code: 550, text: '5.6.0 X-Sluice-Window is like mon-fri 08:00-20:00 Europe/Berlin, with a known time zone' },
  badOrcpt: { code: 501, text: '5.5.4 ORCPT is not a type and an address' },
  badEnvid: { code: 501, text: '5.5.4 ENVID is at most 100 printable characters' },
  // RFC 6531 section 3.5
  utf8Sender: { code: 550, text: '5.6.7 A non-ASCII sender needs SMTPUTF8' },
  utf8Recipient: { code: 553, text: '5.6.7 A non-ASCII recipient needs SMTPUTF8' },
  badDomain: { code: 553, text: '5.1.2 The domain of the address is not valid' },
  unknownParameter: { code: 555, text: '5.5.4 Parameter not recognized or not offered' },
} as const satisfies Record<string, Refusal>;

/** Content that cannot be taken as it stands; the message names the line or field. RFC 5321 section 2.3.8, RFC 5322 section 2.1.1. */
export function unacceptable(problem: ContentProblem, message: string): Refusal {
  const code = problem.startsWith('from_') ? 550 : 554;
  return { code, text: `5.6.0 ${message}` };
}

/** The size limit's own reply. RFC 1870 section 6.1. */
export const tooLarge = (limitBytes: number): Refusal => ({ code: 552, text: `5.3.4 Message exceeds ${limitBytes} octets` });

/** What a client hears of a spool that takes nothing. */
export const storageRefusal = ({ code }: Pick<SpoolError, 'code'>): Refusal =>
  code === 'disk_full' ? refusals.diskFull : refusals.storageFailed;

/** A refusal in the shape the listener's library sends. */
export function asSmtpError(refusal: Refusal): Error & { responseCode: number } {
  return Object.assign(new Error(refusal.text), { responseCode: refusal.code });
}
