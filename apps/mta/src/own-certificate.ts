// The listener's certificate when the operator gave none: self-signed, made once per data folder, renewed when it is about to end.
// Clients of a submission port on loopback or inside a network pin or ignore it; a public one is set by SLUICE_TLS_CERT and _KEY.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

const lifetimeMs = 825 * 86_400_000;
const renewBeforeMs = 30 * 86_400_000;

export type CertificatePair = { cert: string; key: string };

/** Reads `cert.pem` and `key.pem` of the folder, or makes them (0600). Throws only when the folder cannot be written. */
export async function ownCertificate(directory: string, hostName: string, nowMs: number): Promise<CertificatePair> {
  const known = readPair(directory, nowMs);
  if (known) return known;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const pair = await selfSigned(hostName, nowMs);
  write(join(directory, 'key.pem'), pair.key);
  write(join(directory, 'cert.pem'), pair.cert);
  return pair;
}

function readPair(directory: string, nowMs: number): CertificatePair | null {
  try {
    const pair = { cert: readFileSync(join(directory, 'cert.pem'), 'utf8'), key: readFileSync(join(directory, 'key.pem'), 'utf8') };
    const certificate = new X509Certificate(pair.cert);
    const fresh = Date.parse(certificate.validTo) - nowMs > renewBeforeMs;
    return fresh && certificate.checkPrivateKey(createPrivateKey(pair.key)) ? pair : null;
  } catch {
    return null; // absent, half written or damaged: made anew
  }
}

async function selfSigned(hostName: string, nowMs: number): Promise<CertificatePair> {
  const made = await generate([{ name: 'commonName', value: hostName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - 3_600_000),
    notAfterDate: new Date(nowMs + lifetimeMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: hostName }] }],
  });
  return { cert: made.cert, key: made.private };
}

function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
