// Certificates for receivers and policy hosts, made by OpenSSL: one authority that the engine is told to trust, and leaves that it signs
// or that sign themselves.
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type TestCertificate = { cert: string; key: string; x509: X509Certificate };
export type TestAuthority = {
  caFile: string;
  ca: X509Certificate;
  signed(...names: string[]): TestCertificate;
  selfSigned(name: string): TestCertificate;
};

const ellipticCurve = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/** `keyKind`: what OpenSSL's `-newkey` takes. */
export function testAuthority(directory: string, keyKind: readonly string[] = ellipticCurve): TestAuthority {
  const config = join(directory, 'openssl.cnf');
  writeFileSync(config, '[req]\ndistinguished_name=dn\n[dn]\n');
  let made = 0;
  const make = (subject: string, extra: readonly string[]): TestCertificate & { file: string; keyFile: string } => {
    made += 1;
    const [file, keyFile] = [join(directory, `${made}.pem`), join(directory, `${made}.key`)];
    const key = ['-newkey', ...keyKind, '-nodes', '-keyout', keyFile];
    const run = spawnSync(
      'openssl',
      ['req', '-config', config, '-x509', ...key, '-out', file, '-days', '2', '-subj', `/CN=${subject}`, ...extra],
      {
        encoding: 'utf8',
      },
    );
    if (run.status !== 0) throw new Error(run.stderr);
    const cert = readFileSync(file, 'utf8');
    return { cert, key: readFileSync(keyFile, 'utf8'), x509: new X509Certificate(cert), file, keyFile };
  };
  const ca = make('Sluice test authority', [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=keyCertSign,digitalSignature',
  ]);
  const alternative = (names: readonly string[]) => ['-addext', `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`];
  return {
    caFile: ca.file,
    ca: ca.x509,
    signed(...names) {
      const leaf = make(names[0] ?? 'nobody', ['-CA', ca.file, '-CAkey', ca.keyFile, ...alternative(names)]);
      return { ...leaf, cert: leaf.cert + ca.cert };
    },
    selfSigned: (name) => make(name, alternative([name])),
  };
}
