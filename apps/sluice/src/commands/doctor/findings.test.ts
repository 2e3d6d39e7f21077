// What the doctor makes of what it is told: the state, and for whatever is wrong something to do.
import { describe, expect, test } from 'vitest';
import * as finding from './findings.ts';

type Told<F extends (...given: never[]) => unknown> = Parameters<F>;
const frame = { accepting: true, damage: { entries: 0, injections: 0, stretches: 0, since: null } };
const node = (changes: object) => [{ node: 'n1', state: 'running', frame, ...changes }] as unknown as Told<typeof finding.nodes>[0];
const states = (found: finding.Finding[]) => found.map(({ check, state }) => `${state} ${check}`);

describe('nodes', () => {
  test.each([
    ['running', 'good'],
    ['behind', 'look'],
    ['refusing', 'bad'],
    ['stale', 'bad'],
  ])('one that is %s is %s', (state, verdict) => {
    const [found] = finding.nodes(node({ state }));
    expect(found?.state).toBe(verdict);
    expect((found?.next ?? '') === '').toBe(verdict === 'good');
  });

  test('none at all, one that takes no mail and one with a damaged spool are bad', () => {
    expect(states(finding.nodes([]))).toEqual(['bad nodes']);
    expect(states(finding.nodes(node({ frame: { ...frame, accepting: false } })))).toEqual(['good node n1', 'bad node n1']);
    expect(states(finding.nodes(node({ frame: { ...frame, damage: { ...frame.damage, since: 1, entries: 3 } } })))).toEqual([
      'good node n1',
      'bad node n1',
    ]);
  });

  test('of a node that is not heard from nothing else is said: its last frame is old', () => {
    expect(states(finding.nodes(node({ state: 'stale', frame: { ...frame, accepting: false } })))).toEqual(['bad node n1']);
  });
});

describe('sources', () => {
  const sources = [{ id: 's', name: 'bulk-1' }] as Told<typeof finding.sourceHealth>[1];
  const health = (row: object, silent: string[] = []) =>
    finding.sourceHealth(
      {
        nodes: [{ node: 'n1', sources: [{ sourceId: 's', state: 'in_use', names: null, detail: null, reason: null, ...row }], total: 1 }],
        silent,
      } as never,
      sources,
    );

  test('one that is out is bad, a wrong reverse name wants a look with its remedy, and all well is one line', () => {
    expect(states(health({}))).toEqual(['good sources']);
    expect(states(health({ state: 'out', reason: 'connects_fail' }))).toEqual(['bad source bulk-1']);
    const [found] = health({ names: { state: 'ehlo_differs', finding: 'EHLO and PTR differ', remedy: 'set the PTR' } });
    expect(found).toEqual({ check: 'DNS of source bulk-1', state: 'look', detail: 'EHLO and PTR differ', next: 'set the PTR' });
  });

  test('a node that did not answer is said', () => {
    expect(states(health({}, ['n2']))).toEqual(['look node n2']);
  });
});

describe('configuration', () => {
  const sources = [
    { id: 's', enabled: true },
    { id: 'off', enabled: false },
  ] as Told<typeof finding.configuration>[1];
  const pool = (members: object[], streams: object[] = [{}]) =>
    [{ name: 'p', members, streams }] as unknown as Told<typeof finding.configuration>[0];
  const check = (pools: Told<typeof finding.configuration>[0], domains: object[] = [], selectors: object[] = []) =>
    finding.configuration(pools, sources, domains as never, selectors as never);

  test('a pool in use needs a source that may send', () => {
    expect(states(check(pool([{ sourceId: 's', enabled: true, weight: 1 }])))).toEqual(['good configuration']);
    for (const member of [
      { sourceId: 'off', enabled: true, weight: 1 },
      { sourceId: 's', enabled: false, weight: 1 },
      { sourceId: 's', enabled: true, weight: 0 },
    ])
      expect(states(check(pool([member])))).toEqual(['bad pool p']);
    expect(states(check(pool([], [])))).toEqual(['good configuration']);
  });

  test('a sending domain wants an active selector of its own tenant', () => {
    const domain = { domain: 'brand.example', tenantId: 't' };
    expect(states(check(pool([], []), [domain]))).toEqual(['look domain brand.example']);
    expect(states(check(pool([], []), [domain], [{ ...domain, tenantId: 'other', state: 'active' }]))).toEqual([
      'look domain brand.example',
    ]);
    expect(states(check(pool([], []), [domain], [{ ...domain, state: 'pending' }]))).toEqual(['look domain brand.example']);
    expect(states(check(pool([], []), [domain], [{ ...domain, state: 'active' }]))).toEqual(['good configuration']);
  });
});

describe('records of selectors', () => {
  const checked = (...told: string[]) =>
    told.map((state, n) => ({ dnsName: `s${n}`, state, finding: state, remedy: 'publish it' })) as unknown as Told<
      typeof finding.selectorRecords
    >[0];

  test('all found is one line; what is not found is named with its remedy, ten at most', () => {
    expect(states(finding.selectorRecords(checked('present', 'present'), 0))).toEqual(['good selectors']);
    expect(finding.selectorRecords(checked('present', 'absent'), 0)).toEqual([
      { check: 'DNS of selector s1', state: 'look', detail: 'absent', next: 'publish it' },
    ]);
    expect(finding.selectorRecords(checked(...Array<string>(30).fill('mismatch')), 0)).toHaveLength(11);
  });

  test('that some were not looked at is said', () => {
    expect(states(finding.selectorRecords(checked('present'), 7))).toEqual(['look selectors']);
  });
});

test('clock, versions, disk and decisions', () => {
  expect([finding.clock(4_000).state, finding.clock(-9_000).detail]).toEqual(['good', '9 s behind this machine']);
  expect([finding.versions('1.0.0', '1.0.0').state, finding.versions('1.0.0', '1.1.0').state]).toEqual(['good', 'look']);
  const mib = 1_048_576;
  expect([5000, 1000, 100].map((free) => finding.disk(free * mib, 256, '/var').state)).toEqual(['good', 'look', 'bad']);
  expect([finding.alerts([]).state, finding.alerts(['slowed down']).state]).toEqual(['good', 'look']);
});
