// What the checks over the whole configuration find, each by the entity and with the names of the others.
import { entitySchemas, type EntityKind } from '@sluice/contract';
import { expect, test } from 'vitest';
import { atOnce } from '../steps.ts';
import { checkingPicture, pictureKinds, type Picture } from './index.ts';

let next = 0;
const newId = (): string => `00000000-0000-7000-8000-${String((next += 1)).padStart(12, '0')}`;

/** A picture of bodies by kind; ids are given in their order. */
class Drawing {
  readonly kinds = new Map<string, Map<string, unknown>>(pictureKinds.map((kind) => [kind, new Map()]));

  add(kind: EntityKind, input: object): string {
    const id = newId();
    this.kinds.get(kind)?.set(id, entitySchemas[kind].parse(input));
    return id;
  }

  source(name: string, address: string, more: object = {}): string {
    return this.add('source', { name, publicAddress: address, bindAddress: address, family: 4, ehloName: 'a.example', ...more });
  }

  pool(name: string, ...sources: string[]): string {
    return this.add('pool', { name, members: sources.map((sourceId) => ({ sourceId, weight: 1 })) });
  }

  found(): string[] {
    const { findings } = atOnce(checkingPicture(Object.fromEntries(this.kinds) as unknown as Picture));
    return findings.map(({ level, kind, field, message }) => `${level} ${kind} ${field}: ${message}`);
  }
}

const plan = (name: string, ...sourceIds: string[]) => ({
  ...{ name, sourceIds, groups: [{ name: 'All', providers: null }], startsOn: '2026-01-01' },
  schedule: { kind: 'linear', first: 1, step: 1, days: 3 },
});
const limit = { where: {}, by: ['source'], kind: 'message_rate', count: 5 };

test('a sound configuration has no finding', () => {
  const it = new Drawing();
  const source = it.source('a', '192.0.2.1');
  const pool = it.pool('bulk', source);
  const tenantId = it.add('tenant', { name: 'Acme', slug: 'acme' });
  const stream = it.add('stream', { tenantId, name: 'news', poolIds: [pool] });
  it.add('provider', { key: 'gmail', name: 'Gmail', mxSuffixes: ['google.com'] });
  it.add('limit', { ...limit, name: 'all', where: { provider: 'gmail', pool, source, stream, tenant: tenantId } });
  it.add('setting', { name: 'idle', where: { provider: 'gmail' }, values: { idleTimeoutMs: 100 } });
  it.add('warm_up', plan('new ones', source));
  expect(it.found()).toEqual([]);
});

test('a pool through which nothing leaves is named with whose mail waits', () => {
  const it = new Drawing();
  const off = it.source('off', '192.0.2.1', { enabled: false });
  const pool = it.pool('bulk', off);
  const tenantId = it.add('tenant', { name: 'Acme', slug: 'acme' });
  it.add('stream', { tenantId, name: 'news', poolIds: [pool] });
  expect(it.found()).toEqual(['warning pool members: no enabled source is in it, so nothing leaves through it; mail of acme/news waits']);
});

test('a source that warms up outside of every pool, and under two plans, is named', () => {
  const it = new Drawing();
  const lone = it.source('lone', '192.0.2.1');
  it.add('warm_up', plan('first', lone));
  it.add('warm_up', plan('second', lone));
  expect(it.found()).toEqual([
    'error warm_up sources: source lone warms up for all other providers under plan first already',
    'warning warm_up sources: source lone is in no pool, so no mail reaches it',
    'warning warm_up sources: source lone is in no pool, so no mail reaches it',
  ]);
});

test('an address used twice is an error on one node and a warning where nodes may differ', () => {
  const it = new Drawing();
  it.pool(
    'all',
    it.source('a', '192.0.2.1'),
    it.source('b', '192.0.2.1'),
    it.source('c', '192.0.2.1', { node: 'n1' }),
    it.source('d', '192.0.2.9', { bindAddress: '10.0.0.1' }),
    it.source('e', '192.0.2.9', { bindAddress: '10.0.0.2' }),
  );
  expect(it.found()).toEqual([
    'error source bindAddress: the address 192.0.2.1 is bound by source a too',
    'warning source bindAddress: source a binds 192.0.2.1 on the same node',
    'warning source bindAddress: source b binds 192.0.2.1 on the same node',
    'warning source publicAddress: receivers see 192.0.2.9, as of source d',
  ]);
});

test('rules that nothing reaches say why', () => {
  const it = new Drawing();
  const [a, b] = [it.source('a', '192.0.2.1'), it.source('b', '192.0.2.2')];
  const [one, two] = [it.pool('one', a), it.pool('two', b)];
  const acme = it.add('tenant', { name: 'Acme', slug: 'acme' });
  const other = it.add('tenant', { name: 'Other', slug: 'other' });
  const stream = it.add('stream', { tenantId: acme, name: 'news', poolIds: [one] });
  it.add('limit', { ...limit, name: 'l1', where: { pool: one, source: b } });
  it.add('limit', { ...limit, name: 'l2', where: { pool: two, stream } });
  it.add('limit', { ...limit, name: 'l3', where: { tenant: other, stream } });
  it.add('setting', { name: 's1', where: { domain: 'a.example' }, values: { idleTimeoutMs: 100 } });
  expect(it.found()).toEqual([
    'warning limit where: nothing reaches it: source b is not in pool one',
    'warning limit where: nothing reaches it: stream acme/news may not use pool two',
    'warning limit where: nothing reaches it: stream acme/news is not one of tenant other',
    'warning setting values.idleTimeoutMs: nobody hears it: idleTimeoutMs cannot differ by domain',
  ]);
});

test('a limit behind a tighter one and a rule behind a later one are named with it', () => {
  const it = new Drawing();
  it.add('limit', { ...limit, name: 'wide', count: 10 });
  it.add('limit', { ...limit, name: 'tight', count: 600, perSeconds: 3600 });
  it.add('limit', { ...limit, name: 'off', count: 1, enabled: false });
  it.add('limit', { ...limit, name: 'elsewhere', count: 1, by: ['domain'] });
  it.add('setting', { name: 'old', where: {}, values: { reset: false } });
  it.add('setting', { name: 'partly', where: {}, values: { reset: false, pipelining: false } });
  it.add('setting', { name: 'new', where: {}, values: { reset: true } });
  expect(it.found()).toEqual([
    'warning limit count: it never binds: limit tight is as tight or tighter on the same mail',
    'warning setting where: nothing reaches it: rule new names the same mail and was made later',
  ]);
});

test('what is named and is not there, and what two share, are errors', () => {
  const it = new Drawing();
  const ghost = newId();
  it.add('limit', { ...limit, name: 'l', where: { source: ghost } });
  it.add('limit', { ...limit, name: 'l', by: ['site'], where: { provider: 'nobody' } });
  it.add('provider', { key: 'a', name: 'A', mxSuffixes: ['x.example'] });
  it.add('provider', { key: 'b', name: 'B', mxSuffixes: ['x.example'] });
  it.pool('p', ghost);
  expect(it.found()).toEqual([
    'error limit name: another limit is named l',
    'error pool members: a source that it names does not exist',
    'error limit where.source: the source that it names does not exist',
    'error limit where.provider: there is no provider nobody',
    'error provider mxSuffixes: the MX suffix x.example belongs to provider a',
    'warning pool members: no enabled source is in it, so nothing leaves through it',
  ]);
});
