// Mailboxes in header fields and envelopes: which domain does this message claim to be from? Answers only when there is exactly one
// claim, since a receiver that picks another of several would be shown a sender whose right to send was never checked.
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

const DOMAIN = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;
const MAX_FROM_CHARACTERS = 8_192;
const MAX_COMMENT_DEPTH = 16;

/** A-labels in lower case; null when it is no domain name. RFC 5890 section 2.3.2.1. */
export function asciiDomain(domain: string): string | null {
  const trimmed = domain.replace(/\.$/, '');
  // The URL parser would also read percent signs, numbers and brackets; only letters beyond ASCII need it.
  const ascii = /^[\u0000-\u007f]*$/.test(trimmed) ? trimmed.toLowerCase() : domainToASCII(trimmed);
  return DOMAIN.test(ascii) ? ascii : null;
}

/** Splits at the last `@`; null when there is no local part or no valid domain. */
export function splitMailbox(mailbox: string): { local: string; domain: string } | null {
  const at = mailbox.lastIndexOf('@');
  const domain = at < 1 ? null : asciiDomain(mailbox.slice(at + 1));
  return domain === null ? null : { local: mailbox.slice(0, at), domain };
}

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` -> the address; null when it is neither. RFC 5321 section 4.1.3. */
export function addressLiteral(domain: string): string | null {
  const inner = /^\[(.*)\]$/.exec(domain)?.[1] ?? '';
  if (isIPv4(inner)) return inner;
  const six = /^ipv6:(.*)$/i.exec(inner)?.[1] ?? '';
  // A zone names an interface of this machine, which no mail has a say in.
  return isIPv6(six) && !six.includes('%') ? six : null;
}

type Piece = { kind: 'text' | 'special'; text: string };

/** Reads a structured value into specials and text, comments dropped and quoted strings kept whole. RFC 5322 section 3.2. */
function pieces(value: string): Piece[] | null {
  const found: Piece[] = [];
  let text = '';
  let depth = 0;
  let quoted = false;
  const flush = () => {
    if (text.trim() !== '') found.push({ kind: 'text', text: text.trim() });
    text = '';
  };
  for (let index = 0; index < value.length; index += 1) {
    const character = value[index] ?? '';
    if (character === '\\' && (quoted || depth > 0)) {
      if (quoted) text += character + (value[index + 1] ?? '');
      index += 1;
    } else if (quoted || (character === '"' && depth === 0)) {
      text += character;
      if (character === '"') quoted = !quoted;
    } else if (character === '(') {
      depth += 1;
      if (depth > MAX_COMMENT_DEPTH) return null;
    } else if (character === ')') {
      if (depth === 0) return null;
      depth -= 1;
    } else if (depth > 0) {
      continue;
    } else if ('<>,:;'.includes(character)) {
      flush();
      found.push({ kind: 'special', text: character });
    } else text += character;
  }
  if (quoted || depth > 0) return null;
  flush();
  return found;
}

export type FromDomain =
  { ok: true; domain: string } | { ok: false; code: 'from_missing' | 'from_multiple' | 'from_malformed'; message: string };

const malformed: FromDomain = { ok: false, code: 'from_malformed', message: 'From holds no readable address' };
const multiple: FromDomain = { ok: false, code: 'from_multiple', message: 'From holds more than one address' };

/** The domain of the one address in an unfolded From value. Groups and lists are refused. RFC 5322 section 3.6.2. */
export function fromDomainOf(value: string): FromDomain {
  const parts = value.length > MAX_FROM_CHARACTERS ? null : pieces(value);
  if (!parts) return malformed;
  const specials = parts.filter((part) => part.kind === 'special').map((part) => part.text);
  if (specials.includes(',') || specials.filter((special) => special === '<').length > 1) return multiple;
  if (specials.includes(':') || specials.includes(';')) return malformed;
  let address: string | undefined;
  if (specials.length === 0) {
    if (parts.length !== 1) return malformed;
    address = parts[0]?.text;
  } else {
    // display name (optional) < address > and nothing after it
    const open = parts.findIndex((part) => part.text === '<' && part.kind === 'special');
    const shape = specials.join('') === '<>' && open <= 1 && parts.length === open + 3 && parts[open + 2]?.text === '>';
    if (!shape) return malformed;
    address = parts[open + 1]?.text;
  }
  // White space inside an address, and a second `@`, are read differently by different receivers.
  const unquoted = address?.replace(/^"(?:[^"\\]|\\.)*"/, 'q') ?? '';
  if (/[\s"]/.test(unquoted) || unquoted.split('@').length !== 2) return malformed;
  const mailbox = address === undefined ? null : splitMailbox(address);
  return mailbox ? { ok: true, domain: mailbox.domain } : malformed;
}
