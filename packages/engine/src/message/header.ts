// The header of a message as byte ranges: found once, read where needed, never rewritten. Works on the bytes as received, so that what
// is signed, counted and sent is the same thing. RFC 5322 section 2.2.

export type HeaderField = {
  /** Lower case. */
  name: string;
  /** First octet of the field. */
  start: number;
  /** First octet after the colon. */
  valueStart: number;
  /** One past the CRLF that ends the field. */
  end: number;
};

export type HeaderScan =
  /** `headerBytes` counts up to and including the empty line, or everything when there is none. */
  { ok: true; fields: HeaderField[]; headerBytes: number } | { ok: false; code: 'header_malformed' | 'header_too_large'; message: string };

export const MAX_HEADER_BYTES = 256 * 1024;
export const MAX_HEADER_FIELDS = 1_000;
const MAX_NAME_BYTES = 76;

const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;

/** Finds the end of a field name; -1 when the line is no field. RFC 5322 section 3.6.8; space before the colon is section 4.5. */
function nameEnd(bytes: Uint8Array, start: number, lineEnd: number): number {
  const limit = Math.min(lineEnd, start + MAX_NAME_BYTES + 1);
  for (let index = start; index < limit; index += 1) {
    const octet = bytes[index] ?? 0;
    if (octet === COLON || octet === SPACE || octet === TAB) return index;
    if (octet < 33 || octet > 126) return -1;
  }
  return -1;
}

function fieldAt(bytes: Buffer, start: number, lineEnd: number): HeaderField | null {
  const end = nameEnd(bytes, start, lineEnd);
  if (end <= start) return null;
  let colon = end;
  while (bytes[colon] === SPACE || bytes[colon] === TAB) colon += 1;
  if (bytes[colon] !== COLON || colon >= lineEnd) return null;
  return {
    name: bytes.toString('latin1', start, end).toLowerCase(),
    start,
    valueStart: colon + 1,
    end: lineEnd,
  };
}

/** Finds all fields of the header at the start of `octets`. Lines end in CRLF (a bare LF is tolerated here and refused at injection). */
export function scanHeader(octets: Uint8Array): HeaderScan {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const fields: HeaderField[] = [];
  let position = 0;
  while (position < bytes.length) {
    if (position > MAX_HEADER_BYTES)
      return { ok: false, code: 'header_too_large', message: `header is longer than ${MAX_HEADER_BYTES} octets` };
    const lineFeed = bytes.indexOf(LF, position);
    const lineEnd = lineFeed < 0 ? bytes.length : lineFeed + 1;
    const first = bytes[position];
    if (first === LF || (first === CR && lineFeed === position + 1)) return { ok: true, fields, headerBytes: lineEnd };
    if (first === SPACE || first === TAB) {
      const open = fields.at(-1);
      if (!open) return { ok: false, code: 'header_malformed', message: 'header begins with a continuation line' };
      open.end = lineEnd;
    } else {
      const field = fieldAt(bytes, position, lineEnd);
      if (!field) return { ok: false, code: 'header_malformed', message: `line ${fields.length + 1} or later of the header is no field` };
      if (fields.length >= MAX_HEADER_FIELDS)
        return { ok: false, code: 'header_too_large', message: `more than ${MAX_HEADER_FIELDS} header fields` };
      fields.push(field);
    }
    position = lineEnd;
  }
  return { ok: true, fields, headerBytes: bytes.length };
}

/** Value of a field, unfolded and trimmed, as UTF-8 text. */
export function fieldText(bytes: Uint8Array, field: HeaderField): string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset + field.valueStart, field.end - field.valueStart).toString('utf8');
  return raw
    .replace(/\r?\n(?=[ \t])/g, '')
    .replace(/\r?\n$/, '')
    .trim();
}
