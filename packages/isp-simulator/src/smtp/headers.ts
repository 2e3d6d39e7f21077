// Header fields of a received message, unfolded, in order: what tests look at. Not a parser of mail: it stops at the first empty line.

const maxHeaders = 200;
const maxHeaderBytes = 65_536;

/** Names as written, values with folds turned into one space. RFC 5322 section 2.2.3. */
export function headersOf(message: Buffer): [name: string, value: string][] {
  const end = message.indexOf('\r\n\r\n');
  const text = message.toString('utf8', 0, Math.min(end === -1 ? message.length : end, maxHeaderBytes));
  const headers: [name: string, value: string][] = [];
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && headers.length < maxHeaders) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return headers;
}
