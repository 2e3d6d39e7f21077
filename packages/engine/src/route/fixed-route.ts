// Routes that need no DNS to be named: those that an operator configured, and address literals in a recipient's own words.
import type { RouteBody } from '@sluice/contract';
import { routeSettings, routeSite, routeTargets } from '@sluice/policy';
import type { Generation, WithId } from '../config/generation.ts';
import type { EgressMode } from '../entry.ts';
import { parseIp } from '../host/address.ts';
import { unreachable } from '../host/reach.ts';
import { addressLiteral } from '../message/index.ts';
import { smtpPort, type Route, type RouteAnswer } from './route.ts';

type ProviderOf = (hosts: readonly string[]) => string | null;

/** Null when the domain has to be asked for. */
export function fixedRoute(domain: string, generation: Generation, providerOf: ProviderOf, egress: EgressMode): RouteAnswer | null {
  const configured = generation.route(domain);
  if (configured) return { kind: 'route', route: staticRoute(configured, providerOf) };
  if (!domain.startsWith('[')) return null;
  const literal = addressLiteral(domain);
  if (!literal)
    return { kind: 'bounce', enhanced: '5.1.3', bounceClass: 'bad_domain', detail: `${domain} is not an address literal`.slice(0, 500) };
  // No setting lets such an address in, so waiting for one would only delay what the sender is to hear.
  const ip = parseIp(literal);
  const never = egress === 'internet' && ip ? unreachable(ip, 'private') : null;
  // RFC 3463 section 3.5: unable to route.
  if (never !== null)
    return { kind: 'bounce', enhanced: '5.4.4', bounceClass: 'bad_domain', detail: `no mail goes to ${domain}: ${never}`.slice(0, 500) };
  return { kind: 'route', route: { site: literal, provider: null, exchanges: [{ host: literal, preference: 0 }], port: smtpPort } };
}

function staticRoute(body: WithId<RouteBody>, providerOf: ProviderOf): Route {
  const targets = routeTargets(body);
  return {
    site: routeSite(body),
    provider: providerOf(targets.map(({ host }) => host)),
    exchanges: targets,
    port: body.port,
    fixed: { settings: routeSettings(body) },
    ...(body.treatAsSecure && { secure: true }),
  };
}
