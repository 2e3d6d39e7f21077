// Command lines as we send them. An address is checked octet by octet before it becomes part of a line, so that no envelope, however it
// came to us, can put a second command on the wire. RFC 5321 section 4.1.1.
import { domainToASCII } from 'node:url';
import { xtext } from './xtext.ts';

/** RFC 5321 section 4.5.3.1.3, without the brackets. */
const MAX_PATH_BYTES = 254; // local parts over 64 octets are common in VERP and are left to the receiver
const MAX_ORCPT_BYTES = 500; // RFC 3461 section 5.3
const DOMAIN = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/i;
const ADDRESS_LITERAL = /^\[[A-Za-z0-9.:]{2,64}\]$/;
/** Atoms with dots where people put them in practice (leading, doubled), octets above 127 for SMTPUTF8. */
const DOT_ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u0080-\u{10ffff}-]+$/u;
const QUOTED = /^"(?:[\u0020\u0021\u0023-\u005b\u005d-\u007e\u0080-\u{10ffff}]|\\[\u0020-\u007e])*"$/u;

export type WireAddress = { text: string; utf8: boolean };

/** The address as it goes between the brackets, domain in A-labels; null when it cannot be written. Empty is the null sender. */
export function wireAddress(address: string): WireAddress | null {
  if (address === '') return { text: '', utf8: false };
  const at = address.lastIndexOf('@');
  const local = address.slice(0, Math.max(at, 0));
  const given = address.slice(at + 1);
  const ascii = /^[\u0000-\u007f]*$/.test(given) ? given : domainToASCII(given);
  if (!DOMAIN.test(ascii) && !ADDRESS_LITERAL.test(ascii)) return null;
  if (!DOT_ATOM.test(local) && !QUOTED.test(local)) return null;
  const text = `${local}@${ascii}`;
  if (Buffer.byteLength(text) > MAX_PATH_BYTES) return null;
  return { text, utf8: text.length !== Buffer.byteLength(text) };
}

/** RFC 5321 section 4.1.1.1: a domain name or an address literal. */
export function isEhloName(name: string): boolean {
  return DOMAIN.test(name) || ADDRESS_LITERAL.test(name);
}

export function ehloLine(verb: 'EHLO' | 'HELO' | 'LHLO', name: string): string {
  // Whoever opens a connection has checked its name; a bad one here is a bug, not an outcome.
  if (!isEhloName(name)) throw new Error('EHLO name is no domain name or address literal');
  return `${verb} ${name}\r\n`;
}

/** RET and ENVID of the whole message, `envid` decoded. RFC 3461 sections 4.3 and 4.4. */
export type MailDsn = { ret: 'FULL' | 'HDRS' | null; envid: string | null };
export type MailParameters = { sizeBytes: number | null; eightBit: boolean; utf8: boolean; dsn?: MailDsn | null; requireTls?: boolean };

export function mailLine(sender: WireAddress, parameters: MailParameters): string {
  const size = parameters.sizeBytes === null ? '' : ` SIZE=${parameters.sizeBytes}`; // RFC 1870 section 6
  const body = parameters.eightBit ? ' BODY=8BITMIME' : ''; // RFC 6152 section 2
  const utf8 = parameters.utf8 ? ' SMTPUTF8' : ''; // RFC 6531 section 3.4
  const ret = parameters.dsn?.ret ? ` RET=${parameters.dsn.ret}` : '';
  const name = parameters.dsn?.envid ? xtext(parameters.dsn.envid) : null;
  const envid = name === null ? '' : ` ENVID=${name}`;
  const tls = parameters.requireTls ? ' REQUIRETLS' : ''; // RFC 8689 section 4.2.1
  return `MAIL FROM:<${sender.text}>${size}${body}${utf8}${ret}${envid}${tls}\r\n`;
}

/** NOTIFY and ORCPT as submitted, when well-formed; what is not is left out rather than refused. RFC 3461 section 4. */
export function rcptLine(recipient: WireAddress, dsn: { notify: string | null; orcpt: string | null } | null): string {
  const notify =
    dsn?.notify && /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY)){0,2})$/i.test(dsn.notify)
      ? ` NOTIFY=${dsn.notify}`
      : '';
  const orcpt =
    dsn?.orcpt && dsn.orcpt.length <= MAX_ORCPT_BYTES && /^[A-Za-z0-9-]{1,32};[\u0021-\u002a\u002c-\u003c\u003e-\u007e+]+$/.test(dsn.orcpt)
      ? ` ORCPT=${dsn.orcpt}`
      : '';
  return `RCPT TO:<${recipient.text}>${notify}${orcpt}\r\n`;
}
