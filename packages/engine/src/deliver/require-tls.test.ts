// REQUIRETLS on the way out: what the requirement demands of a connection, and what the transaction says or refuses to say. RFC 8689.
import { defaultDeliverySettings, type DeliverySettings } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { requirementOf } from '../route/security.ts';
import { noCapabilities, readCapabilities } from '../smtp/capabilities.ts';
import { Transaction } from '../smtp/transaction.ts';
import { outcomeOf } from './outcome.ts';
import { createTlsPlanner } from './tls-plan.ts';

const request = {
  sender: 's@x.example',
  recipients: [{ address: 'a@y.example', dsn: null }],
  chunks: [Buffer.from('hello\r\n')],
  ...{ eightBit: false, utf8: false, requireTls: true },
};
const host = { name: 'mx.y.example', address: '192.0.2.1', port: 25 };

describe('mail that requires TLS', () => {
  it('is marked so towards a peer that offers REQUIRETLS, and bounced with 5.7.30 by one that does not', () => {
    const offering = new Transaction(request, readCapabilities(['mx', 'REQUIRETLS', 'SIZE 1000']), 'nothing', false);
    expect(offering.plan[0]?.line).toBe('MAIL FROM:<s@x.example> SIZE=7 REQUIRETLS\r\n');
    const lacking = new Transaction(request, noCapabilities, 'nothing', false);
    expect(lacking.plan).toEqual([]);
    expect(lacking.results().map((result) => outcomeOf(result, false, []))).toMatchObject([
      { kind: 'bounced', detail: expect.stringMatching(/^5\.7\.30 /) },
    ]);
    expect(new Transaction({ ...request, requireTls: false }, readCapabilities(['mx', 'REQUIRETLS']), 'nothing', false).plan[0]?.line).toBe(
      'MAIL FROM:<s@x.example>\r\n',
    );
  });

  it('travels only over verified TLS, whatever the mode is, on a path of its own', () => {
    for (const tls of ['disabled', 'opportunistic', 'required'] as const) {
      const values: DeliverySettings = { ...defaultDeliverySettings, tls };
      const security = requirementOf(values, {}, true);
      expect(createTlsPlanner({}).plan(security, host)).toMatchObject({
        plan: { wish: 'always', proof: { kind: 'pkix' }, plaintextAfterFailure: false },
      });
      expect(security.key).not.toBe(requirementOf(values, {}, false).key);
    }
  });

  it('knows by whom the hosts were named, and keeps hosts of both kinds apart', () => {
    const of = (route: Parameters<typeof requirementOf>[1]) => requirementOf(defaultDeliverySettings, route, true);
    expect([of({}), of({ mtaSts: 'testing' })].map((security) => security.hostsProven)).toEqual([false, false]);
    expect([of({ secure: true }), of({ mtaSts: 'enforce' }), of({ fixed: {} })].map((security) => security.hostsProven)).toEqual([
      true,
      true,
      true,
    ]);
    expect(of({}).key).not.toBe(of({ fixed: {} }).key);
  });
});

describe('mail that says TLS-Required: No', () => {
  it('leaves the policies of the domain aside, and nothing that the operator demands', () => {
    const policies = { mtaSts: 'enforce', secure: true } as const;
    for (const tls of ['opportunistic', 'required'] as const) {
      const values: DeliverySettings = { ...defaultDeliverySettings, tls };
      const security = requirementOf(values, policies, false, true);
      expect(security).toMatchObject({ mode: tls, mtaSts: false, dane: false, requireTls: false });
      expect(requirementOf(values, policies, false)).toMatchObject({ mtaSts: true, dane: true });
      const tlsa = [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) }];
      const opportunistic = tls === 'opportunistic';
      expect(createTlsPlanner({}).plan(security, { ...host, tlsa })).toMatchObject({
        plan: { wish: opportunistic ? 'opportunistic' : 'always', proof: { kind: 'none' }, plaintextAfterFailure: opportunistic },
      });
    }
  });
});

describe('a plan', () => {
  const record = { usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) };
  const planOf = (values: Partial<DeliverySettings>, route: Parameters<typeof requirementOf>[1], tlsa = [record]) => {
    const planned = createTlsPlanner({}).plan(requirementOf({ ...defaultDeliverySettings, ...values }, route, false), { ...host, tlsa });
    if (!planned.ok) throw new Error(planned.detail);
    return [planned.plan.wish, planned.plan.proof.kind, planned.plan.plaintextAfterFailure];
  };

  it('follows the five modes where nothing stands above them', () => {
    expect(planOf({ tls: 'disabled' }, {})).toEqual(['never', 'none', false]);
    expect(planOf({ tls: 'opportunistic' }, {})).toEqual(['opportunistic', 'none', true]);
    expect(planOf({ tls: 'opportunistic_verified' }, {})).toEqual(['when_offered', 'pkix', false]);
    expect(planOf({ tls: 'required' }, {})).toEqual(['always', 'none', false]);
    expect(planOf({ tls: 'required_verified' }, {})).toEqual(['always', 'pkix', false]);
  });

  it('is never weaker than a validated TLSA record or an enforced policy, also where the mode is off', () => {
    for (const tls of ['disabled', 'opportunistic', 'required_verified'] as const) {
      expect(planOf({ tls }, { secure: true })).toEqual(['always', 'dane', false]);
      expect(planOf({ tls }, { mtaSts: 'enforce' })).toEqual(['always', 'pkix', false]);
    }
    const unusable = [{ ...record, usage: 1 }];
    expect(planOf({}, { secure: true }, unusable)).toEqual(['always', 'none', false]);
    expect(planOf({}, { secure: true, mtaSts: 'enforce' }, unusable)).toEqual(['always', 'pkix', false]);
    expect(planOf({}, { secure: true }, [])).toEqual(['opportunistic', 'none', true]);
    expect(planOf({ dane: false, mtaSts: false }, { secure: true, mtaSts: 'enforce' })).toEqual(['opportunistic', 'none', true]);
  });
});
