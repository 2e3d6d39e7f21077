// Domain -> route. A static route of the configuration wins; an address literal is its own route; else MX records, and without any the
// domain itself (RFC 5321 section 5.1). Answers are cached for their time to live within bounds, equal questions share one look-up, and
// the cached answer is there synchronously: the queue asks for every entry.
import { isIPv4, isIPv6 } from 'node:net';
import type { Generation } from '../config/generation.ts';
import type { Clock, DnsAnswer, Random, Resolver, RouteHost } from '../ports.ts';
import { AnswerCache } from './answer-cache.ts';
import { QuerySlots } from './query-slots.ts';
import { isNullMx, orderedExchanges, siteName, smtpPort, type Exchange, type HostsAnswer, type Route, type RouteAnswer } from './route.ts';

export const maxCachedDomains = 100_000;
export const maxCachedHosts = 50_000;
export const maxQueries = 64;
const shortestTtlSeconds = 30;
const longestTtlSeconds = 3600;
const negativeTtlSeconds = 300;
const failedTtlSeconds = 10;
/** Hosts whose addresses are looked up for one connection, at most. */
export const maxHostsPerConnection = 5;
/** Addresses of one host that are tried. */
export const maxAddressesPerHost = 4;

export type RouterPorts = { resolver: Resolver; clock: Clock; random: Random; generation: () => Generation };
type MxAnswer = { kind: 'exchanges'; exchanges: Exchange[] } | Exclude<RouteAnswer, { kind: 'route' }>;

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` -> the address. RFC 5321 section 4.1.3. */
export function addressLiteral(domain: string): string | null {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return null;
  const inner = domain.slice(1, -1);
  if (isIPv4(inner)) return inner;
  const six = /^ipv6:(.*)$/i.exec(inner)?.[1] ?? '';
  return isIPv6(six) ? six : null;
}

function ttlMs(seconds: number, longest: number): number {
  return Math.min(Math.max(seconds, shortestTtlSeconds), longest) * 1000;
}

export class Router {
  readonly #ports: RouterPorts;
  readonly #domains = new AnswerCache<MxAnswer>(maxCachedDomains);
  readonly #routes = new AnswerCache<RouteAnswer>(maxCachedDomains);
  readonly #addresses = new AnswerCache<DnsAnswer<string>>(maxCachedHosts);
  readonly #inFlight = new Map<string, Promise<RouteAnswer>>();
  readonly #addressQueries = new Map<string, Promise<DnsAnswer<string>>>();
  readonly #slots = new QuerySlots(maxQueries);

  constructor(ports: RouterPorts) {
    this.#ports = ports;
  }

  /** The route as known now; null when it has to be looked up. */
  cached(domain: string): RouteAnswer | null {
    const nowMs = this.#ports.clock.nowMs();
    const known = this.#routes.get(domain, nowMs);
    if (known) return known;
    const fixed = this.#fixedRoute(domain);
    if (fixed) {
      this.#routes.set(domain, fixed, nowMs + longestTtlSeconds * 1000);
      return fixed;
    }
    const mx = this.#domains.get(domain, nowMs);
    if (!mx) return null;
    const answer = this.#answer(mx);
    this.#routes.set(domain, answer, nowMs + shortestTtlSeconds * 1000);
    return answer;
  }

  /** The route, looked up if need be. Never rejects. */
  find(domain: string): Promise<RouteAnswer> {
    const known = this.cached(domain);
    if (known) return Promise.resolve(known);
    const running = this.#inFlight.get(domain);
    if (running) return running;
    const question = this.#slots
      .run(() => this.#lookUp(domain))
      .catch((error: unknown): MxAnswer => ({ kind: 'failed', detail: `DNS look-up failed: ${String(error)}`.slice(0, 500) }))
      .then((mx) => {
        this.#inFlight.delete(domain);
        return this.#answer(mx);
      });
    this.#inFlight.set(domain, question);
    return question;
  }

  /** Forgets what depends on the configuration (static routes, providers); DNS answers stay. Call it after a swap. */
  configurationChanged(): void {
    this.#routes.clear();
  }

  /** Addresses to try for one connection, best host first, hosts of equal preference in random order. RFC 5321 section 5.1. */
  async hosts(route: Route, family: 4 | 6): Promise<HostsAnswer> {
    const shuffled = route.exchanges.map((exchange) => ({ exchange, order: this.#ports.random.fraction() }));
    shuffled.sort((a, b) => a.exchange.preference - b.exchange.preference || a.order - b.order);
    const tried = shuffled.slice(0, maxHostsPerConnection).map(({ exchange }) => exchange.host);
    const answers = await Promise.all(tried.map((host) => this.#addressesOf(host, family)));
    const hosts: RouteHost[] = [];
    let detail = `no IPv${family} address`;
    answers.forEach((answer, index) => {
      const name = tried[index] ?? '';
      if (!answer.ok) detail = `${name}: ${answer.detail}`;
      else for (const address of answer.records.slice(0, maxAddressesPerHost)) hosts.push({ name, address, port: route.port });
    });
    return hosts.length > 0 ? { ok: true, hosts } : { ok: false, detail: `no address of ${route.site}: ${detail}`.slice(0, 500) };
  }

  #fixedRoute(domain: string): RouteAnswer | null {
    const generation = this.#ports.generation();
    const configured = generation.route(domain);
    if (configured) {
      const { host, port } = configured;
      const provider = isIPv4(host) || isIPv6(host) ? null : (generation.providerOf(host)?.key ?? null);
      return { kind: 'route', route: { site: `${host}:${port}`, provider, exchanges: [{ host, preference: 0 }], port } };
    }
    if (!domain.startsWith('[')) return null;
    const literal = addressLiteral(domain);
    if (!literal)
      return { kind: 'bounce', enhanced: '5.1.3', bounceClass: 'bad_domain', detail: `${domain} is not an address literal`.slice(0, 500) };
    return { kind: 'route', route: { site: literal, provider: null, exchanges: [{ host: literal, preference: 0 }], port: smtpPort } };
  }

  #answer(mx: MxAnswer): RouteAnswer {
    if (mx.kind !== 'exchanges') return mx;
    const best = mx.exchanges[0];
    const provider = best ? (this.#ports.generation().providerOf(best.host)?.key ?? null) : null;
    return {
      kind: 'route',
      route: { site: siteName(mx.exchanges.map((exchange) => exchange.host)), provider, exchanges: mx.exchanges, port: smtpPort },
    };
  }

  async #lookUp(domain: string): Promise<MxAnswer> {
    const answer = await this.#ports.resolver.mx(domain);
    const nowMs = this.#ports.clock.nowMs();
    const keep = (mx: MxAnswer, untilMs: number): MxAnswer => {
      this.#domains.set(domain, mx, untilMs);
      return mx;
    };
    if (answer.ok) {
      const untilMs = nowMs + ttlMs(answer.ttlSeconds, longestTtlSeconds);
      // RFC 7505 section 4.2: 556 5.1.10 or the like; no attempt is made.
      if (isNullMx(answer.records))
        return keep(
          { kind: 'bounce', enhanced: '5.1.10', bounceClass: 'bad_domain', detail: `${domain} takes no mail (null MX)` },
          untilMs,
        );
      const exchanges = orderedExchanges(answer.records);
      if (exchanges.length > 0) return keep({ kind: 'exchanges', exchanges }, untilMs);
      return keep({ kind: 'failed', detail: `the MX records of ${domain} name no host` }, nowMs + failedTtlSeconds * 1000);
    }
    const negativeUntilMs = nowMs + ttlMs(answer.ttlSeconds, negativeTtlSeconds);
    switch (answer.kind) {
      case 'none':
        // RFC 5321 section 5.1: without MX records the domain itself is the host.
        return keep({ kind: 'exchanges', exchanges: [{ host: domain, preference: 0 }] }, negativeUntilMs);
      case 'nxdomain':
        return keep(
          { kind: 'bounce', enhanced: '5.1.2', bounceClass: 'bad_domain', detail: `domain not found: ${domain}` },
          negativeUntilMs,
        );
      case 'failed':
        return keep(
          { kind: 'failed', detail: `MX look-up of ${domain} failed: ${answer.detail}`.slice(0, 500) },
          nowMs + failedTtlSeconds * 1000,
        );
    }
  }

  async #addressesOf(host: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    if (isIPv4(host) || isIPv6(host)) {
      const fits = (family === 6) === isIPv6(host);
      return fits
        ? { ok: true, records: [host], ttlSeconds: 0 }
        : { ok: false, kind: 'none', detail: `is no IPv${family} address`, ttlSeconds: 0 };
    }
    const key = `${family} ${host}`;
    const known = this.#addresses.get(key, this.#ports.clock.nowMs());
    if (known) return known;
    const running = this.#addressQueries.get(key);
    if (running) return running;
    const question = this.#slots
      .run(() => this.#ports.resolver.addresses(host, family))
      .catch((error: unknown): DnsAnswer<string> => ({ ok: false, kind: 'failed', detail: String(error).slice(0, 200), ttlSeconds: 0 }))
      .then((answer) => {
        this.#addressQueries.delete(key);
        const longest = answer.ok ? longestTtlSeconds : answer.kind === 'failed' ? failedTtlSeconds : negativeTtlSeconds;
        const seconds = Math.min(Math.max(answer.ttlSeconds, failedTtlSeconds), longest);
        this.#addresses.set(key, answer, this.#ports.clock.nowMs() + seconds * 1000);
        return answer;
      });
    this.#addressQueries.set(key, question);
    return question;
  }
}
