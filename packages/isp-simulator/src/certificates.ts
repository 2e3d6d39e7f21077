// One certificate authority and one host certificate per start, made in memory: the sandbox's receivers speak TLS that a client can
// verify against ca.pem in the simulator's directory. Plain hosts get a certificate of another name, as small hosts often have.
import 'reflect-metadata';
import { createSecureContext, type SecureContext } from 'node:tls';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const lifetimeMs = 365 * 86_400_000;

export type Certificates = { caPem: string; contextFor(host: string): SecureContext };

async function keys(): Promise<webcrypto.CryptoKeyPair> {
  return await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Certificates valid from an hour before `nowMs` for a year. */
export async function makeCertificates(knownHosts: readonly string[], nowMs: number): Promise<Certificates> {
  x509.cryptoProvider.set(webcrypto);
  const dates = { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + lifetimeMs) };
  const caKeys = await keys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Sluice sandbox CA',
    ...dates,
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const issue = async (serialNumber: string, names: readonly string[]): Promise<SecureContext> => {
    const hostKeys = await keys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: `CN=${names[0] ?? 'sandbox'}`,
      issuer: ca.subject,
      ...dates,
      signingAlgorithm: algorithm,
      publicKey: hostKeys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
        new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: 'dns', value: name }))),
      ],
    });
    return createSecureContext({ key: await pemOfKey(hostKeys.privateKey), cert: certificate.toString('pem'), minVersion: 'TLSv1.2' });
  };
  const known = await issue('02', knownHosts);
  const other = await issue('03', ['mail.hosting.example']);
  const listed = new Set(knownHosts);
  return { caPem: ca.toString('pem'), contextFor: (host) => (listed.has(host) ? known : other) };
}
