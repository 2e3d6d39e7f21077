// DANE and MTA-STS through the real engine process, a real validating resolver over a signed zone and a real policy host: what is valid is
// delivered, what is not waits, and no one in the middle (STARTTLS stripped, MX records replaced, policy host taken away) ever gets the
// mail in plaintext or without the proof. RFC 7672, RFC 8461.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, until } from '@sluice/bench/installation';
import { missingPrograms } from '@sluice/bench/postfix-instance';
import type { DeliveryEvent } from '@sluice/contract';
import { DnsServer } from '@sluice/isp-simulator';
import { offer, startReceiver, type Receiver } from '../scenarios/testing/receiver.ts';
import { id, startWorld, type World } from '../scenarios/testing/world.ts';
import { startValidatingResolver, type ValidatingResolver } from './signed-zones.ts';
import { testAuthority, type TestAuthority, type TestCertificate } from './test-certificates.ts';

const missing = missingPrograms('unbound', 'ldns-signzone', 'ldns-keygen', 'openssl');
const signedHosts = ['ee', 'ta', 'wrong', 'strip', 'unusable', 'unusablestrip', 'tampered', 'requiretls'] as const;
const plainHosts = ['good', 'shared', 'othername', 'nostarttls', 'evil'] as const;
const policyHostAddress = '127.42.3.1';

describe.skipIf(missing !== null)(`DANE and MTA-STS${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const receivers = new Map<string, Receiver>();
  const policies = new Map<string, string>();
  let directory = '';
  let world: World;
  let dns: DnsServer;
  let resolver: ValidatingResolver;
  let policyHost: Server;
  let authority: TestAuthority;
  let smtpPort = 0;

  const at = (name: string): Receiver => {
    const receiver = receivers.get(name);
    if (!receiver) throw new Error(`there is no receiver ${name}`);
    return receiver;
  };
  const tlsa = (usage: number, { x509 }: Pick<TestCertificate, 'x509'>) =>
    `TLSA ${usage} 1 1 ${createHash('sha256')
      .update(x509.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex')}`;

  async function receive(name: string, address: string, certificate: TestCertificate, keywords: string[]): Promise<void> {
    const context = createSecureContext({ cert: certificate.cert, key: certificate.key });
    receivers.set(name, await startReceiver(address, smtpPort, { EHLO: offer(...keywords) }, context));
  }

  /** The zone `example`, signed: each domain has the MX host mx.<domain>. */
  async function signedZone(): Promise<string[]> {
    const records: string[] = [];
    for (const [index, name] of signedHosts.entries()) {
      const host = `mx.${name}.example`;
      const own = name === 'ta' || name === 'requiretls' ? authority.signed(host) : authority.selfSigned(host);
      const address = `127.42.2.${index + 1}`;
      const keywords = name.endsWith('strip') ? ['SIZE'] : name === 'requiretls' ? ['STARTTLS', 'REQUIRETLS'] : ['STARTTLS'];
      await receive(name, address, own, keywords);
      const shown = {
        ta: tlsa(2, { x509: authority.ca }),
        wrong: tlsa(3, authority.selfSigned(host)),
        unusable: tlsa(1, own),
        unusablestrip: tlsa(1, own),
      };
      const record = name in shown ? shown[name as keyof typeof shown] : tlsa(3, own);
      records.push(`${name} MX 10 mx.${name}`, `mx.${name} A ${address}`, `_25._tcp.mx.${name} ${record}`);
    }
    return [...records, ...(await aliasedHosts())];
  }

  /** MX hosts that are aliases: validated to the end with records there, with records at the alias only, and out into an unsigned zone. */
  async function aliasedHosts(): Promise<string[]> {
    const end = authority.signed('real.alias.example');
    const [own, out] = [authority.selfSigned('mx.aliasown.example'), authority.selfSigned('mx.aliasout.example')];
    await receive('alias', '127.42.2.51', end, ['STARTTLS']);
    await receive('aliasown', '127.42.2.52', own, ['STARTTLS']);
    await receive('aliasout', '127.42.2.53', out, ['STARTTLS']);
    dns.override('out.plain', 'A', { kind: 'records', records: [{ type: 'A', data: '127.42.2.53' }], ttlSeconds: 1 });
    const domain = (name: string, alias: string) => [`${name} MX 10 mx.${name}`, `mx.${name} CNAME ${alias}`];
    return [
      ...[...domain('alias', 'real.alias'), 'real.alias A 127.42.2.51', `_25._tcp.real.alias ${tlsa(2, { x509: authority.ca })}`],
      ...[...domain('aliasown', 'real.aliasown'), 'real.aliasown A 127.42.2.52', `_25._tcp.mx.aliasown ${tlsa(3, own)}`],
      ...[...domain('aliasout', 'out.plain.'), `_25._tcp.mx.aliasout ${tlsa(3, out)}`],
    ];
  }

  /** Unsigned names, which a test may change at any time. */
  function mx(domain: string, ...hosts: string[]): void {
    const records = hosts.map((exchange, index) => ({ type: 'MX' as const, data: { exchange, preference: index } }));
    dns.override(domain, 'MX', { kind: 'records', records, ttlSeconds: 1 });
  }
  function policy(domain: string, mode: string, ...hosts: string[]): void {
    const lines = ['version: STSv1', `mode: ${mode}`, ...hosts.map((host) => `mx: ${host}`), 'max_age: 86400'];
    policies.set(`mta-sts.${domain}`, `${lines.join('\r\n')}\r\n`);
    dns.override(`_mta-sts.${domain}`, 'TXT', { kind: 'records', records: [{ type: 'TXT', data: 'v=STSv1; id=1;' }], ttlSeconds: 1 });
    dns.override(`mta-sts.${domain}`, 'A', { kind: 'records', records: [{ type: 'A', data: policyHostAddress }], ttlSeconds: 1 });
  }
  const stsDomains = ['kept', 'name', 'nostarttls', 'broken', 'fine', 'testing', 'left'].map((name) => `${name}.plain`);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
    const [hosts = 0, policyPort = 0, dnsPort = 0] = await freePorts(3);
    smtpPort = hosts;
    authority = testAuthority(directory);
    dns = new DnsServer();
    const unsigned = await dns.listen('127.0.0.1', 0);
    for (const [index, name] of plainHosts.entries()) {
      const host = `mx.${name}.plain`;
      const certificate = authority.signed(name === 'othername' ? 'somebody.else.example' : host);
      await receive(`${name}.plain`, `127.42.4.${index + 1}`, certificate, name === 'nostarttls' ? ['SIZE'] : ['STARTTLS']);
      const address = `127.42.4.${index + 1}`;
      dns.override(host, 'A', { kind: 'records', records: [{ type: 'A', data: address }], ttlSeconds: 1 });
    }
    const records = await signedZone();
    const forged =
      records
        .find((record) => record.startsWith('_25._tcp.mx.tampered'))
        ?.split(' ')
        .at(-1) ?? '';
    resolver = await startValidatingResolver({
      ...{ directory, port: dnsPort },
      zone: { zone: 'example', records, tampered: [[forged, 'ab'.repeat(32)]] },
      stub: { zone: 'plain', server: unsigned },
    });
    const web = authority.signed(...stsDomains.map((domain) => `mta-sts.${domain}`));
    policyHost = createServer({ cert: web.cert, key: web.key }, (request, response) => {
      const found = request.url === '/.well-known/mta-sts.txt' ? policies.get(request.headers.host ?? '') : undefined;
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(found ?? 'nothing here');
    });
    await new Promise<void>((resolve) => policyHost.listen(policyPort, policyHostAddress, resolve));
    world = await startWorld({
      stream: { retrySeconds: [2] },
      // Operators lead two domains to hosts of the signed zone and vouch for the name in one case.
      entities: [true, false].map((treatAsSecure, index) => ({
        ...{ kind: 'route', id: id(80 + index) },
        body: { domain: treatAsSecure ? 'vouched.plain' : 'led.plain', host: 'mx.wrong.example', port: 25, treatAsSecure },
      })),
      environment: {
        SLUICE_DNS_SERVER: `127.0.0.1:${dnsPort}`,
        SLUICE_DNS_TRUSTED: '1',
        SLUICE_SANDBOX_SMTP_PORT: String(smtpPort),
        SLUICE_POLICY_PORT: String(policyPort),
        NODE_EXTRA_CA_CERTS: authority.caFile,
      },
    });
  }, 120_000);
  afterAll(async () => {
    await world?.close();
    await resolver?.stop();
    await dns?.close();
    policyHost?.closeAllConnections();
    policyHost?.close();
    for (const receiver of receivers.values()) await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  async function delivered(recipient: string): Promise<DeliveryEvent> {
    await world.send(recipient);
    const [, event] = await world.story(recipient, 'accepted', 'delivered');
    if (!event) throw new Error('no event');
    return event;
  }
  /** The mail waits, and an event of the path or the route says why. */
  async function waits(recipient: string, about: (event: DeliveryEvent) => boolean): Promise<DeliveryEvent> {
    await world.send(recipient);
    const why = () => world.events(null).find((event) => event.type === 'path_deferred' && about(event));
    await until(() => Promise.resolve(why() !== undefined), 30_000);
    expect(world.events(recipient).map((event) => event.type)).toEqual(['accepted']);
    const event = why();
    if (!event) throw new Error('no event');
    return event;
  }
  const ofHost = (host: string) => (event: DeliveryEvent) => event.mxHost === host || (event.site?.split('+').includes(host) ?? false);

  describe('DANE', () => {
    it('delivers to a server that its own TLSA record names, though no authority does', async () => {
      expect((await delivered('jo@ee.example')).tls).toMatchObject({
        verified: true,
        verifiedBy: 'dane',
        requirement: 'opportunistic dane',
      });
      expect(at('ee').messages).toMatchObject([{ tls: true }]);
    });

    it('delivers to a server under the authority that a TLSA record names', async () => {
      expect((await delivered('jo@ta.example')).tls).toMatchObject({ verified: true, verifiedBy: 'dane' });
    });

    it('keeps mail from a server that matches no TLSA record', async () => {
      const event = await waits('jo@wrong.example', ofHost('mx.wrong.example'));
      expect(event).toMatchObject({ bounceClass: 'tls', tls: { verified: false }, detail: expect.stringContaining('DANE') });
      expect(at('wrong').commands.map(({ line }) => line)).not.toContainEqual(expect.stringMatching(/^MAIL/));
    });

    it('delivers mail that says TLS-Required: No to a server that matches no TLSA record, while other mail still waits', async () => {
      await waits('kim@wrong.example', ofHost('mx.wrong.example'));
      await world.send('free@wrong.example', 'From: <news@sender.example>\r\nTLS-Required: No\r\n\r\nhello');
      const [, event] = await world.story('free@wrong.example', 'accepted', 'delivered');
      expect(event?.tls).toMatchObject({ verified: false, requirement: 'opportunistic' });
      expect(at('wrong').messages).toMatchObject([{ content: expect.stringMatching(/^TLS-Required: No\r$/m) }]);
      expect(world.events('kim@wrong.example').map((one) => one.type)).toEqual(['accepted']);
    });

    it('keeps mail from a server with TLSA records that offers no STARTTLS', async () => {
      expect(await waits('jo@strip.example', ofHost('mx.strip.example'))).toMatchObject({ bounceClass: 'tls' });
      expect(at('strip').messages).toEqual([]);
    });

    it('asks for TLS, but for no proof, where no TLSA record is usable; never plaintext', async () => {
      expect((await delivered('jo@unusable.example')).tls).toMatchObject({ verified: false, verifiedBy: 'none' });
      await waits('jo@unusablestrip.example', ofHost('mx.unusablestrip.example'));
      expect(at('unusablestrip').messages).toEqual([]);
    });

    it('takes the TLSA records at the end of an alias, with the name they stand under', async () => {
      expect((await delivered('jo@alias.example')).tls).toMatchObject({ verified: true, verifiedBy: 'dane' });
    });

    it('takes the TLSA records of the alias itself where its end has none, or lies in an unsigned zone', async () => {
      expect((await delivered('jo@aliasown.example')).tls).toMatchObject({ verifiedBy: 'dane' });
      expect((await delivered('jo@aliasout.example')).tls).toMatchObject({ verifiedBy: 'dane' });
    });

    it('lets the TLSA records that a host breaks stop only domains that DNSSEC leads there, not others on the same host', async () => {
      mx('unsigned.plain', 'mx.wrong.example');
      await waits('sam@wrong.example', ofHost('mx.wrong.example'));
      expect((await delivered('jo@unsigned.plain')).tls).toMatchObject({ verified: false, requirement: 'opportunistic' });
      expect(world.events('sam@wrong.example').map((event) => event.type)).toEqual(['accepted']);
    });

    it('counts TLSA records of the host of a static route only where the operator vouches for its name', async () => {
      const event = await waits('jo@vouched.plain', ({ site, tls }) => site === 'mx.wrong.example:25' && tls !== null);
      expect(event).toMatchObject({ bounceClass: 'tls', detail: expect.stringContaining('DANE') });
      expect((await delivered('jo@led.plain')).tls).toMatchObject({ verified: false, requirement: 'opportunistic' });
      expect(world.events('jo@vouched.plain').map((one) => one.type)).toEqual(['accepted']);
    });

    it('keeps mail from a host whose TLSA records do not validate', async () => {
      expect((await waits('jo@tampered.example', ofHost('mx.tampered.example'))).detail).toContain('DANE');
      expect(at('tampered').connections).toBe(0);
    });
  });

  describe('MTA-STS', () => {
    it('delivers to a host that the policy names and whose certificate holds', async () => {
      mx('fine.plain', 'mx.shared.plain');
      policy('fine.plain', 'enforce', 'mx.shared.plain');
      expect((await delivered('jo@fine.plain')).tls).toMatchObject({
        verified: true,
        verifiedBy: 'pkix',
        requirement: 'opportunistic mta_sts',
      });
    });

    it('keeps mail from a host with a certificate of another name, and from one without STARTTLS', async () => {
      mx('name.plain', 'mx.othername.plain');
      policy('name.plain', 'enforce', 'mx.othername.plain');
      mx('nostarttls.plain', 'mx.nostarttls.plain');
      policy('nostarttls.plain', 'enforce', '*.nostarttls.plain');
      expect(await waits('jo@name.plain', ofHost('mx.othername.plain'))).toMatchObject({ bounceClass: 'tls', tls: { verified: false } });
      expect(await waits('jo@nostarttls.plain', ofHost('mx.nostarttls.plain'))).toMatchObject({ bounceClass: 'tls' });
      expect([...at('othername.plain').messages, ...at('nostarttls.plain').messages]).toEqual([]);
    });

    it('lets a broken policy stop its own domain only, not others on the same hosts', async () => {
      mx('broken.plain', 'mx.shared.plain');
      policy('broken.plain', 'enforce', 'mx.elsewhere.plain');
      mx('nopolicy.plain', 'mx.shared.plain');
      const event = await waits('jo@broken.plain', (one) => one.domain === 'broken.plain');
      expect(event).toMatchObject({ bounceClass: 'tls', detail: expect.stringContaining('MTA-STS') });
      expect((await delivered('jo@nopolicy.plain')).tls).toMatchObject({ requirement: 'opportunistic' });
      expect((await delivered('sam@fine.plain')).tls).toMatchObject({ requirement: 'opportunistic mta_sts' });
    });

    it('delivers mail that says TLS-Required: No to hosts that the policy leaves out, while other mail to the domain still waits', async () => {
      mx('left.plain', 'mx.nostarttls.plain');
      policy('left.plain', 'enforce', 'mx.elsewhere.plain');
      await waits('kim@left.plain', (one) => one.domain === 'left.plain');
      await world.send('free@left.plain', 'From: <news@sender.example>\r\nTLS-Required: No\r\n\r\nhello');
      const [, event] = await world.story('free@left.plain', 'accepted', 'delivered');
      expect(event).toMatchObject({ mxHost: 'mx.nostarttls.plain', tls: null });
      expect(at('nostarttls.plain').messages.map(({ rcpts }) => rcpts)).toEqual([['RCPT TO:<free@left.plain>']]);
      expect(world.events('kim@left.plain').map((one) => one.type)).toEqual(['accepted']);
    });

    it('delivers under a policy in mode testing whatever the host is', async () => {
      mx('testing.plain', 'mx.othername.plain');
      policy('testing.plain', 'testing', 'mx.elsewhere.plain');
      expect((await delivered('jo@testing.plain')).tls).toMatchObject({ verified: false });
    });

    it('keeps to a policy it holds while MX records are replaced and the policy host and its record are gone, over a restart', async () => {
      mx('kept.plain', 'mx.good.plain');
      policy('kept.plain', 'enforce', 'mx.good.plain');
      expect((await delivered('jo@kept.plain')).tls).toMatchObject({ verifiedBy: 'pkix' });
      policyHost.closeAllConnections();
      await new Promise<void>((resolve) => policyHost.close(() => resolve()));
      dns.override('_mta-sts.kept.plain', 'TXT', { kind: 'nxdomain' });
      mx('kept.plain', 'mx.evil.plain');
      await world.stop();
      // The resolver keeps the old MX record for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await world.start();
      const event = await waits('sam@kept.plain', (one) => one.domain === 'kept.plain');
      expect(event).toMatchObject({ bounceClass: 'tls', detail: expect.stringContaining('mx.evil.plain') });
      expect(at('evil.plain').connections).toBe(0);
    });
  });
});
