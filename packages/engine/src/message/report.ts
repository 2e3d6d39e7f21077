// A report to the sender of a message: text for people, fields for machines, and the message itself or its header. Everything that a
// remote host or the sender wrote is bounded; the whole is 7 bit unless the returned message needs 8. RFC 3461 section 6, RFC 3464,
// RFC 6522, RFC 6533.
import { isAscii } from 'node:buffer';
import { deliveryStatus, diagnosticOf, plainText, type ReportAction, type ReportedRecipient } from './report-fields.ts';
import { formatDate } from './trace.ts';

export type ReportInput = {
  action: ReportAction;
  /** UUID: part of the Message-ID and of the boundary, so that no content can contain it. */
  id: string;
  nowMs: number;
  /** Our own name. */
  host: string;
  /** The envelope sender of the message reported on. */
  to: string;
  envid: string | null;
  acceptedAt: number;
  recipients: readonly ReportedRecipient[];
  /** The message as stored; null when it cannot be read any more. */
  original: { bytes: Uint8Array; headerBytes: number } | null;
  ret: 'FULL' | 'HDRS' | null;
};

/** A message larger than this comes back as its header only, whatever RET says. */
export const maxReturnedBytes = 100 * 1024;
const maxReturnedHeaderBytes = 32 * 1024;
const base64Line = 76;
/** RFC 5321 section 4.5.3.1.7: recipients of one transaction; more never share a report. */
const maxListed = 100;

/** RFC 6533 section 4. */
const globalStatus = 'Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n';

const subjects: Record<ReportAction, string> = {
  failed: 'Your message could not be delivered',
  delayed: 'Your message is delayed',
  relayed: 'Your message was passed on',
  delivered: 'Your message was delivered',
};

const sentences: Record<ReportAction, string> = {
  failed: 'Your message did not reach these recipients. No further attempt will be made.',
  delayed: 'Your message has not reached these recipients yet. There is nothing you need\r\nto do: it will be tried again.',
  relayed: 'Your message was handed to the servers of these recipients, which do not\r\nreport on delivery. No further report will come.',
  delivered: 'Your message was delivered to these recipients.',
};

function listed(action: ReportAction, recipient: ReportedRecipient): string {
  const lines = [`  ${plainText(recipient.address, 320)}`];
  const diagnostic = diagnosticOf(recipient.reply);
  if (action === 'failed' && recipient.expired) lines.push('    was not delivered within its time');
  if (diagnostic !== null) {
    lines.push(`    the server ${recipient.mxHost === null ? 'of the recipient' : plainText(recipient.mxHost, 255)} said:`);
    for (let at = 0; at < diagnostic.length; at += 70) lines.push(`    > ${diagnostic.slice(at, at + 70)}`);
  } else if (recipient.detail !== null && !recipient.expired) lines.push(`    ${plainText(recipient.detail, 500)}`);
  if (action === 'delayed' && recipient.willRetryUntil !== null) lines.push(`    is tried until ${formatDate(recipient.willRetryUntil)}`);
  return lines.join('\r\n');
}

function base64(bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes).toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += base64Line) lines.push(text.slice(at, at + base64Line));
  return Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1');
}

/** The header up to `maxReturnedHeaderBytes`, cut at the end of a line. */
function boundedHeader(bytes: Uint8Array, headerBytes: number): Uint8Array {
  if (headerBytes <= maxReturnedHeaderBytes) return bytes.subarray(0, headerBytes);
  return bytes.subarray(0, bytes.lastIndexOf(10, maxReturnedHeaderBytes) + 1);
}

/** The third part. Beyond ASCII a header travels in base64, which its own type allows and message/rfc822 does not. RFC 6533 section 6. */
function returned(input: ReportInput): { fields: string; body: Uint8Array; eightBit: boolean } | null {
  if (!input.original) return null;
  const { bytes, headerBytes } = input.original;
  const header = boundedHeader(bytes, headerBytes);
  const asciiHeader = isAscii(header);
  // RFC 3461 section 4.3: RET speaks of failure; a report of anything else carries the header only. Without RET the header is enough.
  if (input.action === 'failed' && input.ret === 'FULL' && bytes.length <= maxReturnedBytes && headerBytes <= maxReturnedHeaderBytes) {
    if (!asciiHeader)
      return { fields: 'Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n', body: base64(bytes), eightBit: false };
    const eightBit = !isAscii(bytes);
    return {
      fields: `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}\r\n`,
      body: bytes,
      eightBit,
    };
  }
  if (asciiHeader) return { fields: 'Content-Type: text/rfc822-headers\r\n', body: header, eightBit: false };
  return { fields: 'Content-Type: message/global-headers\r\nContent-Transfer-Encoding: base64\r\n', body: base64(header), eightBit: false };
}

/** The whole message, CRLF line ends. The domain of `to` is the tenant's own, so that the tenant's key can sign for the From address. */
export function buildReport(input: ReportInput): Buffer {
  const { action, id, to } = input;
  const domain = to.slice(to.lastIndexOf('@') + 1);
  const recipients = input.recipients.slice(0, maxListed);
  const boundary = `=_${id}`;
  const part = returned(input);
  // Such a report can only be carried by hosts that know SMTPUTF8, and they carry what is beyond ASCII as it is.
  const unicode = !isAscii(Buffer.from(to));
  const header = [
    `From: Mail Delivery System <MAILER-DAEMON@${domain}>`,
    `To: <${to.replace(/[\r\n<>]/g, '?')}>`,
    `Subject: ${subjects[action]}`,
    `Date: ${formatDate(input.nowMs)}`,
    `Message-ID: <${id}@${domain}>`,
    'Auto-Submitted: auto-replied', // RFC 3834 section 5
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    ...(part?.eightBit || unicode ? ['Content-Transfer-Encoding: 8bit'] : []),
  ];
  const text = [
    `This is the mail system at ${plainText(input.host, 255)}.`,
    '',
    sentences[action],
    '',
    ...recipients.map((recipient) => listed(action, recipient)),
  ];
  const status = deliveryStatus({ host: input.host, envid: input.envid, acceptedAt: input.acceptedAt, action, unicode }, recipients);
  const opening =
    `${header.join('\r\n')}\r\n\r\n--${boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n${text.join('\r\n')}\r\n` +
    `\r\n--${boundary}\r\n${unicode ? globalStatus : 'Content-Type: message/delivery-status\r\n'}\r\n${status}`;
  const pieces: Uint8Array[] = [Buffer.from(opening, 'utf8')];
  if (part) pieces.push(Buffer.from(`\r\n--${boundary}\r\n${part.fields}\r\n`, 'latin1'), part.body);
  pieces.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'));
  return Buffer.concat(pieces);
}
