// STARTTLS on an open socket: the handshake, and after it our own judgement of the peer. The handshake itself refuses no certificate; what
// the plan wants proven is checked here before a single octet of SMTP goes over the channel. No session is ever resumed, because a resumed
// one shows no certificate to judge.
import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { TlsFacts } from '@sluice/contract';
import type { Breakage } from '../smtp/index.ts';
import type { TlsPlan } from './tls-plan.ts';
import { longestChain, verifyTlsa } from './tlsa.ts';

/** Why TLS did not come about. Those of certificates as RFC 8460 section 4.3 names them. */
export type TlsTrouble =
  'starttls-not-supported' | 'certificate-host-mismatch' | 'certificate-expired' | 'certificate-not-trusted' | 'validation-failure';

export type TlsFailure = { kind: TlsTrouble; detail: string; facts: TlsFacts | null };
/** `doubt`: what a demand for proof would have come to. */
export type UpgradeResult = { ok: true; socket: TLSSocket; facts: TlsFacts; doubt: TlsTrouble | null } | { ok: false; failure: TlsFailure };

function troubleOf(code: string): TlsTrouble {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') return 'certificate-host-mismatch';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  return 'certificate-not-trusted';
}

function factsOf(secure: TLSSocket, plan: TlsPlan): TlsFacts {
  return {
    version: (secure.getProtocol() ?? 'unknown').slice(0, 16),
    cipher: secure.getCipher().name.slice(0, 64),
    verified: secure.authorized,
    verifiedBy: secure.authorized ? 'pkix' : 'none',
    requirement: plan.requirement.slice(0, 200),
  };
}

/** The certificates that the peer showed, its own first. */
function shownBy(secure: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let shown = secure.getPeerCertificate(true);
  while (shown?.raw && chain.length < longestChain) {
    chain.push(new X509Certificate(shown.raw));
    if (shown.issuerCertificate === shown) break;
    shown = shown.issuerCertificate;
  }
  return chain;
}

/** The names that a certificate may have for the host, the one to ask for first. RFC 7672 section 3.2.2 */
function namesOf({ proof }: TlsPlan, hostName: string): string[] {
  return proof.kind === 'dane' && proof.base !== null ? [proof.base, hostName] : [hostName];
}

/** Why the peer's certificate does not verify; null when it does. */
function unverified(secure: TLSSocket): { kind: TlsTrouble; code: string } | null {
  if (secure.authorized) return null;
  const error: unknown = secure.authorizationError;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return { kind: troubleOf(code), code };
}

/** What the plan wants proven, against what the peer showed. Null when all is well. */
function objection(secure: TLSSocket, plan: TlsPlan, hostName: string, nowMs: number): Omit<TlsFailure, 'facts'> | null {
  switch (plan.proof.kind) {
    case 'none':
      return null;
    case 'dane': {
      const verdict = verifyTlsa(plan.proof.records, shownBy(secure), namesOf(plan, hostName), nowMs);
      return verdict.ok ? null : { kind: 'certificate-not-trusted', detail: `DANE: ${hostName}: ${verdict.detail}` };
    }
    case 'pkix': {
      const why = unverified(secure);
      return why && { kind: why.kind, detail: `the certificate of ${hostName} does not verify: ${why.code}` };
    }
  }
}

/** Starts TLS; `done` is called exactly once. The caller has taken its own listeners off `plain`. Returns what is to be destroyed. */
export function startTls(
  plain: Socket,
  { plan, hostName, nowMs }: { plan: TlsPlan; hostName: string; nowMs: number },
  done: (result: UpgradeResult) => void,
): Socket {
  let settled = false;
  const settle = (result: UpgradeResult) => {
    if (settled) return;
    settled = true;
    done(result);
  };
  const failed = (detail: string) => settle({ ok: false, failure: { kind: 'validation-failure', detail, facts: null } });
  // Where TLSA records stand under another name, the server is asked for the certificate of that name. RFC 7672 section 8.1
  const [name = hostName] = namesOf(plan, hostName);
  const servername = isIP(name) === 0 ? name : undefined;
  let secure: TLSSocket;
  try {
    // `host` names what the certificate is checked against where there is no server name to send. RFC 6066 section 3
    const target = { socket: plain, host: hostName, servername };
    secure = tlsConnect({ ...target, secureContext: plan.context ?? undefined, rejectUnauthorized: false });
  } catch (error) {
    failed(error instanceof Error ? error.message : 'TLS could not start');
    return plain;
  }
  secure.on('error', (error: NodeJS.ErrnoException) => failed(`TLS handshake failed: ${error.code ?? error.message}`));
  secure.on('close', () => failed('the server closed the connection during the TLS handshake'));
  secure.on('end', () => failed('the server closed the connection during the TLS handshake'));
  secure.once('secureConnect', () => {
    if (settled) return;
    secure.disableRenegotiation();
    const facts = factsOf(secure, plan);
    const against = objection(secure, plan, hostName, nowMs);
    if (against) settle({ ok: false, failure: { ...against, facts } });
    else if (plan.proof.kind === 'dane')
      settle({ ok: true, socket: secure, facts: { ...facts, verified: true, verifiedBy: 'dane' }, doubt: null });
    else settle({ ok: true, socket: secure, facts, doubt: unverified(secure)?.kind ?? null });
  });
  return secure;
}

/** TLS was a must, and the server does not have it or refuses it. */
export function unavailableTls({ why, detail }: Breakage): TlsFailure | null {
  return why === 'tls' ? { kind: 'starttls-not-supported', detail, facts: null } : null;
}
