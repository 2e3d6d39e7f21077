// Static routes: which of them leads a domain's mail, the site name of their hosts, and what they tell the session. The longest match wins:
// the exact domain, then the suffixes from long to short, then the smart host for everything.
import type { DeliverySettings, RouteBody } from '@sluice/contract';
import { siteName } from './site-name.ts';

/** The route for everything: a smart host. */
const everything = '*';

/** Patterns that match the domain, strongest first: `a.b.c` gives `a.b.c`, `.b.c`, `.c`, `*`. */
export function routePatterns(domain: string): string[] {
  const patterns = [domain];
  for (let at = domain.indexOf('.'); at >= 0; at = domain.indexOf('.', at + 1)) patterns.push(domain.slice(at));
  patterns.push(everything);
  return patterns;
}

/** The route of the strongest pattern that `find` knows. */
export function matchingRoute<T>(domain: string, find: (pattern: string) => T | undefined): T | undefined {
  for (const pattern of routePatterns(domain)) {
    const found = find(pattern);
    if (found !== undefined) return found;
  }
  return undefined;
}

export type RouteTarget = { readonly host: string; readonly port: number; readonly preference: number };

/** All hosts of the route, best first. */
export function routeTargets({ host, port, preference, alternatives }: RouteBody): RouteTarget[] {
  const first = { host, port, preference };
  return [first, ...alternatives].toSorted((a, b) => a.preference - b.preference);
}

/** Connections are shared within a site, so what makes them differ is part of its name. */
export function routeSite(body: RouteBody): string {
  const hosts = siteName(routeTargets(body).map(({ host, port }) => `${host}:${port}`));
  const login = body.authUsername === null ? '' : ` as ${body.authUsername}`;
  return `${hosts}${body.protocol === 'lmtp' ? ' lmtp' : ''}${login}`;
}

/** What the route says of the session; it stands above every rule of delivery settings. Null when it says nothing. */
export function routeSettings({ protocol, tls, authUsername, authSecretId }: RouteBody): Partial<DeliverySettings> | null {
  const told: Partial<DeliverySettings> = {};
  if (protocol !== 'smtp') told.protocol = protocol;
  if (tls !== null) told.tls = tls;
  if (authUsername !== null) Object.assign(told, { authUsername, authSecretId });
  return Object.keys(told).length > 0 ? told : null;
}
