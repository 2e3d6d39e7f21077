// Lines of a trace as they are kept and shown. What a server writes is a stranger's: every character that a screen or a terminal would
// not show as one is written out, and what is long is cut.
import { traceBounds, type TlsFacts } from '@sluice/contract';
import { enhancedIn, type ParsedReply, type SmtpReply } from '../smtp/index.ts';

/** Lines of one reply that are told. */
const MAX_REPLY_LINES = 100;
/** Controls, what reorders or hides text, line ends of Unicode, halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const codeOf = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** One line, printable and bounded. */
export function printableLine(text: string): string {
  const more = text.length - traceBounds.lineChars;
  const shown = (more > 0 ? text.slice(0, traceBounds.lineChars) : text).replace(UNPRINTABLE, codeOf);
  const cut = shown.slice(0, traceBounds.lineChars);
  return more > 0 || cut.length < shown.length ? `${cut} [cut]` : cut;
}

/** The lines of a reply. An enhanced code stands in every line of it, wherever the server put it. RFC 2034 section 4 */
export function replyLines(item: ParsedReply): string[] {
  if (item.kind === 'nonsense') return [item.text];
  const { code, enhanced, lines } = item.reply;
  const own = (line: string): string => (enhanced === null || enhancedIn(line) !== null ? line : `${enhanced} ${line}`);
  const told = lines.slice(0, MAX_REPLY_LINES).map((line, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${own(line)}`);
  return lines.length > MAX_REPLY_LINES ? [...told, `[${lines.length - MAX_REPLY_LINES} more lines]`] : told;
}

/** The codes of a reply that ended something. */
export const codesOf = ({ code, enhanced }: SmtpReply): string => (enhanced === null ? String(code) : `${code} ${enhanced}`);

export function tlsText({ version, cipher, verified, verifiedBy, requirement }: TlsFacts): string {
  const certificate = verified ? `certificate verified (${verifiedBy})` : 'certificate not verified';
  return `${version} ${cipher}, ${certificate}, wanted: ${requirement}`;
}
