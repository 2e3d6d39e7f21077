// Where a domain wants its reports: the TXT record at _smtp._tls. Written by strangers, hence bounded. RFC 8460 section 3

/** URIs of one record that are heeded. */
const maxUris = 4;
const maxUri = 500;
const mailbox = /^[^\s@<>(),:;"\\[\]\u0080-\uffff]{1,64}@(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}$/i;

export type ReportAddress = { kind: 'mail'; uri: string; mailbox: string } | { kind: 'https'; uri: string };

/** Null when the domain wants none: no record, more than one, or none that can be read. */
export function reportAddresses(records: readonly string[]): ReportAddress[] | null {
  const found = records.filter((record) => /^v=TLSRPTv1\s*;/.test(record));
  const [record] = found;
  if (found.length !== 1 || record === undefined) return null;
  const fields = record.split(';').map((field) => field.trim());
  const rua = fields.find((field) => field.startsWith('rua='))?.slice('rua='.length) ?? '';
  const addresses = rua
    .split(',')
    .slice(0, maxUris)
    .flatMap((uri) => addressOf(uri.trim()) ?? []);
  return addresses.length === 0 ? null : addresses;
}

function addressOf(uri: string): ReportAddress | null {
  if (uri.length > maxUri || !URL.canParse(uri)) return null;
  const { protocol, pathname } = new URL(uri);
  if (protocol === 'https:') return { kind: 'https', uri };
  if (protocol !== 'mailto:') return null;
  try {
    const to = decodeURIComponent(pathname);
    return mailbox.test(to) ? { kind: 'mail', uri, mailbox: to } : null;
  } catch {
    return null;
  }
}
