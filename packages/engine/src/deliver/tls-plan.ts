// What a requirement means for one host: whether TLS is asked for, what has to prove the peer's identity, whether plaintext may follow a
// failure, and with which OpenSSL context the handshake runs. Decided before the connection is dialled; nothing is decided later.
import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import type { KeyStore, RouteHost, SecurityRequirement, TlsaRecord } from '../ports.ts';
import type { TlsWish } from '../smtp/index.ts';
import { usableRecords } from './tlsa.ts';

export type TlsProof = { kind: 'none' } | { kind: 'pkix' } | { kind: 'dane'; records: readonly TlsaRecord[]; base: string | null };
const noProof: TlsProof = { kind: 'none' };
const pkix: TlsProof = { kind: 'pkix' };

export type TlsPlan = {
  readonly wish: TlsWish;
  readonly proof: TlsProof;
  /** After a failed handshake the same host may be spoken to in plaintext. */
  readonly plaintextAfterFailure: boolean;
  readonly context: SecureContext | null;
  /** As events tell it. */
  readonly requirement: string;
};

export type TlsPlanResult = { ok: true; plan: TlsPlan } | { ok: false; detail: string };

const MAX_CONTEXTS = 200;
const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** Mode and policies of the requirement, the strictest of them. */
function demands(security: SecurityRequirement, host: RouteHost): Pick<TlsPlan, 'wish' | 'proof' | 'plaintextAfterFailure'> {
  const strict = { wish: 'always', proof: pkix, plaintextAfterFailure: false } as const;
  const tlsa = host.tlsa ?? [];
  const usable = security.dane ? usableRecords(tlsa) : [];
  // A host's own validated records stand for its identity, whoever else would vouch for it. RFC 7672 section 2.2
  if (usable.length > 0) return { ...strict, proof: { kind: 'dane', records: usable, base: host.tlsaBase ?? null } };
  // A policy of the domain, or the sender's own wish, stands above every mode. RFC 8461 section 5, RFC 8689 section 4.2.1
  if (security.mtaSts || security.requireTls) return strict;
  // Records that are there but cannot be used: TLS all the same, and no plaintext. RFC 7672 section 2.2
  if (security.dane && tlsa.length > 0) return security.mode.endsWith('_verified') ? strict : { ...strict, proof: noProof };
  switch (security.mode) {
    case 'disabled':
      return { wish: 'never', proof: noProof, plaintextAfterFailure: false };
    case 'opportunistic':
      return { wish: 'opportunistic', proof: noProof, plaintextAfterFailure: true };
    case 'opportunistic_verified':
      return { wish: 'when_offered', proof: pkix, plaintextAfterFailure: false };
    case 'required':
      return { wish: 'always', proof: noProof, plaintextAfterFailure: false };
    case 'required_verified':
      return strict;
  }
}

export function createTlsPlanner(options: { keyStore?: KeyStore; trustedRoots?: readonly string[] }) {
  // Made once each: reading the root certificates for every connection costs milliseconds.
  const contexts = new Map<string, SecureContext>();

  function contextFor(security: SecurityRequirement, proven: boolean): SecureContext | string {
    // Where identity is proven weak keys and hashes prove nothing: OpenSSL's own level stands. RFC 8461 section 4 wants TLS 1.2.
    const minVersion = security.mtaSts && versions.indexOf(security.minVersion) < 2 ? 'TLSv1.2' : security.minVersion;
    const ciphers = security.ciphers ?? (proven ? null : 'DEFAULT:@SECLEVEL=0');
    const key = JSON.stringify([minVersion, ciphers, security.clientCertificateSecretId]);
    const known = contexts.get(key);
    if (known) return known;
    let pem: string | undefined;
    if (security.clientCertificateSecretId !== null) {
      const opened = options.keyStore?.open(security.clientCertificateSecretId) ?? null;
      if (!opened) return 'the client certificate cannot be opened on this node';
      pem = Buffer.from(opened).toString('utf8');
    }
    try {
      const context = createSecureContext({
        minVersion,
        ...(ciphers === null ? {} : { ciphers }),
        ...(pem === undefined ? {} : { cert: pem, key: pem }),
        ...(options.trustedRoots ? { ca: [...options.trustedRoots] } : {}),
      });
      if (contexts.size >= MAX_CONTEXTS) contexts.clear();
      contexts.set(key, context);
      return context;
    } catch {
      // OpenSSL's message may quote what it could not read, and that may be a key.
      return 'the TLS settings (ciphers, versions or client certificate) cannot be used';
    }
  }

  return {
    /** Secrets may have changed: contexts are made anew. */
    forget(): void {
      contexts.clear();
    },
    plan(security: SecurityRequirement, host: RouteHost): TlsPlanResult {
      const demanded = demands(security, host);
      if (demanded.wish === 'never') return { ok: true, plan: { ...demanded, context: null, requirement: security.key } };
      const context = contextFor(security, demanded.proof.kind !== 'none');
      if (typeof context === 'string') return { ok: false, detail: context };
      return { ok: true, plan: { ...demanded, context, requirement: security.key } };
    },
  };
}
