// What must be known of a message before it may be kept: its facts for signing and sending, or the one reason why it cannot be sent as
// it stands. Runs once per injection over bytes that are exactly what will be stored.
import { isAscii } from 'node:buffer';
import type { ContentFacts } from '../entry.ts';
import { fromDomainOf } from './address.ts';
import { relaxedBodyHash } from './body-hash.ts';
import { fieldText, scanHeader, type HeaderField } from './header.ts';

/** Octets of a line without CRLF. RFC 5321 section 4.5.3.1.6. */
export const MAX_LINE_BYTES = 998;
const MAX_MESSAGE_ID_CHARACTERS = 500;

const CR = 13;
const LF = 10;
const NUL = 0;

export type ContentProblem =
  | 'bare_cr'
  | 'bare_lf'
  | 'nul'
  | 'line_too_long'
  | 'header_malformed'
  | 'header_too_large'
  | 'from_missing'
  | 'from_multiple'
  | 'from_malformed';

export type Inspection = { ok: true; facts: ContentFacts; fields: HeaderField[] } | { ok: false; code: ContentProblem; message: string };

/** Checks what RFC 5321 section 2.3.8 and 4.1.1.4 ask of the octets of a message; null when all is well. */
function checkLines(bytes: Uint8Array): { code: ContentProblem; message: string } | null {
  if (bytes.includes(NUL)) return { code: 'nul', message: 'message holds a NUL octet' };
  let lineStart = 0;
  let carriage = bytes.indexOf(CR);
  let line = 1;
  while (lineStart < bytes.length) {
    const found = bytes.indexOf(LF, lineStart);
    const lineFeed = found < 0 ? bytes.length : found;
    if (carriage >= 0 && carriage < lineFeed - 1) return { code: 'bare_cr', message: `line ${line} holds a CR without LF` };
    const ended = found >= 0;
    if (ended && carriage !== lineFeed - 1) return { code: 'bare_lf', message: `line ${line} ends in LF without CR` };
    if (!ended && carriage >= 0) return { code: 'bare_cr', message: `line ${line} holds a CR without LF` };
    const octets = ended ? lineFeed - 1 - lineStart : lineFeed - lineStart;
    if (octets > MAX_LINE_BYTES) return { code: 'line_too_long', message: `line ${line} is longer than ${MAX_LINE_BYTES} octets` };
    lineStart = lineFeed + 1;
    line += 1;
    if (carriage >= 0) carriage = bytes.indexOf(CR, lineStart);
  }
  return null;
}

/**
 * Reads a whole message. `addressesUtf8` says that an envelope address holds an octet above 127. The bytes must end in CRLF to be stored;
 * `prepareSubmission` sees to that.
 */
export function inspectContent(bytes: Uint8Array, addressesUtf8 = false): Inspection {
  const trouble = checkLines(bytes);
  if (trouble) return { ok: false, ...trouble };
  const header = scanHeader(bytes);
  if (!header.ok) return { ok: false, code: header.code, message: header.message };
  const froms = header.fields.filter((field) => field.name === 'from');
  const [first] = froms;
  if (!first) return { ok: false, code: 'from_missing', message: 'message has no From field' };
  if (froms.length > 1) return { ok: false, code: 'from_multiple', message: 'message has more than one From field' };
  const from = fromDomainOf(fieldText(bytes, first));
  if (!from.ok) return { ok: false, code: from.code, message: from.message };
  const messageId = header.fields.find((field) => field.name === 'message-id');
  const body = bytes.subarray(header.headerBytes);
  const facts: ContentFacts = {
    sizeBytes: bytes.length,
    headerBytes: header.headerBytes,
    bodyHash: relaxedBodyHash(body),
    eightBit: !isAscii(body),
    utf8: addressesUtf8 || !isAscii(bytes.subarray(0, header.headerBytes)),
    fromDomain: from.domain,
    headerMessageId: messageId ? printable(fieldText(bytes, messageId)) : null,
  };
  return { ok: true, facts, fields: header.fields };
}

function printable(text: string): string | null {
  const clean = text
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_MESSAGE_ID_CHARACTERS);
  return clean === '' ? null : clean;
}
