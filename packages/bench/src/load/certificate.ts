// Certificates for the ends of a bench that speak TLS: self-signed, P-256, made for one run.
import { generate } from 'selfsigned';

const lifetimeMs = 86_400_000;

export async function selfSigned(hostName: string): Promise<{ cert: string; key: string }> {
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: hostName }], {
    ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
    notBeforeDate: new Date(now - lifetimeMs),
    notAfterDate: new Date(now + lifetimeMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: hostName }] }],
  });
  return { cert: made.cert, key: made.private };
}
