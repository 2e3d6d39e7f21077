// TLSA records against the certificates that a peer showed: which records mean anything for SMTP, and whether one of them matches. Done by
// us after the handshake, because the library's own hook for names runs only where the certificate chain already verified, which is
// just what a DANE host need not have. RFC 6698, RFC 7671, RFC 7672 section 3.
import { createHash, X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '../ports.ts';

const DANE_TA = 2;
const DANE_EE = 3;
const hashes = new Map([
  [1, { name: 'sha256', bytes: 32 }],
  [2, { name: 'sha512', bytes: 64 }],
]);
export const longestChain = 10;

/** Records that can authenticate an SMTP server; usages 0 and 1 cannot. RFC 7672 section 3.1.3 */
export function usableRecords(records: readonly TlsaRecord[]): TlsaRecord[] {
  return records.filter(({ usage, selector, matchingType, data }) => {
    if ((usage !== DANE_TA && usage !== DANE_EE) || (selector !== 0 && selector !== 1)) return false;
    if (matchingType === 0) return data.length > 0 && (usage === DANE_EE || certificateOf(data, selector) !== undefined);
    return hashes.get(matchingType)?.bytes === data.length;
  });
}

/** A whole certificate in a record. Of a bare key nothing can be checked but equality. */
function certificateOf(data: Uint8Array, selector: number): X509Certificate | null | undefined {
  if (selector === 1) return null;
  try {
    return new X509Certificate(data);
  } catch {
    return undefined;
  }
}

function matches({ selector, matchingType, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const octets = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
  const hash = hashes.get(matchingType);
  const shown = hash ? createHash(hash.name).update(octets).digest() : octets;
  return shown.equals(data);
}

const within = (certificate: X509Certificate, nowMs: number): boolean =>
  Date.parse(certificate.validFrom) <= nowMs && nowMs <= Date.parse(certificate.validTo);

/** Whether `issuer` signed `certificate` and may do so. */
function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

export type TlsaVerdict = { ok: true } | { ok: false; detail: string };

/** `chain`: what the peer showed, its own certificate first. `hosts`: the base of the records and the name that the MX record gave. */
export function verifyTlsa(
  records: readonly TlsaRecord[],
  chain: readonly X509Certificate[],
  hosts: readonly string[],
  nowMs: number,
): TlsaVerdict {
  const [leaf] = chain;
  if (!leaf) return { ok: false, detail: 'the server showed no certificate' };
  // Neither name nor dates count: the record says all there is to say. RFC 7672 section 3.1.1
  if (records.some((record) => record.usage === DANE_EE && matches(record, leaf))) return { ok: true };
  const anchors = records.filter((record) => record.usage === DANE_TA);
  if (anchors.length === 0) return { ok: false, detail: 'the certificate matches no TLSA record' };
  // With a trust anchor the name is checked, against the TLSA base domain. RFC 7672 section 3.2.2
  if (!hosts.some((host) => leaf.checkHost(host, { subject: 'default' }) !== undefined))
    return { ok: false, detail: `the certificate does not name ${hosts.join(' or ')}` };
  let below = leaf;
  for (let depth = 0; depth < longestChain; depth += 1) {
    if (!within(below, nowMs)) return { ok: false, detail: 'a certificate of the chain is not valid now' };
    if (anchors.some((record) => matches(record, below))) return { ok: true };
    const stored = anchors.map((record) => (record.matchingType === 0 ? (certificateOf(record.data, record.selector) ?? null) : null));
    if (stored.some((anchor) => anchor !== null && issued(anchor, below) && within(anchor, nowMs))) return { ok: true };
    const issuer = chain.find((candidate) => candidate !== below && issued(candidate, below));
    if (!issuer) break;
    below = issuer;
  }
  return { ok: false, detail: 'the certificate leads to no trust anchor of the TLSA records' };
}
