// What is counted of TLS, and who is told of it when.
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Answer } from '@sluice/contract';
import type { TlsSeen } from '../ports.ts';
import { engineRig, settingEntity, type EngineRig } from '../testing/engine-rig.ts';
import { id, smallConfig } from '../testing/sample-config.ts';
import { reportAddresses } from './report-address.ts';
import { maxFailureKinds, maxPoliciesADay, Tally } from './tally.ts';

const hour = 3_600_000;
const day = 24 * hour;
const good: Omit<TlsSeen, 'host'> = { trouble: null, doubt: null, detail: '' };
const stripped: Omit<TlsSeen, 'host'> = { trouble: 'starttls-not-supported', doubt: null, detail: 'no STARTTLS' };
const sender = settingEntity(1, { tenant: id(1), stream: id(301) }, { tlsReportsFrom: 'tls@tenant1.example' });
const asked = { '_smtp._tls.x.example': ['v=TLSRPTv1; rua=mailto:reports@x.example,https://reports.x.example/tls'] };

async function told(rig: EngineRig): Promise<Extract<Answer, { kind: 'tls_reports' }>> {
  const answer = await rig.ask({ kind: 'tls_reports' });
  if (answer.kind !== 'tls_reports') throw new Error(answer.kind);
  return answer;
}

/** One good and one failed session with x.example, which asks for reports. */
async function counted(): Promise<EngineRig> {
  let sessions = 0;
  const rig = await engineRig([...smallConfig(), sender], { perSession: 1, tls: () => (sessions++ === 0 ? good : stripped) });
  rig.dns.txt = asked;
  for (let message = 0; message < 2; message += 1) {
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(1000);
  }
  return rig;
}

const mailed = (rig: EngineRig) =>
  rig.remote.deliveries.flatMap((delivery) => delivery.entries).filter((entry) => entry.recipient === 'reports@x.example');

describe('counts of TLS', () => {
  it('are kept by domain and policy, with host, addresses and reason of what failed', async () => {
    const rig = await counted();
    const { policies, from } = await told(rig);
    expect(from).toBe('tls@tenant1.example');
    expect(policies).toEqual([
      expect.objectContaining({
        ...{ domain: 'x.example', policyType: 'no-policy-found', succeeded: 1, failed: 1, otherFailures: 0 },
        failures: [
          {
            ...{ result: 'starttls-not-supported', mxHost: 'mx.x.example', receivingIp: '192.0.2.1', sendingIp: '127.0.1.1' },
            ...{ reason: 'no STARTTLS', count: 1 },
          },
        ],
      }),
    ]);
  });

  it('outlive a crash but for the last minute', async () => {
    const rig = await counted();
    await rig.clock.advance(60_000);
    await rig.inject({ recipients: ['late@y.example'] });
    await rig.clock.advance(1000);
    const again = await rig.restart();
    expect((await told(again)).policies.map(({ domain, succeeded, failed }) => [domain, succeeded, failed])).toEqual([['x.example', 1, 1]]);
  });

  it('are bounded in domains and in kinds of failure, and say how much is missing', () => {
    const tally = new Tally();
    const policy = (domain: string) => ({ domain, type: 'sts' as const, describe: () => ({ strings: [], mxHosts: [] }) });
    for (let n = 0; n < maxPoliciesADay + 3; n += 1) tally.succeeded(policy(`d${n}.example`), 0);
    const failure = { result: 'validation-failure' as const, mxHost: null, receivingIp: null, sendingIp: null, reason: null };
    for (let n = 0; n < maxFailureKinds + 2; n += 1) tally.failed(policy('d1.example'), { ...failure, mxHost: `mx${n}` }, 0);
    const [today] = tally.days();
    expect([today?.policies.size, today?.beyond]).toEqual([maxPoliciesADay, 3]);
    const counts = today?.policies.get('d1.example sts');
    expect([counts?.failures.length, counts?.otherFailures, counts?.failed]).toEqual([maxFailureKinds, 2, maxFailureKinds + 2]);
  });
});

describe('a report', { timeout: 20_000 }, () => {
  it('goes to every address that the domain names, once, after the day is over', async () => {
    const rig = await counted();
    await rig.clock.advance(day + 6 * hour);
    const [mail, ...more] = mailed(rig);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({ sender: 'tls@tenant1.example', options: { tlsOptional: true }, dsn: { notify: 'NEVER' } });
    const text = Buffer.from((await rig.spool.read(mail?.content ?? { segment: 0, offset: 0, length: 0 })).bytes).toString();
    expect(text).toMatch(/^TLS-Report-Domain: x\.example\r\nTLS-Report-Submitter: tenant1\.example\r$/m);
    const encoded = /base64\r\nContent-Disposition: [^]*?\r\n\r\n([^-]*)\r\n--/.exec(text)?.[1] ?? '';
    const document = JSON.parse(gunzipSync(Buffer.from(encoded, 'base64')).toString()) as Record<string, unknown>;
    const { body, url } = rig.hooked[0] as { body: Uint8Array; url: string };
    expect(url).toBe('https://reports.x.example/tls');
    expect(JSON.parse(gunzipSync(body).toString())).toEqual(document);
    expect(document).toMatchObject({
      'organization-name': 'tenant1.example',
      'contact-info': 'tls@tenant1.example',
      policies: [
        {
          policy: { 'policy-type': 'no-policy-found', 'policy-domain': 'x.example' },
          summary: { 'total-successful-session-count': 1, 'total-failure-session-count': 1 },
          'failure-details': [{ 'result-type': 'starttls-not-supported', 'failed-session-count': 1, 'receiving-ip': '192.0.2.1' }],
        },
      ],
    });
    expect((await told(rig)).reports).toContainEqual(expect.objectContaining({ domain: 'x.example', state: 'sent', detail: null }));
    expect(rig.hooked.length).toBe(1);
    await rig.clock.advance(day);
    expect([mailed(rig).length, rig.hooked.length]).toEqual([1, 1]);
  });

  it('is not made twice after a restart, and not before the day is over', async () => {
    const rig = await counted();
    await rig.clock.advance(60_000);
    expect(mailed(rig)).toEqual([]);
    await rig.clock.advance(day + 6 * hour);
    const again = await rig.restart();
    await again.clock.advance(6 * hour);
    expect(mailed(again).filter((entry) => entry.acceptedAt > rig.clock.nowMs() - 6 * hour)).toEqual([]);
  });

  it('that an address does not take is sent to that address again, hourly for a day', async () => {
    const rig = await counted();
    rig.hookFails.on = true;
    await rig.clock.advance(day);
    await rig.clock.advance(6 * hour);
    expect((await told(rig)).reports).toContainEqual(
      expect.objectContaining({ state: 'waiting', detail: expect.stringContaining('status 500') }),
    );
    rig.hookFails.on = false;
    await rig.clock.advance(2 * hour);
    expect((await told(rig)).reports).toContainEqual(expect.objectContaining({ domain: 'x.example', state: 'sent' }));
    expect(mailed(rig).length).toBe(1);
  });

  it('is given up a day after its day', async () => {
    const rig = await counted();
    rig.hookFails.on = true;
    await rig.clock.advance(2 * day + 2 * hour);
    const report = (await told(rig)).reports.find(({ domain }) => domain === 'x.example');
    const tries = rig.hooked.length;
    expect(report?.state).toBe('failed');
    await rig.clock.advance(3 * hour);
    expect(rig.hooked.length).toBe(tries);
  });

  it('is not made for a domain that asks for none, nor where no stream is set to send it', async () => {
    const rig = await counted();
    rig.dns.txt = {};
    await rig.clock.advance(day + 6 * hour);
    expect((await told(rig)).reports).toContainEqual(expect.objectContaining({ domain: 'x.example', state: 'not_wanted' }));
    const silent = await engineRig(smallConfig(), { tls: () => good });
    silent.dns.txt = asked;
    await silent.inject({ recipients: ['a@x.example'] });
    await silent.clock.advance(day + 6 * hour);
    expect((await told(silent)).policies.length).toBe(1);
    expect([(await told(silent)).reports, silent.hooked]).toEqual([[], []]);
  });
});

describe('the record of a domain', () => {
  it('names mailboxes and https addresses; what cannot be one is passed over', () => {
    expect(reportAddresses(['v=spf1 -all', 'v=TLSRPTv1; rua=mailto:a%2Bb@x.example, https://x.example/r ;'])).toEqual([
      { kind: 'mail', uri: 'mailto:a%2Bb@x.example', mailbox: 'a+b@x.example' },
      { kind: 'https', uri: 'https://x.example/r' },
    ]);
    expect(reportAddresses(['v=TLSRPTv1;rua=http://x.example/,mailto:two@a@b,mailto:a%0d%0ab@x.example,nonsense'])).toBeNull();
    expect(reportAddresses(['v=TLSRPTv1;rua=mailto:a@x.example', 'v=TLSRPTv1;rua=mailto:b@x.example'])).toBeNull();
    expect(reportAddresses([])).toBeNull();
  });
});
