// The way of mail through the whole engine, over simulated remotes and a DNS that the test tells what to say.
import { describe, expect, it } from 'vitest';
import { id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from './testing/sample-config.ts';
import { engineRig, settingEntity } from './testing/engine-rig.ts';

const sixth = { publicAddress: '::1', bindAddress: '::1', family: 6 };
const twoFamilies = (weight4 = 50, weight6 = 50): SampleEntity[] => [
  sourceEntity(1),
  sourceEntity(2, sixth),
  poolEntity(1, [
    { sourceId: id(101), weight: weight4 },
    { sourceId: id(102), weight: weight6 },
  ]),
  ...tenantEntities(1, 1),
];
const recipients = (domain: string, count = 20) => Array.from({ length: count }, (_, index) => `r${index}@${domain}`);

describe('a pool with sources of both families', () => {
  it('sends to a site of one family from the sources that reach it, without a single failed connect', async () => {
    const rig = await engineRig(twoFamilies(1000, 1));
    for (const recipient of recipients('six.example')) await rig.inject({ recipients: [recipient] });
    await rig.clock.advance(5000);
    expect(rig.spool.entries()).toEqual([]);
    expect(new Set(rig.remote.connects.map(({ path }) => path.source.id))).toEqual(new Set([id(102)]));
    expect(rig.spool.events.map((event) => event.type)).not.toContain('path_deferred');
  });

  it('uses both where the site has both, and only one where a setting says so', async () => {
    const both = await engineRig(twoFamilies());
    for (const recipient of recipients('x.example')) await both.inject({ recipients: [recipient] });
    await both.clock.advance(5000);
    expect(new Set(both.remote.connects.map(({ path }) => path.source.id)).size).toBe(2);
    const one = await engineRig([...twoFamilies(), settingEntity(1, { domain: 'x.example' }, { addressFamily: 'ipv6' })]);
    for (const recipient of recipients('x.example')) await one.inject({ recipients: [recipient] });
    await one.clock.advance(5000);
    expect(new Set(one.remote.connects.map(({ path }) => path.source.id))).toEqual(new Set([id(102)]));
  });

  it('whose only usable source lacks the family says so as a failure of the path', async () => {
    const rig = await engineRig([sourceEntity(1), poolEntity(1, [{ sourceId: id(101), weight: 1 }]), ...tenantEntities(1, 1)]);
    await rig.inject({ recipients: ['a@six.example'] });
    await rig.clock.advance(10);
    expect(rig.remote.connects).toEqual([]);
    expect(rig.spool.events).toMatchObject([{ type: 'path_deferred', bounceClass: 'dns', detail: expect.stringContaining('no A record') }]);
    expect(rig.spool.entries()).toMatchObject([{ attempts: 0 }]);
  });
});

describe('back-pressure of DNS', () => {
  it('is no deferral of the queue: one event says that the worker slows down, and the mail goes on soon after questions can be asked again', async () => {
    const rig = await engineRig(twoFamilies());
    Object.assign(rig.dns, { failing: true, pressure: true });
    await rig.inject({ recipients: ['a@x.example'] });
    await rig.clock.advance(10_000);
    expect(rig.spool.events).toMatchObject([{ type: 'path_deferred', domain: null }]);
    rig.dns.failing = false;
    await rig.clock.advance(15_000);
    expect(rig.spool.events.map((event) => event.type)).toEqual(['path_deferred', 'delivered']);
  });
});

describe('a static route', () => {
  it('tells the session what it is told, above the rules of settings, and keeps its logins apart', async () => {
    const route = {
      domain: '.corp.example',
      host: 'smart.example',
      port: 587,
      authUsername: 'relay',
      authSecretId: id(9),
      tls: 'required',
    };
    const rig = await engineRig([
      ...twoFamilies(),
      settingEntity(1, {}, { tls: 'disabled', authUsername: 'other' }),
      { kind: 'route', id: id(950), body: route },
      { kind: 'route', id: id(951), body: { ...route, domain: 'corp.example', authUsername: null, tls: null, protocol: 'lmtp' } },
    ]);
    await rig.inject({ recipients: ['a@x.corp.example'] });
    await rig.inject({ recipients: ['a@corp.example'] });
    await rig.clock.advance(100);
    const told = rig.remote.connects.map(({ path: { settings, security } }) => [settings.protocol, settings.authUsername, security.mode]);
    expect(told).toEqual([
      ['smtp', 'relay', 'required'],
      ['lmtp', 'other', 'disabled'],
    ]);
  });
});
