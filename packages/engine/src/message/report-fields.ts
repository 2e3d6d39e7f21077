// The machine-readable half of a report: one group of fields for the message, one for each recipient. What a remote host said is written by
// strangers: it is reduced to printable ASCII, bounded and folded, so that no reply can add a field. RFC 3464 section 2.
import type { RemoteReply } from '@sluice/contract';
import { fromXtext } from '../smtp/index.ts';
import { formatDate } from './trace.ts';

/** What the report says happened to the recipients it names. RFC 3464 section 2.3.3. */
export type ReportAction = 'failed' | 'delayed' | 'relayed' | 'delivered';

export type ReportedRecipient = {
  /** Domain in A-labels. */
  address: string;
  /** ORCPT as kept: `type;xtext`. */
  orcpt: string | null;
  /** Last answer of the remote host; null when there was none, `detail` then says what happened. */
  reply: RemoteReply | null;
  detail: string | null;
  mxHost: string | null;
  lastAttemptAt: number | null;
  /** When the message was given up for want of time rather than refused. */
  expired: boolean;
  /** Of a delayed message. */
  willRetryUntil: number | null;
};

const foldAt = 76;
const maxWord = 200;
const maxDiagnostic = 700;
const maxAddress = 500;

/** Text as it may stand in a field or a line: printable ASCII, white space collapsed, at most `limit` characters. */
export function plainText(text: string, limit: number): string {
  const clean = text
    .replace(/[^\u0021-\u007e]+/gu, (gap) => (/^\s+$/.test(gap) ? ' ' : '?'))
    .trim()
    .slice(0, limit);
  return clean === '' ? '?' : clean;
}

/** `Name: value`, folded at spaces. RFC 5322 section 2.2.3. */
function field(name: string, value: string): string {
  let line = `${name}:`;
  const lines: string[] = [];
  for (const word of value.split(' ')) {
    if (line.length + 1 + word.length > foldAt && line.length > name.length + 1) {
      lines.push(line);
      line = '';
    }
    line += ` ${word.slice(0, maxWord)}`;
  }
  lines.push(line);
  return `${lines.join('\r\n')}\r\n`;
}

/** What an address of type utf-8 says by number in any case, and what besides where only ASCII may be written. RFC 6533 section 3. */
const byNumber = { unicode: /[^!-*,-<>-[\]-~\u{A0}-\u{10FFFF}]/gu, ascii: /[^!-*,-<>-[\]-~]/gu };

/** An address with its type; beyond ASCII as it is for who can read it, else by number, which any host can carry. RFC 6533 section 3. */
function typedAddress(address: string, unicode: boolean): string {
  if (/^[\u0021-\u007e]+$/.test(address)) return `rfc822; ${address.slice(0, maxAddress)}`;
  const hex = (character: string): string => (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0');
  const written = address.replace(unicode ? byNumber.unicode : byNumber.ascii, (character) => `\\x{${hex(character)}}`);
  return `utf-8; ${written.slice(0, maxAddress)}`;
}

/** The recipient as the sender named it. RFC 3461 section 4.2, RFC 6533 section 3. */
function originalRecipient(orcpt: string, unicode: boolean): string {
  const [type = '', ...rest] = fromXtext(orcpt).split(';');
  const address = rest.join(';');
  if (type.toLowerCase() !== 'utf-8') return plainText(`${type}; ${address}`, maxAddress);
  const decoded = address.replace(/\\x\{(10[0-9A-F]{4}|[0-9A-F]{2,5})\}/gi, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)));
  return typedAddress(decoded, unicode);
}

/** The status of a recipient, of the class that its action demands. RFC 3463, RFC 3464 section 2.3.4. */
export function statusOf(action: ReportAction, recipient: ReportedRecipient): string {
  if (action === 'relayed' || action === 'delivered') return '2.0.0';
  // RFC 3463 section 3.5: delivery time expired.
  if (action === 'failed' && recipient.expired) return '4.4.7';
  const wanted = action === 'failed' ? '5' : '4';
  const said = recipient.reply?.enhanced ?? /^\d\.\d{1,3}\.\d{1,3}(?= )/.exec(recipient.detail ?? '')?.[0] ?? '';
  return said.startsWith(`${wanted}.`) ? said : `${wanted}.0.0`;
}

/** The reply with its codes on one line; null when no remote host answered. */
export function diagnosticOf(reply: RemoteReply | null): string | null {
  if (!reply) return null;
  const text = plainText(reply.text, maxDiagnostic);
  return reply.enhanced ? `${reply.code} ${plainText(reply.enhanced, 16)} ${text}` : `${reply.code} ${text}`;
}

/** The body of message/delivery-status; with `unicode` that of message/global-delivery-status. RFC 6533 section 4. */
export function deliveryStatus(
  of: { host: string; envid: string | null; acceptedAt: number; action: ReportAction; unicode: boolean },
  recipients: readonly ReportedRecipient[],
): string {
  let text = field('Reporting-MTA', `dns; ${plainText(of.host, 255)}`);
  if (of.envid !== null) text += field('Original-Envelope-Id', plainText(of.envid, 100));
  text += field('Arrival-Date', formatDate(of.acceptedAt));
  for (const recipient of recipients) {
    text += '\r\n';
    if (recipient.orcpt !== null) text += field('Original-Recipient', originalRecipient(recipient.orcpt, of.unicode));
    text += field('Final-Recipient', typedAddress(recipient.address, of.unicode));
    text += field('Action', of.action);
    text += field('Status', statusOf(of.action, recipient));
    if (recipient.mxHost !== null) text += field('Remote-MTA', `dns; ${plainText(recipient.mxHost, 255)}`);
    const diagnostic = diagnosticOf(recipient.reply);
    if (diagnostic !== null) text += field('Diagnostic-Code', `smtp; ${diagnostic}`);
    if (recipient.lastAttemptAt !== null) text += field('Last-Attempt-Date', formatDate(recipient.lastAttemptAt));
    if (of.action === 'delayed' && recipient.willRetryUntil !== null)
      text += field('Will-Retry-Until', formatDate(recipient.willRetryUntil));
  }
  return text;
}
