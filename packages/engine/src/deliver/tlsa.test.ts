// TLSA records against certificates made for the purpose: every usage, selector and matching type that SMTP knows.
import { createHash, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TlsaRecord } from '../ports.ts';
import { usableRecords, verifyTlsa } from './tlsa.ts';

const ec = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
const host = 'mx.a.example';
const named = (value: string) => [{ name: 'commonName', value }];
let ca: X509Certificate;
let leaf: X509Certificate;
let other: X509Certificate;
const nowMs = Date.now();

beforeAll(async () => {
  const dates = { notBeforeDate: new Date(nowMs - 3_600_000), notAfterDate: new Date(nowMs + 86_400_000) };
  const authority = await generate(named('a test authority'), {
    ...ec,
    ...dates,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
    ],
  });
  const altNames = [{ type: 2 as const, value: host }];
  const issued = await generate(named(host), {
    ...ec,
    ...dates,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  ca = new X509Certificate(authority.cert);
  leaf = new X509Certificate(issued.cert);
  other = new X509Certificate((await generate(named(host), { ...ec, ...dates })).cert);
});

function record(usage: number, selector: number, matchingType: number, of: X509Certificate): TlsaRecord {
  const octets = selector === 0 ? of.raw : of.publicKey.export({ type: 'spki', format: 'der' });
  const data =
    matchingType === 0
      ? octets
      : createHash(matchingType === 1 ? 'sha256' : 'sha512')
          .update(octets)
          .digest();
  return { usage, selector, matchingType, data };
}

describe('TLSA records', () => {
  const kinds = [0, 1].flatMap((selector) => [0, 1, 2].map((matchingType): [number, number] => [selector, matchingType]));

  it.each(kinds)('of the server itself (3 %i %i) match that server and no other, whatever its name and dates', (selector, matchingType) => {
    const records = usableRecords([record(3, selector, matchingType, leaf)]);
    expect(records).toHaveLength(1);
    expect(verifyTlsa(records, [leaf, ca], ['another.name.example'], nowMs + 30 * 86_400_000)).toEqual({ ok: true });
    expect(verifyTlsa(records, [other], [host], nowMs).ok).toBe(false);
    expect(verifyTlsa(records, [], [host], nowMs).ok).toBe(false);
  });

  it.each(kinds)('of an authority (2 %i %i) match what it signed, with the right name and dates', (selector, matchingType) => {
    const records = usableRecords([record(2, selector, matchingType, ca)]);
    expect(verifyTlsa(records, [leaf, ca], [host], nowMs)).toEqual({ ok: true });
    expect(verifyTlsa(records, [leaf, ca], ['mx.b.example'], nowMs).ok).toBe(false);
    // RFC 7672 section 3.2.2: the base of the records, or the name that led to it.
    expect(verifyTlsa(records, [leaf, ca], ['mx.b.example', host], nowMs)).toEqual({ ok: true });
    expect(verifyTlsa(records, [leaf, ca], [host], nowMs + 30 * 86_400_000).ok).toBe(false);
    // A certificate of the same name that the authority did not sign, shown beside the real authority.
    expect(verifyTlsa(records, [other, ca], [host], nowMs).ok).toBe(false);
  });

  it('of an authority that the server does not show match where the record holds the whole certificate', () => {
    expect(verifyTlsa(usableRecords([record(2, 0, 0, ca)]), [leaf], [host], nowMs)).toEqual({ ok: true });
    expect(verifyTlsa(usableRecords([record(2, 0, 1, ca)]), [leaf], [host], nowMs).ok).toBe(false);
  });

  it('of the usages that mean nothing for SMTP, of unknown kinds or of the wrong length are not usable', () => {
    const good = record(3, 1, 1, leaf);
    const bad: TlsaRecord[] = [
      { ...good, usage: 0 },
      { ...good, usage: 1 },
      { ...good, usage: 4 },
      { ...good, selector: 2 },
      { ...good, matchingType: 3 },
      { ...good, data: good.data.subarray(1) },
      { usage: 2, selector: 0, matchingType: 0, data: Buffer.from('no certificate') },
    ];
    expect(usableRecords(bad)).toEqual([]);
    expect(usableRecords([...bad, good])).toEqual([good]);
  });
});
