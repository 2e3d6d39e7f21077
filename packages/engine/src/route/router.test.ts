// Domain to route under every kind of DNS answer.
import { describe, expect, it } from 'vitest';
import type { Generation } from '../config/generation.ts';
import type { EgressMode } from '../entry.ts';
import type { DnsAnswer, Resolver, TlsaRecord } from '../ports.ts';
import { fakeClock, seededRandom } from '../testing/fake-clock.ts';
import { generationOf, id, type SampleEntity } from '../testing/sample-config.ts';
import { AnswerCache } from './answer-cache.ts';
import type { PolicySource } from './mta-sts.ts';
import { siteName } from '@sluice/policy';
import { maxHostsPerConnection, maxQueries, Router } from './router.ts';

type Mx = DnsAnswer<{ exchange: string; preference: number }>;
const mx = (...records: [number, string][]): Mx => ({
  ok: true,
  records: records.map(([preference, exchange]) => ({ preference, exchange })),
  ttlSeconds: 60,
});
const no = (kind: 'none' | 'nxdomain' | 'failed') => ({ ok: false as const, kind, detail: 'SERVFAIL', ttlSeconds: 60 });

function rig(
  answers: Record<string, Mx>,
  addresses: Record<string, DnsAnswer<string>> = {},
  entities: SampleEntity[] = [],
  tlsa: Record<string, DnsAnswer<TlsaRecord>> = {},
  mtaSts?: PolicySource,
  egress: EgressMode = 'sandbox',
) {
  const clock = fakeClock();
  const asked: string[] = [];
  let running = 0;
  let most = 0;
  const resolver: Resolver = {
    async mx(domain) {
      asked.push(domain);
      most = Math.max(most, ++running);
      await new Promise((resolve) => clock.setTimer(5, () => resolve(null)));
      running--;
      return answers[domain] ?? no('nxdomain');
    },
    addresses(host, family) {
      asked.push(`${host}/${family}`);
      return Promise.resolve(addresses[`${host}/${family}`] ?? addresses[host] ?? { ok: true, records: ['192.0.2.1'], ttlSeconds: 60 });
    },
    txt: () => Promise.resolve(no('none')),
    ptr: () => Promise.resolve(no('none')),
    tlsa(name) {
      asked.push(name);
      return Promise.resolve(tlsa[name] ?? no('none'));
    },
  };
  let generation: Generation = generationOf(entities);
  const router = new Router({ resolver, clock, random: seededRandom(), generation: () => generation, mtaSts, egress });
  const find = async (domain: string) => {
    const found = router.find(domain);
    await clock.advance(1000);
    return found;
  };
  const configure = (next: SampleEntity[]): void => {
    generation = generationOf(next);
    router.configurationChanged();
  };
  return { router, clock, asked, find, configure, most: () => most };
}
const big: SampleEntity = { kind: 'provider', id: id(1), body: { key: 'big', name: 'Big', mxSuffixes: ['google.com'] } };

describe('router', () => {
  it('orders MX hosts by preference, names the site by the set and the provider by the best host', async () => {
    const { find } = rig(
      { 'a.example': mx([20, 'B.google.com.'], [10, 'a.google.com']), 'b.example': mx([5, 'b.google.com'], [5, 'a.google.com']) },
      {},
      [big],
    );
    const a = await find('a.example');
    const b = await find('b.example');
    expect(a).toMatchObject({
      kind: 'route',
      route: {
        site: 'a.google.com+b.google.com',
        provider: 'big',
        port: 25,
        exchanges: [{ host: 'a.google.com' }, { host: 'b.google.com' }],
      },
    });
    expect(b.kind === 'route' && a.kind === 'route' && a.route.site === b.route.site).toBe(true);
  });

  it('takes the domain itself where there is no MX, and bounces only what surely takes no mail', async () => {
    const { find } = rig({
      'plain.example': no('none'),
      'null.example': mx([0, '.']),
      'down.example': no('failed'),
      'odd.example': mx([0, '.'], [5, 'mx.odd.example']),
    });
    expect(await find('plain.example')).toMatchObject({
      kind: 'route',
      route: { site: 'plain.example', exchanges: [{ host: 'plain.example', preference: 0 }] },
    });
    expect(await find('null.example')).toMatchObject({ kind: 'bounce', enhanced: '5.1.10', bounceClass: 'bad_domain' });
    expect(await find('missing.example')).toMatchObject({ kind: 'bounce', enhanced: '5.1.2', bounceClass: 'bad_domain' });
    expect(await find('down.example')).toMatchObject({ kind: 'failed' });
    expect(await find('odd.example')).toMatchObject({ kind: 'route', route: { site: 'mx.odd.example' } });
  });

  it('asks once for equal questions and again only when the answer has lost its validity', async () => {
    const { router, clock, asked, find } = rig({ 'a.example': mx([1, 'mx.a.example']) });
    void router.find('a.example');
    await find('a.example');
    expect(router.cached('a.example')?.kind).toBe('route');
    expect(asked).toEqual(['a.example']);
    await clock.advance(61_000);
    await clock.advance(31_000);
    expect(router.cached('a.example')).toBeNull();
    await find('a.example');
    expect(asked.length).toBe(2);
  });

  it('has a bounded number of questions out at once', async () => {
    const { router, clock, most } = rig({});
    const all = Array.from({ length: 500 }, (_, index) => router.find(`d${index}.example`));
    await clock.advance(1000);
    expect((await Promise.all(all)).length).toBe(500);
    expect(most()).toBe(maxQueries);
  });

  it('prefers a static route, and follows its coming and going', async () => {
    const route: SampleEntity = { kind: 'route', id: id(2), body: { domain: 'a.example', host: '127.0.0.1', port: 2526 } };
    const { find, configure } = rig({ 'a.example': mx([1, 'mx.a.example']) }, {}, [route]);
    expect(await find('a.example')).toMatchObject({ kind: 'route', route: { site: '127.0.0.1:2526', port: 2526, provider: null } });
    configure([]);
    expect(await find('a.example')).toMatchObject({ kind: 'route', route: { site: 'mx.a.example', port: 25 } });
    configure([{ kind: 'provider', id: id(3), body: { key: 'own', name: 'Own', mxSuffixes: ['a.example'] } }]);
    expect(await find('a.example')).toMatchObject({ kind: 'route', route: { provider: 'own' } });
  });

  it('reads address literals and refuses what only looks like one', async () => {
    const { find, router, asked } = rig({});
    expect(await find('[192.0.2.7]')).toMatchObject({ kind: 'route', route: { site: '192.0.2.7', exchanges: [{ host: '192.0.2.7' }] } });
    expect(await find('[IPv6:2001:db8::1]')).toMatchObject({ kind: 'route', route: { site: '2001:db8::1' } });
    expect(await find('[not an address]')).toMatchObject({ kind: 'bounce', enhanced: '5.1.3' });
    const literal = await find('[192.0.2.7]');
    expect(literal.kind === 'route' && (await router.hosts(literal.route, 4))).toEqual({
      ok: true,
      hosts: [{ name: '192.0.2.7', address: '192.0.2.7', port: 25, reach: 'public' }],
    });
    expect(literal.kind === 'route' && (await router.hosts(literal.route, 6)).ok).toBe(false);
    expect(asked).toEqual([]);
  });

  it('spreads load over hosts of equal preference, never before a better one, and looks up a bounded number', async () => {
    const hosts = Array.from({ length: 12 }, (_, index): [number, string] => [index < 3 ? 1 : 2, `mx${index}.a.example`]);
    const { find, router, asked } = rig({ 'a.example': mx(...hosts) });
    const answer = await find('a.example');
    if (answer.kind !== 'route') throw new Error('no route');
    const firsts = new Set<string>();
    for (let n = 0; n < 40; n++) {
      const found = await router.hosts(answer.route, 4);
      if (!found.ok) throw new Error(found.detail);
      expect(found.hosts.length).toBe(maxHostsPerConnection);
      expect(found.hosts.slice(0, 3).every((host) => /^mx[012]\./.test(host.name))).toBe(true);
      firsts.add(found.hosts[0]?.name ?? '');
    }
    expect(firsts.size).toBe(3);
    // Cached: each host was asked for once, however many connections there were.
    expect(asked.length).toBe(new Set(asked).size);
  });

  it('says which host has no address, and goes on with the others', async () => {
    const { find, router } = rig(
      { 'a.example': mx([1, 'gone.example'], [2, 'mx.a.example']), 'b.example': mx([1, 'gone.example']) },
      { 'gone.example': no('nxdomain') },
    );
    const a = await find('a.example');
    const b = await find('b.example');
    if (a.kind !== 'route' || b.kind !== 'route') throw new Error('no route');
    expect(await router.hosts(a.route, 4)).toMatchObject({ ok: true, hosts: [{ name: 'mx.a.example' }] });
    expect(await router.hosts(b.route, 4)).toMatchObject({ ok: false, detail: expect.stringContaining('gone.example') });
  });

  it('keeps site names short and stable', () => {
    const hosts = Array.from({ length: 20 }, (_, index) => `mx-host-number-${index}.mail.example`);
    expect(siteName(hosts)).toBe(siteName([...hosts].reverse()));
    expect(siteName(hosts).length).toBeLessThanOrEqual(120);
    expect(siteName(hosts)).not.toBe(siteName(hosts.slice(1)));
  });
});

describe('security of a route', () => {
  const policy = (mode: 'enforce' | 'testing' | 'none', ...hosts: string[]) => ({ mode, mx: hosts, maxAgeSeconds: 600 });
  const both = mx([10, 'mx.good.example'], [20, 'mx.other.example']);
  const source = (policies: Record<string, ReturnType<typeof policy>>): PolicySource => ({
    known: (domain) => policies[domain] ?? null,
    find: (domain) => Promise.resolve(policies[domain] ?? null),
  });

  it('lets a policy take hosts away from its own domain only, before the site gets its name', async () => {
    const policies = { 'a.example': policy('enforce', 'mx.good.example'), 'b.example': policy('testing', 'mx.good.example') };
    const { find } = rig({ 'a.example': both, 'b.example': both, 'c.example': both }, {}, [], {}, source(policies));
    expect(await find('a.example')).toMatchObject({
      route: { site: 'mx.good.example', mtaSts: 'enforce', exchanges: [{ host: 'mx.good.example' }] },
    });
    expect(await find('b.example')).toMatchObject({ route: { site: 'mx.good.example+mx.other.example', mtaSts: 'testing' } });
    const c = await find('c.example');
    expect(c).toMatchObject({ route: { site: 'mx.good.example+mx.other.example' } });
    expect(c.kind === 'route' && c.route.mtaSts).toBeUndefined();
  });

  it('defers a domain whose policy names none of its hosts, and nobody else', async () => {
    const policies = source({ 'a.example': policy('enforce', 'mx.elsewhere.example') });
    const { find } = rig({ 'a.example': both, 'c.example': both }, {}, [], {}, policies);
    expect(await find('a.example')).toMatchObject({ kind: 'failed', bounceClass: 'tls', detail: expect.stringContaining('MTA-STS') });
    expect(await find('c.example')).toMatchObject({ kind: 'route' });
  });

  it('looks for TLSA records only behind validated answers, and leaves out a host whose records cannot be known', async () => {
    const secureMx: Mx = { ...mx([10, 'mx.one.example'], [20, 'mx.two.example'], [30, 'mx.plain.example']), secure: true };
    const at = (address: string, secure: boolean): DnsAnswer<string> => ({ ok: true, records: [address], ttlSeconds: 60, secure });
    const hosts = {
      'mx.one.example': at('192.0.2.1', true),
      'mx.two.example': at('192.0.2.2', true),
      'mx.plain.example': at('192.0.2.3', false),
    };
    const records: DnsAnswer<TlsaRecord> = {
      ok: true,
      records: [{ usage: 3, selector: 1, matchingType: 1, data: new Uint8Array(32) }],
      ttlSeconds: 60,
      secure: true,
    };
    const tlsa = { '_25._tcp.mx.one.example': records, '_25._tcp.mx.two.example': no('failed') };
    const { find, router, asked } = rig({ 'a.example': secureMx, 'b.example': both }, hosts, [], tlsa);
    const answer = await find('a.example');
    if (answer.kind !== 'route') throw new Error('no route');
    expect(answer.route.secure).toBe(true);
    const found = await router.hosts(answer.route, 4, { dane: true });
    expect(found).toMatchObject({
      ok: true,
      hosts: [{ name: 'mx.one.example', tlsa: records.ok && records.records }, { name: 'mx.plain.example' }],
    });
    expect(asked.filter((name) => name.startsWith('_25'))).toEqual(['_25._tcp.mx.one.example', '_25._tcp.mx.two.example']);
    const plain = await find('b.example');
    expect(plain.kind === 'route' && plain.route.secure).toBeUndefined();
  });

  it('looks for TLSA records first at the end of validated aliases, then at the name itself; past an unsigned end only there', async () => {
    const names = ['end', 'own', 'failing', 'out', 'open'];
    const hosts = names.map((name, index) => [index * 10, `mx.${name}.example`] as const);
    const aliased = (name: string): DnsAnswer<string> => {
      const alias = { canonical: `real.${name}.example`, secure: name !== 'open' };
      return { ok: true, records: ['192.0.2.1'], ttlSeconds: 60, secure: name !== 'out' && name !== 'open', alias };
    };
    const data = new Uint8Array(32);
    const records = { ok: true as const, records: [{ usage: 3, selector: 1, matchingType: 1, data }], ttlSeconds: 60, secure: true };
    const at = (host: string) => `_25._tcp.${host}.example`;
    const { find, router, asked } = rig(
      { 'a.example': { ...mx(...hosts.map(([preference, host]): [number, string] => [preference, host])), secure: true } },
      Object.fromEntries(names.map((name) => [`mx.${name}.example`, aliased(name)])),
      [],
      {
        ...{ [at('real.end')]: records, [at('mx.end')]: no('failed') },
        ...{ [at('mx.own')]: records, [at('real.failing')]: no('failed'), [at('mx.failing')]: records },
        ...{ [at('mx.out')]: records, [at('real.out')]: records, [at('mx.open')]: records, [at('real.open')]: records },
      },
    );
    const answer = await find('a.example');
    if (answer.kind !== 'route') throw new Error('no route');
    const found = await router.hosts(answer.route, 4, { dane: true });
    expect(found.ok && found.hosts.map(({ name, tlsa, tlsaBase }) => [name, tlsa?.length ?? 0, tlsaBase ?? null])).toEqual([
      ['mx.end.example', 1, 'real.end.example'],
      ['mx.own.example', 1, null],
      ['mx.out.example', 1, null],
      ['mx.open.example', 0, null],
    ]);
    expect(asked).not.toContain(at('mx.end'));
    expect(asked).not.toContain(at('real.out'));
  });
});

const found = (...records: string[]): DnsAnswer<string> => ({ ok: true, records, ttlSeconds: 60 });
async function routeOf(it: ReturnType<typeof rig>, domain: string) {
  const answer = await it.find(domain);
  if (answer.kind !== 'route') throw new Error(JSON.stringify(answer));
  return answer.route;
}

describe('a domain without MX', () => {
  it('that has no address either bounces at once, and one that may have one waits', async () => {
    const answers = { 'bare.example': no('none'), 'six.example': no('none'), 'doubt.example': no('none') };
    const it = rig(answers, {
      'bare.example': no('none'),
      'six.example/4': no('none'),
      'six.example/6': found('2001:db8::1'),
      'doubt.example/4': no('none'),
      'doubt.example/6': no('failed'),
    });
    expect(await it.find('bare.example')).toMatchObject({ kind: 'bounce', enhanced: '5.4.4', bounceClass: 'bad_domain' });
    expect(await it.find('six.example')).toMatchObject({ kind: 'route', route: { site: 'six.example' } });
    expect(await it.find('doubt.example')).toMatchObject({ kind: 'route' });
  });

  it('does not hold a question open while it asks for addresses: many of them end', async () => {
    const names = Array.from({ length: maxQueries * 3 }, (_, index) => `d${index}.example`);
    const it = rig(
      Object.fromEntries(names.map((name) => [name, no('none')])),
      Object.fromEntries(names.map((name) => [name, no('none')])),
    );
    const all = Promise.all(names.map((name) => it.router.find(name)));
    await it.clock.advance(1000);
    expect((await all).every((answer) => answer.kind === 'bounce')).toBe(true);
  });
});

describe('addresses in internet mode', () => {
  const lies = ['127.0.0.1', '10.0.0.5', '0.0.0.0', '169.254.169.254', '::ffff:127.0.0.1'];

  it('a lying MX leads to no host that a stranger must not name, and private ones only by setting', async () => {
    const it = rig(
      { 'lie.example': mx([1, 'mx.lie.example']) },
      { 'mx.lie.example': found(...lies.slice(0, 4)) },
      [],
      {},
      undefined,
      'internet',
    );
    const route = await routeOf(it, 'lie.example');
    expect(await it.router.hosts(route, 4)).toMatchObject({ ok: false, detail: expect.stringContaining('is') });
    expect(await it.router.hosts(route, 4, { privateHosts: true })).toMatchObject({
      ok: true,
      hosts: [{ address: '10.0.0.5', reach: 'private' }],
    });
    const mixed = rig(
      { 'lie.example': mx([1, 'mx.lie.example']) },
      { 'mx.lie.example': found('127.0.0.1', '192.0.2.1') },
      [],
      {},
      undefined,
      'internet',
    );
    expect(await mixed.router.hosts(await routeOf(mixed, 'lie.example'), 4)).toMatchObject({ ok: true, hosts: [{ address: '192.0.2.1' }] });
  });

  it('an address literal in a recipient is no way in either', async () => {
    const it = rig({}, {}, [], {}, undefined, 'internet');
    for (const literal of ['[127.0.0.1]', '[0.0.0.0]', '[169.254.1.1]', '[IPv6:::1]', '[IPv6:::ffff:127.0.0.1]'])
      expect(await it.router.find(literal)).toMatchObject({ kind: 'bounce', enhanced: '5.4.4', detail: expect.stringContaining(literal) });
    // A setting may let this one in.
    expect((await it.router.hosts(await routeOf(it, '[192.168.0.1]'), 4)).ok).toBe(false);
    expect((await it.router.hosts(await routeOf(it, '[192.0.2.9]'), 4)).ok).toBe(true);
  });

  it('a static route may name any host', async () => {
    const route: SampleEntity = { kind: 'route', id: id(2), body: { domain: 'a.example', host: '127.0.0.1', port: 2424 } };
    const it = rig({}, {}, [route], {}, undefined, 'internet');
    expect(await it.router.hosts(await routeOf(it, 'a.example'), 4)).toMatchObject({ ok: true, hosts: [{ port: 2424, reach: 'any' }] });
  });
});

describe('static routes', () => {
  const body = { host: 'mx.corp.example', port: 25, alternatives: [{ host: '192.0.2.8', port: 2525, preference: 10 }] };
  const entity = (number: number, changes: object): SampleEntity => ({ kind: 'route', id: id(number), body: { ...body, ...changes } });

  it('lead by exact name, then suffix, then for everything, with their own hosts, ports and orders', async () => {
    const it = rig({ 'other.example': mx([1, 'mx.other.example']) }, {}, [
      entity(1, { domain: 'corp.example' }),
      entity(2, { domain: '.corp.example', host: 'sub.corp.example', protocol: 'lmtp' }),
      entity(3, { domain: '*', host: 'smart.example', port: 587, authUsername: 'relay', authSecretId: id(9), treatAsSecure: true }),
    ]);
    expect(await routeOf(it, 'corp.example')).toMatchObject({ site: '192.0.2.8:2525+mx.corp.example:25', fixed: { settings: null } });
    expect(await routeOf(it, 'x.corp.example')).toMatchObject({ fixed: { settings: { protocol: 'lmtp' } } });
    const smart = await routeOf(it, 'other.example');
    expect(smart).toMatchObject({ secure: true, fixed: { settings: { authUsername: 'relay', authSecretId: id(9) } } });
    const hosts = await it.router.hosts(smart, 4);
    expect(hosts.ok && hosts.hosts.map(({ name, port }) => [name, port])).toEqual([
      ['smart.example', 587],
      ['192.0.2.8', 2525],
    ]);
    expect(it.asked).not.toContain('other.example');
  });
});

describe('providers', () => {
  it('are those of every MX host, or none', async () => {
    const it = rig(
      { 'all.example': mx([1, 'a.google.com'], [2, 'b.google.com']), 'some.example': mx([1, 'a.google.com'], [2, 'b.else.example']) },
      {},
      [big],
    );
    expect((await routeOf(it, 'all.example')).provider).toBe('big');
    expect((await routeOf(it, 'some.example')).provider).toBeNull();
  });
});

describe('what is known of families', () => {
  it('is nothing before it was asked, then what the hosts have; a failure says nothing against a family', async () => {
    const it = rig(
      { 'a.example': mx([1, 'mx.a.example']), 'b.example': mx([1, 'mx.b.example']) },
      { 'mx.a.example/4': no('none'), 'mx.a.example/6': found('2001:db8::1'), 'mx.b.example/6': no('failed') },
    );
    const a = await routeOf(it, 'a.example');
    expect([it.router.familyKnown(a, 4), it.router.familyKnown(a, 6)]).toEqual([null, null]);
    await it.router.learnFamilies(a);
    expect([it.router.familyKnown(a, 4), it.router.familyKnown(a, 6)]).toEqual([false, true]);
    const b = await routeOf(it, 'b.example');
    await it.router.learnFamilies(b);
    expect([it.router.familyKnown(b, 4), it.router.familyKnown(b, 6)]).toEqual([true, true]);
  });
});

describe('back-pressure', () => {
  it('of our own is told apart from a failing domain, and asked again after a second', async () => {
    const busy = { ...no('failed'), kind: 'failed' as const, pressure: true };
    const it = rig({ 'a.example': busy, 'b.example': no('failed') });
    expect(await it.find('a.example')).toMatchObject({ kind: 'failed', pressure: true });
    expect(await it.find('b.example')).toMatchObject({ kind: 'failed', pressure: false });
    await it.clock.advance(1100);
    expect(it.router.cached('b.example')).not.toBeNull();
  });
});

describe('flush', () => {
  it('forgets one domain with its hosts, or everything', async () => {
    const it = rig({ 'a.example': mx([1, 'mx.a.example']), 'b.example': mx([1, 'mx.b.example']) });
    for (const domain of ['a.example', 'b.example']) await it.router.hosts(await routeOf(it, domain), 4);
    it.router.flush('a.example');
    expect([it.router.cached('a.example'), it.router.cached('b.example')?.kind]).toEqual([null, 'route']);
    await it.router.hosts(await routeOf(it, 'a.example'), 4);
    expect(it.asked.filter((name) => name === 'mx.a.example/4').length).toBe(2);
    it.router.flush();
    expect(it.router.cached('b.example')).toBeNull();
  });
});

describe('answer cache', () => {
  it('holds a bounded number and drops what is over', () => {
    const cache = new AnswerCache<number>(10);
    for (let n = 0; n < 100; n++) cache.set(`k${n}`, n, 1000);
    expect(cache.size).toBe(10);
    expect(cache.get('k99', 999)).toBe(99);
    expect(cache.get('k99', 1000)).toBeUndefined();
    expect(cache.get('k0', 0)).toBeUndefined();
  });
});
