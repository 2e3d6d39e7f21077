// What may become a generation and what may not.
import { describe, expect, it } from 'vitest';
import {
  deltaOf,
  generationOf,
  id,
  poolEntity,
  smallConfig,
  sourceEntity,
  tenantEntities,
  type SampleEntity,
} from '../testing/sample-config.ts';
import { buildGeneration, emptyEntitySet, emptyGeneration } from './build-generation.ts';
import { runsOn } from './engine-version.ts';

const verifier = { salt: 'AAAA', iterations: 4096, storedKey: 'AAAA', serverKey: 'AAAA' };
function dkimKey(number: number, tenant: number, domain: string, state = 'active'): SampleEntity {
  const body = {
    tenantId: id(tenant),
    domain,
    selector: `s${number}`,
    algorithm: 'rsa-sha256',
    publicKey: 'A'.repeat(80),
    secretId: id(900 + number),
    state,
  };
  return { kind: 'dkim_key', id: id(500 + number), body };
}
function problemsOf(entities: SampleEntity[]): string[] {
  const built = buildGeneration(emptyEntitySet, deltaOf(1, entities));
  return built.ok ? [] : built.problems.map((problem) => `${problem.kind} ${problem.field}`);
}

describe('buildGeneration', () => {
  it('answers the questions of the hot path from one delta', () => {
    const generation = generationOf([
      ...smallConfig(),
      dkimKey(1, 1, 'tenant1.example'),
      { kind: 'credential', id: id(600), body: { tenantId: id(1), streamId: id(301), username: 'alpha', verifier } },
      { kind: 'provider', id: id(700), body: { key: 'big', name: 'Big', mxSuffixes: ['google.com'] } },
      { kind: 'provider', id: id(701), body: { key: 'small', name: 'Small', mxSuffixes: ['l.google.com'] } },
      { kind: 'relay', id: id(800), body: { tenantId: id(1), streamId: id(301), cidr: '10.0.0.0/8' } },
      { kind: 'relay', id: id(801), body: { tenantId: id(1), streamId: id(301), cidr: '10.1.0.0/16' } },
    ]);
    expect(generation.streamNamed(id(1), 'bulk')?.id).toBe(id(301));
    expect(generation.credential('alpha')?.tenantId).toBe(id(1));
    expect(generation.ownsDomain(id(1), 'tenant1.example')).toBe(true);
    expect(generation.ownsDomain(id(2), 'tenant1.example')).toBe(false);
    expect(generation.signingKey(id(1), 'tenant1.example')?.selector).toBe('s1');
    expect(generation.signingKey(id(2), 'tenant1.example')).toBeUndefined();
    expect(generation.providerOf('mx.l.google.com')?.key).toBe('small');
    expect(generation.providerOf('aspmx.google.com')?.key).toBe('big');
    expect(generation.providerOf('notgoogle.com')).toBeUndefined();
    expect(generation.relayFor('::ffff:10.1.2.3')?.id).toBe(id(801));
    expect(generation.relayFor('10.2.0.1')?.id).toBe(id(800));
    expect(generation.relayFor('192.0.2.1')).toBeUndefined();
  });

  it('passes over a key whose private half is not here, even where no other signs', () => {
    const missing = dkimKey(2, 1, 'tenant1.example');
    const marked = { ...missing, body: { ...(missing.body as object), keyMissing: true } };
    expect(generationOf([...smallConfig(), marked]).signingKey(id(1), 'tenant1.example')).toBeUndefined();
    const beside = generationOf([...smallConfig(), marked, dkimKey(1, 1, 'tenant1.example')]);
    expect(beside.signingKey(id(1), 'tenant1.example')?.selector).toBe('s1');
  });

  it('refuses a delta whole when one entity of it is bad, and leaves the previous set as it was', () => {
    const first = buildGeneration(emptyEntitySet, deltaOf(1, smallConfig()));
    if (!first.ok) throw new Error('the first delta is good');
    const bad: SampleEntity = { kind: 'pool', id: id(201), body: { name: 'pool 1', members: [{ sourceId: 'x', weight: 1 }] } };
    const second = buildGeneration(first.entities, deltaOf(2, [sourceEntity(2), bad], smallConfig()));
    expect(second).toMatchObject({ ok: false, problems: [{ kind: 'pool', id: id(201), field: 'members.0.sourceId' }] });
    expect(first.generation.source(id(102))).toBeUndefined();
    expect(first.entities.revision).toBe(1);
  });

  it('refuses a deletion that leaves a reference hanging', () => {
    const first = buildGeneration(emptyEntitySet, deltaOf(1, smallConfig()));
    if (!first.ok) throw new Error('the first delta is good');
    const deletion: SampleEntity = { kind: 'source', id: id(101), body: null };
    expect(buildGeneration(first.entities, deltaOf(2, [deletion], smallConfig()))).toMatchObject({
      ok: false,
      problems: [{ kind: 'pool' }],
    });
  });

  it('refuses what would cross tenants', () => {
    const two = [...smallConfig(), ...tenantEntities(2, 1)];
    expect(
      problemsOf([...two, { kind: 'credential', id: id(600), body: { tenantId: id(1), streamId: id(302), username: 'alpha', verifier } }]),
    ).toEqual(['credential streamId']);
    expect(problemsOf([...two, { kind: 'relay', id: id(600), body: { tenantId: id(1), streamId: id(302), cidr: '10.0.0.0/8' } }])).toEqual([
      'relay streamId',
    ]);
    expect(problemsOf([...two, dkimKey(1, 1, 'tenant2.example')])).toEqual(['dkim_key domain']);
    expect(problemsOf([...two, { kind: 'domain', id: id(450), body: { tenantId: id(1), domain: 'tenant2.example' } }])).toEqual([
      'domain domain',
    ]);
  });

  it('lets two tenants have streams of equal name and keeps them apart', () => {
    const generation = generationOf([...smallConfig(), ...tenantEntities(2, 1)]);
    expect(generation.streamNamed(id(1), 'bulk')?.id).toBe(id(301));
    expect(generation.streamNamed(id(2), 'bulk')?.id).toBe(id(302));
  });

  it('refuses a delta whose content root does not match', () => {
    expect(buildGeneration(emptyEntitySet, { ...deltaOf(1, smallConfig()), contentRoot: 'f'.repeat(64) })).toMatchObject({
      ok: false,
      problems: [{ field: 'contentRoot' }],
    });
  });

  it('refuses an entity that needs a newer engine and an unknown kind', () => {
    expect(problemsOf([sourceEntity(1, { minEngine: '99.0.0' })])).toEqual(['source minEngine']);
    expect(
      buildGeneration(emptyEntitySet, { revision: 1, contentRoot: '', entities: [{ revision: 1, kind: 'warp', id: id(1), body: {} }] }),
    ).toMatchObject({ ok: false });
    expect(runsOn('0.1.0', '0.10.0')).toBe(true);
    expect(runsOn('0.9.0', '0.10.0')).toBe(true);
    expect(runsOn('not a version')).toBe(false);
  });

  it('signs with the key that was configured last when two are active', () => {
    const before = [...smallConfig(), dkimKey(1, 1, 'tenant1.example')];
    const first = buildGeneration(emptyEntitySet, deltaOf(1, before));
    if (!first.ok) throw new Error('the first delta is good');
    const second = buildGeneration(first.entities, deltaOf(2, [dkimKey(2, 1, 'tenant1.example')], before));
    expect(second.ok && second.generation.signingKey(id(1), 'tenant1.example')?.selector).toBe('s2');
  });

  it('refuses reply rules that cannot be compiled, and keeps those of a provider as one list until it changes', () => {
    const withPattern = (pattern: string): SampleEntity => {
      const rule = { key: 'big.busy', meaning: 'busy', match: { pattern }, bounceClass: 'other' };
      const replyRules = [{ ...rule, samples: [{ code: 451, enhanced: null, text: 'busy' }] }];
      return { kind: 'provider', id: id(700), body: { key: 'big', name: 'Big', mxSuffixes: ['google.com'], replyRules } };
    };
    expect(problemsOf([withPattern('bu(sy')])).toEqual(['provider replyRules.0.match.pattern']);
    const before = [...smallConfig(), withPattern('busy')];
    const first = buildGeneration(emptyEntitySet, deltaOf(1, before));
    if (!first.ok) throw new Error('the first delta is good');
    const rules = first.generation.replyRules('big');
    expect(rules.map(({ key }) => key)).toEqual(['big.busy']);
    expect(first.generation.replyRules('unknown')).toEqual([]);
    const second = buildGeneration(first.entities, deltaOf(2, [sourceEntity(2)], before));
    expect(second.ok && second.generation.replyRules('big')).toBe(rules);
    const third = buildGeneration(first.entities, deltaOf(2, [withPattern('busier')], before));
    expect(third.ok && third.generation.replyRules('big')).not.toBe(rules);
  });

  it('runs with nothing configured', () => {
    expect(emptyGeneration().revision).toBe(0);
    expect(emptyGeneration().stream(id(1))).toBeUndefined();
    expect(problemsOf([poolEntity(1, [])])).toEqual([]);
  });
});
