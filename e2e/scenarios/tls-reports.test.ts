// Reports on TLS leave the node when their day is over: by mail, signed, and over https, again where nobody answered, and never twice
// to the same address for the same day, not even where the node is killed while it sends. RFC 8460
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts, until } from '@sluice/bench/installation';
import { makeCertificates } from '@sluice/isp-simulator';
import { offer, type Receiver } from './testing/receiver.ts';
import { dayMs, dayOf, keptOnDisk, parted, partsOf, readReport, untilReportsMs } from './testing/tls-report.ts';
import { id, only, startWorld, type World } from './testing/world.ts';

const webHost = 'reports.web.example';
const webAddress = '127.42.3.7';
const startTls = { EHLO: offer('STARTTLS') };
const hourMs = 3_600_000;
const waitMs = 30_000;

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dkimKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

type Posted = { path: string; type: string; encoding: string; body: Buffer };

let directory = '';
let webPort = 0;
let web: { context: SecureContext; caFile: string };
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-tlsrpt-'));
  const certificates = await makeCertificates([webHost], Date.now());
  web = { context: certificates.contextFor(webHost), caFile: join(directory, 'ca.pem') };
  writeFileSync(web.caFile, certificates.caPem);
  [webPort = 0] = await freePorts(1);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A host for reports; `answer` decides what it says to each. */
async function webServer(answer: (response: ServerResponse) => void): Promise<{ server: Server; posted: Posted[] }> {
  const posted: Posted[] = [];
  const server = createServer({ SNICallback: (_name, done) => done(null, web.context) }, (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { 'content-type': type = '', 'content-encoding': encoding = '' } = request.headers;
      posted.push({ path: `${request.method} ${request.url}`, type, encoding, body: Buffer.concat(chunks) });
      answer(response);
    });
  });
  server.listen(webPort, webAddress);
  await once(server, 'listening');
  return { server, posted };
}
const closeWeb = async ({ server }: { server: Server }): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

async function reportingWorld(): Promise<World> {
  const body = { ...{ tenantId: id(2), domain: 'sender.example', selector: 'one' }, algorithm: 'rsa-sha256', publicKey: dkimKey };
  const world = await startWorld({
    settings: { tlsReportsFrom: 'tls@sender.example' },
    entities: [{ kind: 'dkim_key', id: id(60), body: { ...body, secretId: id(90), state: 'active' } }],
    secrets: { [id(90)]: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() },
    environment: { NODE_EXTRA_CA_CERTS: web.caFile },
  });
  world.dns.override(webHost, 'A', { kind: 'records', records: [{ type: 'A', data: webAddress }] });
  return world;
}
function wantsReports({ dns }: World, domain: string, ...rua: string[]): void {
  dns.override(`_smtp._tls.${domain}`, 'TXT', { kind: 'records', records: [{ type: 'TXT', data: `v=TLSRPTv1; rua=${rua.join(',')}` }] });
}
const hosts = async (world: World, domain: string): Promise<void> => {
  await world.host(`mx.${domain}`, startTls);
  world.mx(domain, `mx.${domain}`);
};

describe('reports of a day that is over', () => {
  const today = dayOf(Date.now());
  let world: World;
  let reports: Receiver;
  let plain: Receiver;
  beforeAll(async () => {
    world = await reportingWorld();
    await hosts(world, 'mail.example');
    await hosts(world, 'web.example');
    await hosts(world, 'silent.example');
    plain = await world.host('mx2.mail.example');
    reports = await world.host('mx.rua.example', startTls);
    world.mx('rua.example', 'mx.rua.example');
    wantsReports(world, 'mail.example', 'mailto:tls-reports@rua.example');
    wantsReports(world, 'web.example', `https://${webHost}:${webPort}/v1/tls`);
    for (const domain of ['mail', 'web', 'silent']) {
      await world.send(`jo@${domain}.example`);
      await world.story(`jo@${domain}.example`, 'accepted', 'delivered');
    }
    await world.stop();
    world.dns.override('mx.mail.example', 'A', { kind: 'records', records: [{ type: 'A', data: plain.address }] });
    await world.start();
    await world.send('sam@mail.example');
    await world.story('sam@mail.example', 'accepted', 'delivered');
    await world.stop();
    await world.start({ aheadMs: untilReportsMs(Date.now()) });
    await until(() => reports.messages.length > 0, waitMs);
  }, 180_000);
  afterAll(() => world?.close());

  it('are mailed as gzipped JSON with the counts of the domain, under the headers that RFC 8460 names', () => {
    const message = only(reports.messages);
    expect(message.mail).toMatch(/^MAIL FROM:<tls@sender\.example>/);
    expect(message.rcpts).toEqual([expect.stringMatching(/^RCPT TO:<tls-reports@rua\.example>/)]);
    const whole = parted(message.content);
    // Section 5.3, with its grammar of the subject.
    expect(whole.header).toMatch(/^TLS-Report-Domain: mail\.example\r$/m);
    expect(whole.header).toMatch(/^TLS-Report-Submitter: sender\.example\r$/m);
    expect(whole.header).toMatch(
      /^Subject: Report Domain: mail\.example\s+Submitter: sender\.example\s+Report-ID: <[^\s<>@]+@[^\s<>@]+>\r$/m,
    );
    expect(whole.header).toMatch(/^Content-Type: multipart\/report; report-type="tlsrpt";/m);
    const [text, attached] = partsOf(whole);
    expect(text?.header).toMatch(/^Content-Type: text\/plain/m);
    expect(attached?.header).toMatch(/^Content-Type: application\/tlsrpt\+gzip\r$/m);
    const start = Date.parse(`${today}T00:00:00Z`) / 1000;
    // Section 5.1.
    expect(attached?.header).toContain(`filename="sender.example!mail.example!${start}!${start + 86_399}.json.gz"`);
    const report = readReport(Buffer.from(attached?.body ?? '', 'base64'));
    expect(whole.header).toContain(`<${report['report-id']}>`);
    expect(report).toMatchObject({
      'contact-info': 'tls@sender.example',
      'date-range': { 'start-datetime': `${today}T00:00:00Z`, 'end-datetime': `${today}T23:59:59Z` },
    });
    expect(only(report.policies)).toMatchObject({
      policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'mail.example' },
      summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 1 },
      'failure-details': [
        {
          ...{ 'result-type': 'starttls-not-supported', 'receiving-mx-hostname': 'mx.mail.example', 'failed-session-count': 1 },
          ...{ 'sending-mta-ip': '127.42.0.1', 'receiving-ip': plain.address },
        },
      ],
    });
  });

  it('are signed by the domain that they come from', async () => {
    const resolver = (name: string, type: string): Promise<string[][]> =>
      name === 'one._domainkey.sender.example' && type === 'TXT'
        ? Promise.resolve([[`v=DKIM1; k=rsa; p=${dkimKey}`]])
        : Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    const octets = Buffer.from(`${only(reports.messages).content}\r\n`, 'latin1');
    const { results } = await dkimVerify(octets, { resolver, curTime: new Date(Date.now() + 2 * dayMs) });
    expect(results.map(({ status, signingDomain }) => [status.result, signingDomain, status.comment])).toEqual([
      ['pass', 'sender.example', undefined],
    ]);
  });

  it('are posted again to a host that was down, as gzipped JSON, while who has the report gets no second one', async () => {
    const waiting = () => keptOnDisk(world).reports.get('web.example');
    await until(() => waiting()?.detail?.includes('ECONNREFUSED') ?? false, waitMs);
    expect(waiting()).toMatchObject({ state: 'waiting', done: [] });
    const receiver = await webServer((response) => void response.writeHead(201).end());
    await world.stop();
    await world.start({ aheadMs: untilReportsMs(Date.now()) + 1.5 * hourMs });
    await until(() => waiting()?.state === 'sent', waitMs);
    await closeWeb(receiver);
    const { path, type, encoding, body } = only(receiver.posted);
    // Section 5.4: no content encoding, since the media type says it.
    expect([path, type, encoding]).toEqual(['POST /v1/tls', 'application/tlsrpt+gzip', '']);
    expect(only(readReport(body).policies)).toMatchObject({
      policy: { 'policy-domain': 'web.example' },
      summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
    });
    expect(reports.messages.length).toBe(1);
    expect(keptOnDisk(world).reports.get('silent.example')).toMatchObject({ state: 'not_wanted' });
    // Reports are no occasion for reports.
    expect(keptOnDisk(world).counts.map(({ domain }) => domain)).not.toContain('rua.example');
  });
});

describe('a node that is killed', () => {
  let world: World;
  beforeAll(async () => {
    world = await reportingWorld();
  }, 60_000);
  afterAll(() => world?.close());

  it('has what it counted up to the minute before', async () => {
    await hosts(world, 'both.example');
    wantsReports(world, 'both.example', 'mailto:tls@late.example', `https://${webHost}:${webPort}/tls`);
    world.mx('late.example', 'mx.late.example');
    world.dns.override('mx.late.example', 'A', { kind: 'records', records: [{ type: 'A', data: '127.42.1.2' }] });
    await world.send('jo@both.example');
    await world.story('jo@both.example', 'accepted', 'delivered');
    // A minute is how much may be lost.
    await until(() => keptOnDisk(world).counts.length > 0, 75_000);
    await world.kill();
    await world.start();
    await world.stop();
    expect(only(keptOnDisk(world).counts)).toMatchObject({ domain: 'both.example', succeeded: 1, failed: 0 });
  }, 120_000);

  it('while it sends a report sends it nowhere twice, neither by mail nor over https', async () => {
    let reached = 0;
    const deaf = await webServer(() => void (reached += 1));
    await world.start({ aheadMs: untilReportsMs(Date.now()) });
    await until(() => reached === 1, waitMs);
    await world.kill();
    const late = await world.host('mx.late.example', startTls);
    expect(late.address).toBe('127.42.1.2');
    await world.start({ aheadMs: untilReportsMs(Date.now()) + 1.5 * hourMs });
    const report = () => keptOnDisk(world).reports.get('both.example');
    await until(() => report()?.state === 'failed', waitMs);
    expect(report()?.detail).toContain('not sent twice');
    await until(() => late.messages.length > 0, waitMs);
    await world.stop();
    await world.start({ aheadMs: untilReportsMs(Date.now()) + 4 * hourMs });
    // The first round after a start comes after five seconds.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    await world.stop();
    await closeWeb(deaf);
    expect([late.messages.length, deaf.posted.length]).toEqual([1, 1]);
    await world.start();
  }, 180_000);
});
