// MTA-STS policies: their text, and how long one stays in force under every kind of outage.
import { describe, expect, it } from 'vitest';
import type { DnsAnswer, PolicyAnswer } from '../ports.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { memoryRecordFile } from '../testing/memory-record-file.ts';
import { names, policyId, readPolicy } from './mta-sts-policy.ts';
import { MtaSts } from './mta-sts.ts';

const text = (mode: string, mx: string[], maxAge = 604_800) =>
  ['version: STSv1', `mode: ${mode}`, ...mx.map((name) => `mx: ${name}`), `max_age: ${maxAge}`, ''].join('\r\n');
const record = (id: string): DnsAnswer<string> => ({ ok: true, records: ['v=spf1 -all', `v=STSv1; id=${id};`], ttlSeconds: 300 });
const noRecord: DnsAnswer<string> = { ok: false, kind: 'nxdomain', detail: 'no such name', ttlSeconds: 300 };
const noDns: DnsAnswer<string> = { ok: false, kind: 'failed', detail: 'SERVFAIL', ttlSeconds: 15 };
const body = (policy: string): PolicyAnswer => ({ ok: true, body: policy });
const down: PolicyAnswer = { ok: false, kind: 'fetch', detail: 'ECONNREFUSED' };
const day = 86_400_000;

function rig(file = memoryRecordFile(), clock = fakeClock()) {
  const world = { txt: record('1'), policy: body(text('enforce', ['mx.a.example'])), fetches: 0, questions: 0 };
  const sts = new MtaSts({
    clock,
    file,
    log: { info: () => undefined, warn: () => undefined },
    resolver: {
      txt: () => {
        world.questions += 1;
        return Promise.resolve(world.txt);
      },
    },
    fetch: {
      get: ({ host, path }) => {
        expect([host, path]).toEqual(['mta-sts.a.example', '/.well-known/mta-sts.txt']);
        world.fetches += 1;
        return Promise.resolve(world.policy);
      },
    },
  });
  const known = () => sts.known('a.example', clock.nowMs());
  return { sts, clock, world, file, known };
}

describe('a policy text', () => {
  it('is read with unknown fields, and names exactly the hosts of its patterns', () => {
    const read = readPolicy(`version: STSv1\nmode: enforce\nmx: mail.a.example\nmx: *.b.example\nnew: thing\nmax_age: 86400\n`);
    if (!read.ok) throw new Error(read.detail);
    expect(read.policy).toEqual({ mode: 'enforce', mx: ['mail.a.example', '*.b.example'], maxAgeSeconds: 86_400 });
    const hosts = ['mail.a.example', 'a.example', 'x.b.example', 'x.y.b.example', 'b.example', 'evilmail.a.example'];
    expect(hosts.filter((host) => names(read.policy, host))).toEqual(['mail.a.example', 'x.b.example']);
  });

  it.each([
    ['another version', text('enforce', ['mx.a.example']).replace('STSv1', 'STSv2')],
    ['an unknown mode', text('maybe', ['mx.a.example'])],
    ['no host', text('enforce', [])],
    ['what is no host name', text('enforce', ['mx.*.example'])],
    ['no age', 'version: STSv1\nmode: enforce\nmx: a.example\n'],
    ['nothing at all', ''],
  ])('with %s is refused', (_what, policy) => {
    expect(readPolicy(policy).ok).toBe(false);
  });

  it('has its id in the only v=STSv1 record', () => {
    expect(policyId(['v=STSv1; id=20160831085700Z;'])).toBe('20160831085700Z');
    expect(policyId(['v=STSv1; id=1', 'v=STSv1; id=2'])).toBeNull();
    expect(policyId(['v=STSv1; id=not an id'])).toBeNull();
    expect(policyId(['v=spf1 -all'])).toBeNull();
  });
});

describe('policies', () => {
  it('are looked up once and then there at once', async () => {
    const { sts, world, known } = rig();
    expect(known()).toBeUndefined();
    const [first, second] = await Promise.all([sts.find('a.example'), sts.find('a.example')]);
    expect(first).toMatchObject({ mode: 'enforce', mx: ['mx.a.example'] });
    expect(second).toBe(first);
    expect(known()).toBe(first);
    expect([world.questions, world.fetches]).toEqual([1, 1]);
  });

  it('stay in force for their age through an outage of the policy host, of DNS, and without the record', async () => {
    for (const trouble of ['host', 'dns', 'record', 'garbage'] as const) {
      const { sts, clock, world, known } = rig();
      await sts.find('a.example');
      if (trouble === 'host') Object.assign(world, { txt: record('2'), policy: down });
      if (trouble === 'garbage') Object.assign(world, { txt: record('2'), policy: body('<html>') });
      if (trouble === 'dns') world.txt = noDns;
      if (trouble === 'record') world.txt = noRecord;
      for (let hours = 0; hours < 6 * 24; hours += 1) {
        await clock.advance(3_600_000);
        expect(known()).toMatchObject({ mode: 'enforce' });
      }
      expect(world.questions).toBeGreaterThan(100);
      await clock.advance(2 * day);
      expect(known()).toBeUndefined();
      expect(await sts.find('a.example')).toBeNull();
    }
  });

  it('are refreshed in the background: a new id at the next look, the same id daily', async () => {
    const { sts, clock, world, known } = rig();
    await sts.find('a.example');
    Object.assign(world, { txt: record('2'), policy: body(text('none', [])) });
    await clock.advance(3_700_000);
    expect(known()).toMatchObject({ mode: 'enforce' });
    await clock.advance(0);
    expect(known()).toMatchObject({ mode: 'none' });
    const before = world.fetches;
    for (let hours = 0; hours < 48; hours += 1) {
      await clock.advance(3_600_000);
      known();
    }
    await clock.advance(0);
    expect(world.fetches - before).toBe(2);
  });

  it('survive a restart, a damaged line and a rewrite of their file', async () => {
    const file = memoryRecordFile();
    const first = rig(file);
    await first.sts.find('a.example');
    await first.sts.flush();
    await file.append(['{"domain":"b.example"', 'null']);
    const second = rig(file, first.clock);
    second.world.txt = noDns;
    await second.sts.load();
    expect(second.known()).toMatchObject({ mode: 'enforce', mx: ['mx.a.example'] });
  });

  it('do not exist for a domain without record or with a policy that cannot be had, and that is asked again later', async () => {
    for (const world of [{ txt: noRecord }, { policy: down }, { policy: body('nonsense') }, { txt: noDns }]) {
      const made = rig();
      Object.assign(made.world, world);
      expect(await made.sts.find('a.example')).toBeNull();
      expect(made.known()).toBeNull();
      await made.clock.advance(3_600_001);
      expect(made.known()).toBeUndefined();
    }
  });
});

describe('a policy that cannot be had', () => {
  it('is told with its reason, once a look', async () => {
    const { sts, world } = rig();
    const told: string[] = [];
    sts.onTrouble((domain, trouble) => told.push(`${domain} ${trouble}`));
    world.policy = down;
    await sts.find('a.example');
    world.policy = { ok: false, kind: 'certificate', detail: 'CERT_HAS_EXPIRED' };
    await sts.find('a.example');
    world.policy = body('nonsense');
    await sts.find('a.example');
    world.txt = noRecord;
    await sts.find('a.example');
    expect(told).toEqual(['a.example sts-policy-fetch-error', 'a.example sts-webpki-invalid', 'a.example sts-policy-invalid']);
  });
});
