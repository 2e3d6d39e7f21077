// Every way in which TLS can fail on our way to a domain is counted as RFC 8460 section 4.3 names it, under the policy that asked for it,
// and what goes well as well: through the real engine process, a validating resolver over a signed zone and a real policy host.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, until } from '@sluice/bench/installation';
import { missingPrograms } from '@sluice/bench/postfix-instance';
import type { TlsReportCounts } from '@sluice/contract';
import { DnsServer } from '@sluice/isp-simulator';
import { offer, startReceiver, type Answers, type Receiver } from '../scenarios/testing/receiver.ts';
import { keptOnDisk } from '../scenarios/testing/tls-report.ts';
import { startWorld, type World } from '../scenarios/testing/world.ts';
import { startValidatingResolver, type ValidatingResolver } from './signed-zones.ts';
import { testAuthority, type TestAuthority, type TestCertificate } from './test-certificates.ts';

const missing = missingPrograms('unbound', 'ldns-signzone', 'ldns-keygen', 'openssl');
const policyHostAddress = '127.42.3.1';
const otherPolicyHostAddress = '127.42.3.2';
const dayMs = 86_400_000;

type Pair = Pick<TestCertificate, 'cert' | 'key'>;
const startTls: Answers = { EHLO: offer('STARTTLS') };
const stripped: Answers = { EHLO: offer('SIZE') };
/** The handshake is begun and cut. */
const cut: Answers = {
  EHLO: offer('STARTTLS'),
  STARTTLS: ({ socket }) => {
    socket.end('220 2.0.0 go ahead\r\n');
    return null;
  },
};

/** What is counted of the mail of one domain, in short. */
type Seen = {
  type: TlsReportCounts['policyType'];
  succeeded: number;
  failures: Record<string, string | null>;
  policy: string[];
};

describe.skipIf(missing !== null)(`counts for TLS reports${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const receivers = new Map<string, Receiver>();
  const policies = new Map<string, string>();
  const policyHosts: Server[] = [];
  let directory = '';
  let world: World;
  let dns: DnsServer;
  let resolver: ValidatingResolver;
  let authority: TestAuthority;
  let expired: Pair;
  let smtpPort = 0;
  let counted: TlsReportCounts[] = [];

  const recipients: string[] = [];
  const listen = async (name: string, address: string, { cert, key }: Pair, answers: Answers): Promise<void> =>
    void receivers.set(name, await startReceiver(address, smtpPort, answers, createSecureContext({ cert, key })));
  const tlsa = (usage: number, { x509 }: TestCertificate): string => {
    const digest = createHash('sha256').update(x509.publicKey.export({ type: 'spki', format: 'der' }));
    return `TLSA ${usage} 1 1 ${digest.digest('hex')}`;
  };

  /** Domains of the signed zone: what their TLSA record says of the host, and what the host does. */
  async function signedZone(): Promise<string[]> {
    const kinds = { good: 3, mismatch: 3, stripped: 3, cut: 3, unusable: 1, tampered: 3 };
    const records: string[] = [];
    for (const [index, [name, usage]] of Object.entries(kinds).entries()) {
      const own = authority.selfSigned(`mx.${name}.example`);
      const named = name === 'mismatch' ? authority.selfSigned('mx.mismatch.example') : own;
      const address = `127.42.2.${index + 1}`;
      await listen(`${name}.example`, address, own, { stripped, cut }[name] ?? startTls);
      records.push(`${name} MX 10 mx.${name}`, `mx.${name} A ${address}`, `_25._tcp.mx.${name} ${tlsa(usage, named)}`);
      recipients.push(`jo@${name}.example`);
    }
    return records;
  }

  /** A domain outside of it, with a host of its own. */
  async function plainDomain(name: string, certificate: Pair, answers: Answers = startTls): Promise<void> {
    const [host, address] = [`mx.${name}.plain`, `127.42.4.${receivers.size + 1}`];
    await listen(`${name}.plain`, address, certificate, answers);
    dns.override(host, 'A', { kind: 'records', records: [{ type: 'A', data: address }], ttlSeconds: 1 });
    const records = [{ type: 'MX' as const, data: { exchange: host, preference: 1 } }];
    dns.override(`${name}.plain`, 'MX', { kind: 'records', records, ttlSeconds: 1 });
    recipients.push(`jo@${name}.plain`);
  }

  function announce(name: string, policy: string | null, address = policyHostAddress): void {
    if (policy !== null) policies.set(`mta-sts.${name}.plain`, policy);
    dns.override(`_mta-sts.${name}.plain`, 'TXT', { kind: 'records', records: [{ type: 'TXT', data: 'v=STSv1; id=1;' }], ttlSeconds: 1 });
    dns.override(`mta-sts.${name}.plain`, 'A', { kind: 'records', records: [{ type: 'A', data: address }], ttlSeconds: 1 });
  }
  const policyOf = (mode: string, host: string): string =>
    ['version: STSv1', `mode: ${mode}`, `mx: ${host}`, 'max_age: 86400', ''].join('\r\n');

  async function plainDomains(): Promise<void> {
    const enforced = (name: string): void => announce(name, policyOf('enforce', `mx.${name}.plain`));
    const signed = (name: string): Pair => authority.signed(`mx.${name}.plain`);
    await plainDomain('nopolicy', authority.selfSigned('mx.nopolicy.plain'));
    await plainDomain('nostarttls', signed('nostarttls'), stripped);
    await plainDomain('cut', signed('cut'), cut);
    await plainDomain('stsgood', signed('stsgood'));
    await plainDomain('stsname', signed('somebody.else'));
    await plainDomain('stsexpired', expired);
    await plainDomain('stsunknown', authority.selfSigned('mx.stsunknown.plain'));
    await plainDomain('stscut', signed('stscut'), cut);
    await plainDomain('stsstripped', signed('stsstripped'), stripped);
    for (const name of ['good', 'name', 'expired', 'unknown', 'cut', 'stripped']) enforced(`sts${name}`);
    await plainDomain('ststesting', signed('somebody.else'));
    announce('ststesting', policyOf('testing', 'mx.ststesting.plain'));
    await plainDomain('stselsewhere', signed('stselsewhere'));
    announce('stselsewhere', policyOf('enforce', 'mx.nowhere.plain'));
    for (const name of ['nofile', 'nonsense', 'forged']) await plainDomain(name, signed(name));
    announce('nofile', null);
    announce('nonsense', 'version: STSv1\r\nmode: perhaps\r\n');
    announce('forged', policyOf('enforce', 'mx.forged.plain'), otherPolicyHostAddress);
  }

  async function policyHost(address: string, port: number, pair: Pair): Promise<void> {
    const server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
      const found = policies.get(request.headers.host ?? '');
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(found ?? 'nothing here');
    });
    policyHosts.push(server);
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-tls-counts-'));
    const [hosts = 0, policyPort = 0, dnsPort = 0] = await freePorts(3);
    smtpPort = hosts;
    authority = testAuthority(directory);
    const made = await generate([{ name: 'commonName', value: 'mx.stsexpired.plain' }], {
      ...{ keyType: 'ec', curve: 'P-256', algorithm: 'sha256' },
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'mx.stsexpired.plain' }] }],
      ...{ notBeforeDate: new Date(Date.now() - 9 * dayMs), notAfterDate: new Date(Date.now() - dayMs) },
    });
    expired = { cert: made.cert, key: made.private };
    // Nothing is wrong with that one but its time.
    const trusted = join(directory, 'trusted.pem');
    writeFileSync(trusted, readFileSync(authority.caFile, 'utf8') + expired.cert);
    dns = new DnsServer();
    const unsigned = await dns.listen('127.0.0.1', 0);
    const records = await signedZone();
    await plainDomains();
    const forged = records.find((record) => record.startsWith('_25._tcp.mx.tampered'))?.split(' ') ?? [];
    resolver = await startValidatingResolver({
      ...{ directory, port: dnsPort },
      zone: { zone: 'example', records, tampered: [[forged.at(-1) ?? '', 'ab'.repeat(32)]] },
      stub: { zone: 'plain', server: unsigned },
    });
    await policyHost(policyHostAddress, policyPort, authority.signed(...[...policies.keys(), 'mta-sts.nofile.plain']));
    await policyHost(otherPolicyHostAddress, policyPort, authority.signed('mta-sts.else.plain'));
    world = await startWorld({
      environment: {
        SLUICE_DNS_SERVER: `127.0.0.1:${dnsPort}`,
        SLUICE_DNS_TRUSTED: '1',
        SLUICE_SANDBOX_SMTP_PORT: String(smtpPort),
        SLUICE_POLICY_PORT: String(policyPort),
        NODE_EXTRA_CA_CERTS: trusted,
      },
    });
    for (const recipient of recipients) await world.send(recipient);
    // One attempt of each: what fails rests for longer than this takes.
    const delivered = () => recipients.filter((recipient) => world.events(recipient).some(({ type }) => type === 'delivered'));
    const failed = () => world.events(null).filter(({ type }) => type === 'path_deferred');
    await until(() => delivered().length >= 10 && new Set(failed().map(({ site, domain }) => site ?? domain)).size >= 10, 60_000);
    await world.stop();
    counted = keptOnDisk(world).counts;
  }, 180_000);
  afterAll(async () => {
    await world?.close();
    await resolver?.stop();
    await dns?.close();
    for (const server of policyHosts) {
      server.closeAllConnections();
      server.close();
    }
    for (const receiver of receivers.values()) await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  /** `failures`: result type to host; each counted at least once, since what fails is tried again. */
  const seen = (domain: string): Seen[] =>
    counted
      .filter((counts) => counts.domain === domain)
      .map(({ policyType, succeeded, failures, strings }) => ({
        ...{ type: policyType, succeeded, policy: strings },
        failures: Object.fromEntries(failures.map(({ result, mxHost }) => [result, mxHost])),
      }))
      .toSorted((a, b) => (a.type < b.type ? -1 : 1));

  it.each([
    ['what goes well under no policy', 'nopolicy.plain', 'no-policy-found', 1, {}],
    ['a server without STARTTLS', 'nostarttls.plain', 'no-policy-found', 0, { 'starttls-not-supported': 'mx.nostarttls.plain' }],
    ['a handshake that breaks', 'cut.plain', 'no-policy-found', 0, { 'validation-failure': 'mx.cut.plain' }],
    ['what MTA-STS finds in order', 'stsgood.plain', 'sts', 1, {}],
    ['a certificate of another name', 'stsname.plain', 'sts', 0, { 'certificate-host-mismatch': 'mx.stsname.plain' }],
    ['a certificate whose time is over', 'stsexpired.plain', 'sts', 0, { 'certificate-expired': 'mx.stsexpired.plain' }],
    ['a certificate of nobody we trust', 'stsunknown.plain', 'sts', 0, { 'certificate-not-trusted': 'mx.stsunknown.plain' }],
    ['a handshake that breaks under MTA-STS', 'stscut.plain', 'sts', 0, { 'validation-failure': 'mx.stscut.plain' }],
    ['no STARTTLS under MTA-STS', 'stsstripped.plain', 'sts', 0, { 'starttls-not-supported': 'mx.stsstripped.plain' }],
    ['a doubt under a policy in testing', 'ststesting.plain', 'sts', 0, { 'certificate-host-mismatch': 'mx.ststesting.plain' }],
    ['a policy that names none of the hosts', 'stselsewhere.plain', 'sts', 0, { 'validation-failure': null }],
    ['what DANE finds in order', 'good.example', 'tlsa', 1, {}],
    ['a certificate that matches no TLSA record', 'mismatch.example', 'tlsa', 0, { 'certificate-not-trusted': 'mx.mismatch.example' }],
    ['no STARTTLS under DANE', 'stripped.example', 'tlsa', 0, { 'starttls-not-supported': 'mx.stripped.example' }],
    ['a handshake that breaks under DANE', 'cut.example', 'tlsa', 0, { 'validation-failure': 'mx.cut.example' }],
    ['TLSA records of which none can be used', 'unusable.example', 'tlsa', 0, { 'tlsa-invalid': 'mx.unusable.example' }],
    ['TLSA records that do not validate', 'tampered.example', 'tlsa', 0, { 'dnssec-invalid': null }],
  ] as const)('count %s', (_what, domain, type, succeeded, failures) => {
    expect(seen(domain)).toEqual([{ type, succeeded, failures, policy: expect.any(Array) }]);
  });

  it.each([
    ['cannot be fetched', 'nofile.plain', 'sts-policy-fetch-error'],
    ['cannot be read', 'nonsense.plain', 'sts-policy-invalid'],
    ['comes under a certificate of another name', 'forged.plain', 'sts-webpki-invalid'],
  ])('count a policy that %s, and the session beside it, which stands under none', (_what, domain, result) => {
    expect(seen(domain)).toEqual([
      { type: 'no-policy-found', succeeded: 1, failures: {}, policy: [] },
      { type: 'sts', succeeded: 0, failures: { [result]: null }, policy: [] },
    ]);
  });

  it('quote the policy that was applied', () => {
    expect(seen('stsname.plain')[0]?.policy).toEqual(['version: STSv1', 'mode: enforce', 'mx: mx.stsname.plain', 'max_age: 86400']);
    expect(seen('stselsewhere.plain')[0]?.policy).toContain('mx: mx.nowhere.plain');
    expect(seen('mismatch.example')[0]?.policy).toEqual([expect.stringMatching(/^3 1 1 [0-9A-F]{64}$/)]);
  });

  it('name addresses and reason of a failure', () => {
    const [failure] = counted.find(({ domain }) => domain === 'stsexpired.plain')?.failures ?? [];
    expect(failure).toMatchObject({ sendingIp: '127.42.0.1', reason: expect.stringContaining('CERT_HAS_EXPIRED') });
    expect(failure?.receivingIp).toBe(receivers.get('stsexpired.plain')?.address);
  });
});
