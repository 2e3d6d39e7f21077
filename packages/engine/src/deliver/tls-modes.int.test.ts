// The five TLS modes over real sockets, against servers whose TLS is missing, refused, broken, unverifiable or good.
import { X509Certificate } from 'node:crypto';
import { createSecureContext, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tlsModes, type DeliverySettings, type TlsMode } from '@sluice/contract';
import { createDialer, systemClock } from '../host/index.ts';
import type { ConnectResult } from '../ports.ts';
import { createAttempter } from './attempter.ts';
import { hostAt, offer, pathWith, scriptedServer, type Answer, type ScriptedServer } from './testing.ts';

let good: { cert: string; key: string };
let client: { cert: string; key: string };
const servers: ScriptedServer[] = [];
beforeAll(async () => {
  const extensions = [{ name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'mx.example' }] }];
  const made = await generate([{ name: 'commonName', value: 'mx.example' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions,
  });
  good = { cert: made.cert, key: made.private };
  const ours = await generate([{ name: 'commonName', value: 'out.example' }], { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' });
  client = { cert: ours.cert, key: ours.private };
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Peer = 'none' | 'refuses' | 'breaks' | 'strange' | 'good';
/** A server that answers everything after its handshake with an EHLO reply. */
const handshake: Answer = (socket) => {
  socket.removeAllListeners('data');
  socket.write('220 go\r\n');
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(good) });
  secure.on('error', () => undefined);
  secure.on('data', () => secure.write(offer('PIPELINING')));
};
const garbage: Answer = (socket) => socket.write('220 go\r\n', () => setTimeout(() => socket.write('no handshake at all\r\n'), 20));

async function connect(peer: Peer, settings: Partial<DeliverySettings>): Promise<{ result: ConnectResult; server: ScriptedServer }> {
  const starttls: Record<Peer, Answer> = {
    none: '502 no\r\n',
    refuses: '454 4.7.0 not now\r\n',
    breaks: garbage,
    strange: handshake,
    good: handshake,
  };
  const server = await scriptedServer({ EHLO: peer === 'none' ? offer('SIZE') : offer('STARTTLS'), STARTTLS: starttls[peer] });
  servers.push(server);
  const dialer = createDialer({ egress: 'sandbox', sandboxSmtpPort: null });
  const attempter = createAttempter({ dialer, clock: systemClock, trustedRoots: peer === 'good' ? [good.cert] : [] });
  const result = await attempter.connect(pathWith(settings), [hostAt(server.port)]);
  if (result.ok) result.session.destroy();
  return { result, server };
}

/** What each mode makes of each peer. */
const table: Record<TlsMode, Record<Peer, 'plain' | 'unverified' | 'verified' | 'waits'>> = {
  disabled: { none: 'plain', refuses: 'plain', breaks: 'plain', strange: 'plain', good: 'plain' },
  opportunistic: { none: 'plain', refuses: 'plain', breaks: 'plain', strange: 'unverified', good: 'verified' },
  opportunistic_verified: { none: 'plain', refuses: 'waits', breaks: 'waits', strange: 'waits', good: 'verified' },
  required: { none: 'waits', refuses: 'waits', breaks: 'waits', strange: 'unverified', good: 'verified' },
  required_verified: { none: 'waits', refuses: 'waits', breaks: 'waits', strange: 'waits', good: 'verified' },
};
const cases = tlsModes.flatMap((mode) =>
  (Object.keys(table[mode]) as Peer[]).map((peer): [TlsMode, Peer, string] => [mode, peer, table[mode][peer]]),
);

describe('TLS mode', () => {
  it.each(cases)('%s with a server whose TLS is "%s": %s', async (tls, peer, expected) => {
    const { result, server } = await connect(peer, { tls });
    if (!result.ok) {
      expect(expected).toBe('waits');
      expect(result.failure).toMatchObject({ kind: 'deferred', scope: 'path', bounceClass: 'tls' });
      if (peer === 'strange') expect(result.failure.tls).toMatchObject({ verified: false, requirement: tls });
      // Nothing of a message was said, and nobody tried again without TLS.
      expect(server.commands.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);
      expect(server.connections()).toBe(1);
      return;
    }
    const facts = result.session.facts.tls;
    expect(facts === null ? 'plain' : facts.verified ? 'verified' : 'unverified').toBe(expected);
    expect(server.commands.includes('STARTTLS')).toBe(tls !== 'disabled' && peer !== 'none');
  });

  it('holds to the least version of the settings', async () => {
    const { result } = await connect('good', { tls: 'required_verified', tlsMinVersion: 'TLSv1.3' });
    expect(result.ok && result.session.facts.tls).toMatchObject({ version: 'TLSv1.3', verifiedBy: 'pkix' });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'shows a %s server that demands one the client certificate of the settings; without it the mail waits',
    async (maxVersion) => {
      const shown: string[] = [];
      const demanding: Answer = (socket) => {
        socket.removeAllListeners('data');
        socket.write('220 go\r\n');
        const secureContext = createSecureContext({ ...good, ca: [client.cert], maxVersion });
        const secure = new TLSSocket(socket, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: true });
        secure.on('error', () => socket.destroy());
        secure.on('data', () => secure.write(offer('PIPELINING')));
        secure.on('secure', () => shown.push(secure.getPeerX509Certificate()?.fingerprint256 ?? 'none'));
      };
      const server = await scriptedServer({ EHLO: offer('STARTTLS'), STARTTLS: demanding });
      servers.push(server);
      const clientCertificateSecretId = '00000000-0000-4000-8000-000000000001';
      const pem = Buffer.from(`${client.cert}\n${client.key}`);
      const attempter = createAttempter({
        ...{ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: null }), clock: systemClock, trustedRoots: [good.cert] },
        keyStore: { open: (secretId) => (secretId === clientCertificateSecretId ? pem : null) },
      });
      const connectWith = (settings: Partial<DeliverySettings>) =>
        attempter.connect(pathWith({ tls: 'required_verified', ...settings }), [hostAt(server.port)]);
      const known = await connectWith({ clientCertificateSecretId });
      expect(known).toMatchObject({ ok: true, session: { facts: { tls: { version: maxVersion, verified: true } } } });
      if (known.ok) known.session.destroy();
      expect(await connectWith({})).toMatchObject({ ok: false, failure: { kind: 'deferred', scope: 'path' } });
      expect(shown).toEqual([new X509Certificate(client.cert).fingerprint256]);
      expect(server.commands.filter((line) => /^(?:MAIL|RCPT|DATA)/.test(line))).toEqual([]);
    },
  );

  it('fails the path, and says nothing of secrets, where the client certificate cannot be had', async () => {
    const clientCertificateSecretId = '00000000-0000-4000-8000-000000000001';
    const { result, server } = await connect('good', { tls: 'required', clientCertificateSecretId });
    expect(result).toMatchObject({
      ok: false,
      failure: { bounceClass: 'tls', detail: 'the client certificate cannot be opened on this node' },
    });
    expect(server.connections()).toBe(0);
  });
});

describe('what is seen of TLS, for reports', () => {
  const seen = async (peer: Peer, settings: Partial<DeliverySettings> = {}): Promise<unknown[]> => {
    const { result } = await connect(peer, settings);
    return (result.tls ?? []).map(({ trouble, doubt }) => [trouble, doubt]);
  };

  it('is one verdict a host, also where the mail goes on in plaintext', async () => {
    expect(await seen('none')).toEqual([['starttls-not-supported', null]]);
    expect(await seen('refuses')).toEqual([['starttls-not-supported', null]]);
    expect(await seen('breaks')).toEqual([['validation-failure', null]]);
    expect(await seen('good')).toEqual([[null, null]]);
  });

  it('is a doubt where nobody asked for proof, and a failure where somebody did', async () => {
    expect(await seen('strange')).toEqual([[null, 'certificate-not-trusted']]);
    expect(await seen('strange', { tls: 'required_verified' })).toEqual([['certificate-not-trusted', null]]);
  });

  it('is nothing where TLS is not wanted', async () => {
    expect(await seen('good', { tls: 'disabled' })).toEqual([]);
  });
});
