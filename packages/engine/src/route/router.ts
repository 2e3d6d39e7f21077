// Domain -> route. A static route of the configuration wins; an address literal is its own route; else MX records, and without any the
// domain itself (RFC 5321 section 5.1). Answers are cached for their time to live within bounds, equal questions share one look-up, and
// the cached answer is there synchronously: the queue asks for every entry.
import { isIPv4, isIPv6 } from 'node:net';
import type { Generation } from '../config/generation.ts';
import type { Clock, DnsAnswer, Random, Resolver, RouteHost, TlsaRecord } from '../ports.ts';
import { AnswerCache } from './answer-cache.ts';
import type { PolicySource } from './mta-sts.ts';
import { names, type StsPolicy } from './mta-sts-policy.ts';
import { QuerySlots } from './query-slots.ts';
import type { RouteSecurity } from './security.ts';
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

export type RouterPorts = { resolver: Resolver; clock: Clock; random: Random; generation: () => Generation; mtaSts?: PolicySource };
type MxAnswer = { kind: 'exchanges'; exchanges: Exchange[]; secure: boolean } | Exclude<RouteAnswer, { kind: 'route' }>;

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
  readonly #tlsaAnswers = new AnswerCache<DnsAnswer<TlsaRecord>>(maxCachedHosts);
  readonly #tlsaQueries = new Map<string, Promise<DnsAnswer<TlsaRecord>>>();
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
    const policy = this.#policyOf(domain, nowMs);
    if (policy === undefined) return null;
    const answer = this.#answer(domain, mx, policy);
    this.#routes.set(domain, answer, nowMs + shortestTtlSeconds * 1000);
    return answer;
  }

  /** The route, looked up if need be. Never rejects. */
  find(domain: string): Promise<RouteAnswer> {
    const known = this.cached(domain);
    if (known) return Promise.resolve(known);
    const running = this.#inFlight.get(domain);
    if (running) return running;
    const mx = this.#slots
      .run(() => this.#lookUp(domain))
      .catch((error: unknown): MxAnswer => ({ kind: 'failed', detail: `DNS look-up failed: ${String(error)}`.slice(0, 500) }));
    const policy = this.#policyOf(domain, this.#ports.clock.nowMs());
    const question = Promise.all([mx, policy === undefined ? this.#findPolicy(domain) : policy]).then(([found, policy]) => {
      this.#inFlight.delete(domain);
      return this.#answer(domain, found, policy);
    });
    this.#inFlight.set(domain, question);
    return question;
  }

  /** Forgets what depends on the configuration (static routes, providers); DNS answers stay. Call it after a swap. */
  configurationChanged(): void {
    this.#routes.clear();
  }

  /** Forgets what DNS said: of one domain, or of all of them and every host. Whoever asks next looks it up anew. */
  flush(domain?: string): void {
    if (domain === undefined) {
      this.#domains.clear();
      this.#routes.clear();
      this.#addresses.clear();
      return;
    }
    const known = this.#domains.get(domain, this.#ports.clock.nowMs());
    this.#domains.forget(domain);
    this.#routes.forget(domain);
    if (known?.kind !== 'exchanges') return;
    for (const { host } of known.exchanges) for (const family of [4, 6]) this.#addresses.forget(`${family} ${host}`);
  }

  /** Addresses to try for one connection, best host first, hosts of equal preference in random order. RFC 5321 section 5.1. */
  async hosts(route: Route, family: 4 | 6, dane = false): Promise<HostsAnswer> {
    const shuffled = route.exchanges.map((exchange) => ({ exchange, order: this.#ports.random.fraction() }));
    shuffled.sort((a, b) => a.exchange.preference - b.exchange.preference || a.order - b.order);
    const tried = shuffled.slice(0, maxHostsPerConnection).map(({ exchange }) => exchange.host);
    const answers = await Promise.all(tried.map((host) => this.#addressesOf(host, family)));
    const records = await Promise.all(answers.map((answer, index) => this.#tlsa(dane, tried[index] ?? '', answer, route.port)));
    const hosts: RouteHost[] = [];
    let detail = `no IPv${family} address`;
    answers.forEach((answer, index) => {
      const name = tried[index] ?? '';
      if (!answer.ok) detail = `${name}: ${answer.detail}`;
      else {
        const tlsa = records[index];
        // Whether such a host has records is not known, and who could hide them could also be in the middle. RFC 7672 section 2.1.2
        if (typeof tlsa === 'string') detail = `DANE: ${name}: ${tlsa}`;
        else
          for (const address of answer.records.slice(0, maxAddressesPerHost))
            hosts.push({ name, address, port: route.port, ...(tlsa ? { tlsa } : {}) });
      }
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

  /** The domain's own policy; undefined when it has to be found out. */
  #policyOf(domain: string, nowMs: number): StsPolicy | null | undefined {
    const { mtaSts, generation } = this.#ports;
    if (!mtaSts || !generation().settings.resolve({ domain }).values.mtaSts) return null;
    return mtaSts.known(domain, nowMs);
  }

  #findPolicy(domain: string): Promise<StsPolicy | null> {
    return this.#ports.mtaSts?.find(domain) ?? Promise.resolve(null);
  }

  /** The policy takes hosts away before the set gets its name: other domains of the same hosts never notice. RFC 8461 section 5 */
  #answer(domain: string, mx: MxAnswer, policy: StsPolicy | null): RouteAnswer {
    if (mx.kind !== 'exchanges') return mx;
    if (policy?.mode !== 'enforce') return this.#routeOver(mx, policy?.mode === 'testing' ? { mtaSts: 'testing' } : {});
    const exchanges = mx.exchanges.filter((exchange) => names(policy, exchange.host));
    if (exchanges.length > 0) return this.#routeOver({ ...mx, exchanges }, { mtaSts: 'enforce' });
    const found = mx.exchanges.map((exchange) => exchange.host).join(', ');
    const detail = `MTA-STS: the policy of ${domain} names none of its MX hosts (${found})`;
    return { kind: 'failed', bounceClass: 'tls', detail: detail.slice(0, 500) };
  }

  #routeOver(mx: Extract<MxAnswer, { kind: 'exchanges' }>, security: RouteSecurity): RouteAnswer {
    const best = mx.exchanges[0];
    const provider = best ? (this.#ports.generation().providerOf(best.host)?.key ?? null) : null;
    return {
      kind: 'route',
      route: {
        site: siteName(mx.exchanges.map((exchange) => exchange.host)),
        ...{ provider, exchanges: mx.exchanges, port: smtpPort },
        ...security,
        ...(mx.secure ? { secure: true } : {}),
      },
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
      if (exchanges.length > 0) return keep({ kind: 'exchanges', exchanges, secure: answer.secure === true }, untilMs);
      return keep({ kind: 'failed', detail: `the MX records of ${domain} name no host` }, nowMs + failedTtlSeconds * 1000);
    }
    const negativeUntilMs = nowMs + ttlMs(answer.ttlSeconds, negativeTtlSeconds);
    switch (answer.kind) {
      case 'none':
        // RFC 5321 section 5.1: without MX records the domain itself is the host.
        return keep({ kind: 'exchanges', exchanges: [{ host: domain, preference: 0 }], secure: answer.secure === true }, negativeUntilMs);
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

  /** Validated TLSA records of a host; null where DANE does not apply, a text where that cannot be known now. */
  async #tlsa(dane: boolean, host: string, addresses: DnsAnswer<string>, port: number): Promise<TlsaRecord[] | string | null> {
    // Only where the way to the host is validated too; elsewhere no question is asked. RFC 7672 section 2.2.2
    if (!dane || !addresses.ok || addresses.secure !== true) return null;
    const name = `_${port}._tcp.${host}`;
    const answer = await this.#cachedAnswer(this.#tlsaAnswers, this.#tlsaQueries, name, () => this.#ports.resolver.tlsa(name));
    if (answer.ok) return answer.secure === true ? answer.records : null;
    return answer.kind === 'failed' ? answer.detail : null;
  }

  async #addressesOf(host: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    if (isIPv4(host) || isIPv6(host)) {
      const fits = (family === 6) === isIPv6(host);
      return fits
        ? { ok: true, records: [host], ttlSeconds: 0 }
        : { ok: false, kind: 'none', detail: `is no IPv${family} address`, ttlSeconds: 0 };
    }
    return this.#cachedAnswer(this.#addresses, this.#addressQueries, `${family} ${host}`, () =>
      this.#ports.resolver.addresses(host, family),
    );
  }

  /** Asks once for equal questions and keeps the answer for its time. Never rejects. */
  #cachedAnswer<T>(
    cache: AnswerCache<DnsAnswer<T>>,
    queries: Map<string, Promise<DnsAnswer<T>>>,
    key: string,
    ask: () => Promise<DnsAnswer<T>>,
  ): Promise<DnsAnswer<T>> {
    const known = cache.get(key, this.#ports.clock.nowMs());
    if (known) return Promise.resolve(known);
    const running = queries.get(key);
    if (running) return running;
    const question = this.#slots
      .run(ask)
      .catch((error: unknown): DnsAnswer<T> => ({ ok: false, kind: 'failed', detail: String(error).slice(0, 200), ttlSeconds: 0 }))
      .then((answer) => {
        queries.delete(key);
        const longest = answer.ok ? longestTtlSeconds : answer.kind === 'failed' ? failedTtlSeconds : negativeTtlSeconds;
        const seconds = Math.min(Math.max(answer.ttlSeconds, failedTtlSeconds), longest);
        cache.set(key, answer, this.#ports.clock.nowMs() + seconds * 1000);
        return answer;
      });
    queries.set(key, question);
    return question;
  }
}
