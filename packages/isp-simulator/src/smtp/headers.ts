// Header fields of a received message, unfolded, in order: what tests look at. Not a parser of mail: it stops at the first empty line.

const maxHeaders = 200;
const maxHeaderBytes = 65_536;

export type Headers = [name: string, value: string][];

/** Names as written, values with folds turned into one space. RFC 5322 section 2.2.3. */
export function headersOf(message: Buffer): Headers {
  const end = message.indexOf('\r\n\r\n');
  const text = message.toString('utf8', 0, Math.min(end === -1 ? message.length : end, maxHeaderBytes));
  const headers: Headers = [];
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && headers.length < maxHeaders) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** The domain of the first DKIM signature, unverified; null without one. RFC 6376 section 3.5. */
export function signingDomain(headers: Headers): string | null {
  const signature = headers.find(([name]) => name.toLowerCase() === 'dkim-signature')?.[1];
  return /(?:^|;)\s*d\s*=\s*([a-z0-9._-]{1,253})\s*(?:;|$)/i.exec(signature ?? '')?.[1]?.toLowerCase() ?? null;
}
