// Which static route leads mail, and what it is called.
import { routeBody, type RouteBody } from '@sluice/contract';
import { describe, expect, it } from 'vitest';
import { matchingRoute, routeSettings, routeSite, routeTargets } from './static-route.ts';

const route = (changes: object = {}): RouteBody => routeBody.parse({ domain: 'a.example', host: 'mx.example', port: 25, ...changes });

describe('static routes', () => {
  it.each([
    ['a.b.example', 'a.b.example'],
    ['x.a.b.example', '.a.b.example'],
    ['y.x.a.b.example', '.a.b.example'],
    ['c.b.example', '.b.example'],
    ['b.example', '*'],
    ['ab.example', '*'],
    ['[192.0.2.1]', '*'],
  ])('lead %s by the longest match, %s', (domain, pattern) => {
    const known = new Map(['a.b.example', '.a.b.example', '.b.example', '*'].map((name) => [name, name]));
    expect(matchingRoute(domain, (name) => known.get(name))).toBe(pattern);
    known.delete('*');
    expect(matchingRoute('other.example', (name) => known.get(name))).toBeUndefined();
  });

  it('read a body from before there was more than a host and a port', () => {
    expect(route()).toMatchObject({ alternatives: [], protocol: 'smtp', tls: null, authUsername: null, treatAsSecure: false });
    expect([routeSite(route()), routeSettings(route())]).toEqual(['mx.example:25', null]);
  });

  it('put their hosts in order of preference, and keep sessions of other logins or protocols apart', () => {
    const two = route({ preference: 20, alternatives: [{ host: '192.0.2.9', port: 24, preference: 10 }] });
    expect(routeTargets(two).map(({ host }) => host)).toEqual(['192.0.2.9', 'mx.example']);
    const sites = [route(), two, route({ protocol: 'lmtp' }), route({ authUsername: 'u' }), route({ authUsername: 'v' })].map(routeSite);
    expect(new Set(sites).size).toBe(5);
    expect(routeSettings(route({ tls: 'required', protocol: 'lmtp' }))).toEqual({ tls: 'required', protocol: 'lmtp' });
  });

  it.each(['a.example', '.example', '.a.b.example', '*'])('take %s as a pattern', (domain) => {
    expect(routeBody.safeParse({ domain, host: 'mx.example', port: 25 }).success).toBe(true);
  });
  it.each(['', '.', '*.example', 'a..b', '.A.example', 'a.example.'])('refuse %j as a pattern', (domain) => {
    expect(routeBody.safeParse({ domain, host: 'mx.example', port: 25 }).success).toBe(false);
  });
});
