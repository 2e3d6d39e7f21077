import { describe, expect, it } from 'vitest';
import { generationOf, id, poolEntity, sourceEntity, tenantEntities, type SampleEntity } from '../testing/sample-config.ts';
import { admitContent, admitSender, domainOf, recipientDomain, relayPrincipal, stillAdmitted, type Principal } from './admission.ts';
import { refusals } from './refusal.ts';

const verifier = { salt: 'c2FsdA==', iterations: 4096, storedKey: 'a2V5', serverKey: 'a2V5' };
const credential = (number: number, enabled = true): SampleEntity => ({
  kind: 'credential',
  id: id(500 + number),
  body: { tenantId: id(number), streamId: id(300 + number), username: `user${number}`, verifier, enabled },
});
const generation = generationOf([
  sourceEntity(1),
  sourceEntity(2),
  poolEntity(1, [{ sourceId: id(101), weight: 1 }]),
  poolEntity(2, [{ sourceId: id(102), weight: 1 }]),
  ...tenantEntities(1, 1),
  ...tenantEntities(2, 2),
  { kind: 'stream', id: id(310), body: { tenantId: id(2), name: 'secret news', poolIds: [id(202)] } },
  credential(1),
  credential(2, false),
  { kind: 'relay', id: id(600), body: { tenantId: id(1), streamId: id(301), cidr: '192.0.2.0/24' } },
]);
const first: Principal = { tenantId: id(1), streamId: id(301), by: 'credential', id: id(501) };

describe('what a principal may send as', () => {
  it('lets a tenant send from its own domain and from the null sender only', () => {
    expect(admitSender(generation, first, 'news@tenant1.example')).toBeNull();
    expect(admitSender(generation, first, 'news@TENANT1.Example')).toBeNull();
    expect(admitSender(generation, first, '')).toBeNull();
    expect(admitSender(generation, first, 'news@tenant2.example')).toEqual(refusals.senderNotOwned);
    expect(admitSender(generation, first, 'news@sub.tenant1.example')).toEqual(refusals.senderNotOwned);
    expect(admitSender(generation, first, 'news@tenant1.example.evil.example')).toEqual(refusals.senderNotOwned);
  });

  it('refuses a From header in a domain of another tenant', () => {
    expect(admitContent(generation, first, 'tenant2.example', new Map())).toEqual({ ok: false, refusal: refusals.fromNotOwned });
    expect(admitContent(generation, first, 'tenant1.example', new Map())).toMatchObject({
      ok: true,
      value: { streamId: id(301), poolId: null },
    });
  });

  it('refuses every steering header that names something of another tenant with the words for something unknown', () => {
    const steer = (instructions: Record<string, string>) =>
      admitContent(generation, first, 'tenant1.example', new Map(Object.entries(instructions)));
    expect(steer({ tenant: 'tenant-2' })).toEqual({ ok: false, refusal: refusals.tenantHeader });
    expect(steer({ tenant: 'no-such' })).toEqual({ ok: false, refusal: refusals.tenantHeader });
    expect(steer({ stream: 'secret news' })).toEqual({ ok: false, refusal: refusals.streamHeader });
    expect(steer({ stream: 'no such' })).toEqual({ ok: false, refusal: refusals.streamHeader });
    expect(steer({ pool: 'pool 2' })).toEqual({ ok: false, refusal: refusals.poolHeader });
    expect(steer({ pool: 'no such' })).toEqual({ ok: false, refusal: refusals.poolHeader });
  });

  it('narrows to an own stream, an own pool and a well-formed campaign', () => {
    const steering = {
      tenant: 'tenant-1',
      stream: 'bulk',
      pool: 'pool 1',
      campaign: 'spring-26',
    };
    expect(admitContent(generation, first, 'tenant1.example', new Map(Object.entries(steering)))).toMatchObject({
      ok: true,
      value: { streamId: id(301), poolId: id(201), campaign: 'spring-26' },
    });
    expect(admitContent(generation, first, 'tenant1.example', new Map([['campaign', 'a b']]))).toEqual({
      ok: false,
      refusal: refusals.campaignHeader,
    });
  });
});

describe('who a session is', () => {
  it('takes an address inside a relay network for its tenant and any other for nobody', () => {
    expect(relayPrincipal(generation, '192.0.2.9')).toMatchObject({ tenantId: id(1), by: 'relay' });
    expect(relayPrincipal(generation, '192.0.3.9')).toBeNull();
  });

  it('no longer admits a session whose credential was disabled or removed', () => {
    expect(stillAdmitted(generation, first, 'user1', '127.0.0.1')).toBe(true);
    expect(stillAdmitted(generation, { ...first, tenantId: id(2), id: id(502) }, 'user2', '127.0.0.1')).toBe(false);
    expect(stillAdmitted(generation, { ...first, id: id(509) }, 'user1', '127.0.0.1')).toBe(false);
  });
});

describe('domainOf', () => {
  it('gives A-labels in lower case', () => {
    expect(domainOf('a@Bücher.Example')).toBe('xn--bcher-kva.example');
    expect(domainOf('a@EXAMPLE.com')).toBe('example.com');
  });

  it('refuses what is no domain', () => {
    for (const address of ['a@', 'a@%41b.example', 'a@ex ample', 'a@[192.0.2.1]', 'a@1.2.3.4', 'a@-', `a@${'x'.repeat(260)}`])
      expect(domainOf(address)).toBeNull();
  });
});

describe('recipientDomain', () => {
  it('takes address literals, in one spelling each, beside domains', () => {
    expect(recipientDomain('a@Bücher.Example')).toBe('xn--bcher-kva.example');
    expect(recipientDomain('a@[192.0.2.1]')).toBe('[192.0.2.1]');
    expect(recipientDomain('a@[ipv6:2001:DB8::1]')).toBe('[IPv6:2001:db8::1]');
  });

  it('refuses what only looks like a literal', () => {
    for (const domain of [
      '[192.0.2]',
      '[2001:db8::1]',
      '[IPv6:192.0.2.1]',
      '[IPv6:fe80::1%eth0]',
      '[x400:a]',
      '[]',
      '192.0.2.1',
      '[192.0.2.1',
    ])
      expect(recipientDomain(`a@${domain}`), domain).toBeNull();
    expect(recipientDomain('@[192.0.2.1]')).toBeNull();
  });
});
