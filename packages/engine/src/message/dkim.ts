// The DKIM signature of one message: which fields are covered, their canonical form, and the field that carries it. Pure; the RSA
// operation itself is in signer.ts. RFC 6376, RFC 8301.
import { scanHeader, type HeaderField } from './header.ts';

/** Covered once more than they occur, so that none can be added behind our back. RFC 6376 section 8.15. */
const oversigned = ['from', 'to', 'cc', 'subject', 'date', 'message-id', 'mime-version', 'content-type', 'content-transfer-encoding'];
/** Covered when they occur. RFC 6376 section 5.4.1, RFC 8058 section 4. */
const signedIfPresent = [
  'sender',
  'reply-to',
  'in-reply-to',
  'references',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
];
const fieldOrder: readonly string[] = [...oversigned, ...signedIfPresent];
const oversignedSet: ReadonlySet<string> = new Set(oversigned);
const signedSet: ReadonlySet<string> = new Set(fieldOrder);
/** Instances of one field that are covered; more than a few is no mail that anyone writes. */
const MAX_INSTANCES = 20;
const FOLD_AT = 74;
/** Characters of the signature on a line. */
const valuePerLine = 72;

export type SigningInput = { header: Uint8Array; bodyHash: string; domain: string; selector: string; timeSeconds: number };

/** White space that is not one space alone; a CRLF within a field is followed by more of it. */
const loose = /(?:[ \t]|\r\n){2,}|\t|\r\n/g;

/** Relaxed form of one field, without its CRLF. Latin-1 text keeps every octet. RFC 6376 section 3.4.2. */
export function relaxedField(name: string, rawValue: string): string {
  const value = rawValue.replace(loose, ' ');
  return `${name}:${value.slice(value.startsWith(' ') ? 1 : 0, value.endsWith(' ') ? -1 : undefined)}`;
}

function rawValue(header: Buffer, field: HeaderField): string {
  return header.toString('latin1', field.valueStart, field.end);
}

/** Names for h= and the canonical fields in the same order; of a repeated field the last comes first. RFC 6376 section 5.4.2. */
function coverFields(header: Buffer, fields: readonly HeaderField[]): { names: string[]; canonical: string[] } {
  const found = new Map<string, HeaderField[]>();
  for (const field of fields) {
    if (!signedSet.has(field.name)) continue;
    const same = found.get(field.name);
    if (same) same.push(field);
    else found.set(field.name, [field]);
  }
  const names: string[] = [];
  const canonical: string[] = [];
  for (const name of fieldOrder) {
    const instances = found.get(name) ?? [];
    for (const field of instances.slice(-MAX_INSTANCES).reverse()) {
      names.push(name);
      canonical.push(relaxedField(name, rawValue(header, field)));
    }
    if (oversignedSet.has(name) && instances.length <= MAX_INSTANCES) names.push(name);
  }
  return { names, canonical };
}

/** h= folded after colons, where white space is allowed. RFC 6376 section 3.5. */
function foldNames(names: readonly string[]): string {
  const lines: string[] = [];
  let line = '\th=';
  for (const [index, name] of names.entries()) {
    const piece = index === names.length - 1 ? `${name};` : `${name}:`;
    if (line.length + piece.length > FOLD_AT) {
      lines.push(line);
      line = '\t ';
    }
    line += piece;
  }
  return [...lines, line].join('\r\n');
}

export type Unsigned = {
  /** What RSA-SHA256 is run over. */
  data: Buffer;
  /** The finished field, CRLF at its end, for a signature in base64. */
  withSignature(base64: string): Uint8Array;
};

/** Prepares a signature over a header (with or without its empty line). Null when the header cannot be read or has no From. */
export function prepareSignature(input: SigningInput): Unsigned | null {
  const scan = scanHeader(input.header);
  if (!scan.ok || !scan.fields.some((field) => field.name === 'from')) return null;
  const header = Buffer.from(input.header.buffer, input.header.byteOffset, input.header.byteLength);
  const { names, canonical } = coverFields(header, scan.fields);
  const tags = [
    ` v=1; a=rsa-sha256; c=relaxed/relaxed; d=${input.domain};`,
    `\ts=${input.selector}; t=${input.timeSeconds};`,
    foldNames(names),
    `\tbh=${input.bodyHash};`,
    '\tb=',
  ].join('\r\n');
  // The signature field itself comes last, with an empty b= and without CRLF. RFC 6376 section 3.7.
  const data = Buffer.from([...canonical, relaxedField('dkim-signature', tags)].join('\r\n'), 'latin1');
  return {
    data,
    withSignature(base64) {
      let folded = base64.slice(0, valuePerLine);
      for (let at = valuePerLine; at < base64.length; at += valuePerLine) folded += `\r\n\t${base64.slice(at, at + valuePerLine)}`;
      return Buffer.from(`DKIM-Signature:${tags}${folded}\r\n`, 'latin1');
    },
  };
}
