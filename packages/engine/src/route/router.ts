// Domain -> route. A static route of the configuration wins; an address literal is its own route; else MX records, and without any the
// domain itself (RFC 5321 section 5.1). Answers are cached for their time to live within bounds, equal questions share one look-up, and
// the cached answer is there synchronously: the queue asks for every entry.
import { isIP } from 'node:net';
import { providerOfHosts, siteName } from '@sluice/policy';
import type { Generation } from '../config/generation.ts';
import type { EgressMode } from '../entry.ts';
import { parseIp } from '../host/address.ts';
import { unreachable, type Reach } from '../host/reach.ts';
import type { Clock, Random, Resolver, RouteHost, TlsaRecord } from '../ports.ts';
import { AnswerCache } from './answer-cache.ts';
import { DnsAnswers } from './dns-answers.ts';
import { fixedRoute } from './fixed-route.ts';
import { HostAddresses } from './host-addresses.ts';
import type { PolicySource } from './mta-sts.ts';
import { names, type StsPolicy } from './mta-sts-policy.ts';
import { QuerySlots } from './query-slots.ts';
import type { RouteSecurity } from './security.ts';
import { TriedHosts } from './tried-hosts.ts';
import { isNullMx, orderedExchanges, smtpPort, type Exchange, type HostsAnswer, type Route, type RouteAnswer } from './route.ts';

export const maxCachedDomains = 200_000;
/** Routes are made from what DNS said of their domain in a moment: kept for those that are used again and again. */
export const maxCachedRoutes = 20_000;
export const maxQueries = 64;
const shortestTtlSeconds = 30;
const longestTtlSeconds = 3600;
const negativeTtlSeconds = 300;
const failedTtlSeconds = 10;
const pressureTtlSeconds = 1;
/** Hosts whose addresses are looked up for one connection, at most. */
export const maxHostsPerConnection = 5;
/** Addresses of one host that are tried. */
export const maxAddressesPerHost = 4;

export type RouterPorts = {
  resolver: Resolver;
  clock: Clock;
  random: Random;
  generation: () => Generation;
  egress: EgressMode;
  mtaSts?: PolicySource;
};
/** What the mail wants of hosts besides their taking it. */
export type HostWishes = { readonly dane?: boolean; readonly privateHosts?: boolean };
/** Whether a site has a host in a family; null until it was asked. */
type FamilyKnown = boolean | null;
type MxAnswer = { kind: 'exchanges'; exchanges: Exchange[]; secure: boolean } | Exclude<RouteAnswer, { kind: 'route' }>;

const routeKey = (domain: string, tlsOptional: boolean): string => (tlsOptional ? `${domain} tls optional` : domain);

function ttlMs(seconds: number, longest: number): number {
  return Math.min(Math.max(seconds, shortestTtlSeconds), longest) * 1000;
}

export class Router {
  readonly #ports: RouterPorts;
  readonly #domains = new AnswerCache<MxAnswer>(maxCachedDomains);
  readonly #routes = new AnswerCache<RouteAnswer>(maxCachedRoutes);
  readonly #inFlight = new Map<string, Promise<RouteAnswer>>();
  readonly #slots = new QuerySlots(maxQueries);
  readonly #addresses: HostAddresses;
  readonly #tlsaAnswers: DnsAnswers<TlsaRecord>;
  readonly #tried: TriedHosts;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
    this.#addresses = new HostAddresses(ports.resolver, ports.clock, this.#slots);
    this.#tlsaAnswers = new DnsAnswers(ports.clock, this.#slots);
    this.#tried = new TriedHosts(this.#addresses, this.#tlsaAnswers, ports.resolver);
  }

  /** The route as known now; null when it has to be looked up. `tlsOptional`: the domain's policy takes no host away. RFC 8689 section 4.1 */
  cached(domain: string, tlsOptional = false): RouteAnswer | null {
    const nowMs = this.#ports.clock.nowMs();
    const key = routeKey(domain, tlsOptional);
    const known = this.#routes.get(key, nowMs);
    if (known) return known;
    const fixed = fixedRoute(domain, this.#ports.generation(), (hosts) => this.#providerOf(hosts), this.#ports.egress);
    if (fixed) {
      this.#routes.set(key, fixed, nowMs + longestTtlSeconds * 1000);
      return fixed;
    }
    const mx = this.#domains.get(domain, nowMs);
    if (!mx) return null;
    const policy = tlsOptional ? null : this.#policyOf(domain, nowMs);
    if (policy === undefined) return null;
    const answer = this.#answer(domain, mx, policy);
    // A failure is kept no longer than its look-up says.
    if (answer.kind !== 'failed') this.#routes.set(key, answer, nowMs + shortestTtlSeconds * 1000);
    return answer;
  }

  /** The route, looked up if need be. Never rejects. */
  find(domain: string, tlsOptional = false): Promise<RouteAnswer> {
    const known = this.cached(domain, tlsOptional);
    if (known) return Promise.resolve(known);
    const key = routeKey(domain, tlsOptional);
    const running = this.#inFlight.get(key);
    if (running) return running;
    const mx = this.#lookUp(domain).catch((error: unknown): MxAnswer => ({
      kind: 'failed',
      detail: `DNS look-up failed: ${String(error)}`.slice(0, 500),
    }));
    const policy = tlsOptional ? null : this.#policyOf(domain, this.#ports.clock.nowMs());
    const question = Promise.all([mx, policy === undefined ? this.#findPolicy(domain) : policy]).then(([found, policy]) => {
      this.#inFlight.delete(key);
      return this.#answer(domain, found, policy);
    });
    this.#inFlight.set(key, question);
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
      this.#tlsaAnswers.clear();
      return;
    }
    const known = this.#domains.get(domain, this.#ports.clock.nowMs());
    this.#domains.forget(domain);
    for (const tlsOptional of [false, true]) this.#routes.forget(routeKey(domain, tlsOptional));
    if (known?.kind === 'exchanges') for (const { host } of known.exchanges) this.#addresses.forget(host);
  }

  /** Whether the hosts of the route have addresses of the family, as far as is known without asking. */
  familyKnown({ exchanges }: Route, family: 4 | 6): FamilyKnown {
    let unknown = false;
    for (const { host } of exchanges.slice(0, maxHostsPerConnection)) {
      const answer = this.#addresses.known(host, family);
      // A failed answer says nothing about what is there.
      if (answer && (answer.ok || answer.kind === 'failed')) return true;
      unknown ||= answer === undefined;
    }
    return unknown ? null : false;
  }

  /** Asks for what `familyKnown` does not know yet, of both families. */
  async learnFamilies({ exchanges }: Route): Promise<void> {
    const hosts = exchanges.slice(0, maxHostsPerConnection);
    await Promise.all(hosts.flatMap(({ host }) => [this.#addresses.of(host, 4), this.#addresses.of(host, 6)]));
  }

  /**
   * Addresses to try for one connection, best host first, hosts of equal preference in random order. RFC 5321 section 5.1. In internet
   * mode addresses that strangers must not name are left out; `privateHosts` lets those of private networks in.
   */
  async hosts(route: Route, family: 4 | 6, { dane = false, privateHosts = false }: HostWishes = {}): Promise<HostsAnswer> {
    const tried = this.#shuffled(route.exchanges)
      .slice(0, maxHostsPerConnection)
      .map(({ host, port = route.port }) => ({ host, port }));
    const looked = await this.#tried.of(tried, family, dane);
    const reach: Reach = route.fixed ? 'any' : privateHosts ? 'private' : 'public';
    const hosts: RouteHost[] = [];
    let detail = `no IPv${family} address`;
    let pressure = false;
    let unproven = false;
    for (const { name, port, answer, tlsa } of looked) {
      if (!answer.ok) {
        detail = `${name}: ${answer.detail}`;
        pressure ||= answer.kind === 'failed' && answer.pressure === true;
        continue;
      }
      // Whether such a host has records is not known, and who could hide them could also be in the middle. RFC 7672 section 2.1.2
      if (typeof tlsa === 'string') {
        detail = `DANE: ${name}: ${tlsa}`;
        unproven = true;
        continue;
      }
      for (const address of answer.records.slice(0, maxAddressesPerHost)) {
        const refused = this.#refused(address, reach);
        if (refused === null) hosts.push({ name, address, port, reach, ...tlsa });
        else detail = `${name}: ${refused}`;
      }
    }
    if (hosts.length > 0) return { ok: true, hosts };
    return { ok: false, pressure, unproven, detail: `no address of ${route.site}: ${detail}`.slice(0, 500) };
  }

  #shuffled(exchanges: readonly Exchange[]): readonly Exchange[] {
    if (exchanges.length < 2) return exchanges;
    return exchanges
      .map((exchange) => ({ exchange, order: this.#ports.random.fraction() }))
      .sort((a, b) => a.exchange.preference - b.exchange.preference || a.order - b.order)
      .map(({ exchange }) => exchange);
  }

  #refused(address: string, reach: Reach): string | null {
    // In sandbox mode only loopback is dialled, and the dialer sees to that.
    if (this.#ports.egress !== 'internet') return null;
    const ip = parseIp(address);
    return ip ? unreachable(ip, reach) : `${address} is not an IP address`;
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
    const hosts = mx.exchanges.map((exchange) => exchange.host);
    return {
      kind: 'route',
      route: {
        ...{ site: siteName(hosts), provider: this.#providerOf(hosts), exchanges: mx.exchanges, port: smtpPort },
        ...security,
        ...(mx.secure ? { secure: true } : {}),
      },
    };
  }

  #providerOf(hosts: readonly string[]): string | null {
    const generation = this.#ports.generation();
    return providerOfHosts(hosts, (host) => (isIP(host) === 0 ? (generation.providerOf(host)?.key ?? null) : null));
  }

  async #lookUp(domain: string): Promise<MxAnswer> {
    const answer = await this.#slots.run(() => this.#ports.resolver.mx(domain));
    // RFC 5321 section 5.1: without MX records the domain itself is the host; without an address of its own there is none.
    const itself = !answer.ok && answer.kind === 'none' ? await this.#itself(domain) : null;
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
        return keep(
          itself ?? { kind: 'exchanges', exchanges: [{ host: domain, preference: 0 }], secure: answer.secure === true },
          negativeUntilMs,
        );
      case 'nxdomain':
        return keep(
          { kind: 'bounce', enhanced: '5.1.2', bounceClass: 'bad_domain', detail: `domain not found: ${domain}` },
          negativeUntilMs,
        );
      case 'failed':
        return keep(
          { kind: 'failed', detail: `MX look-up of ${domain} failed: ${answer.detail}`.slice(0, 500), pressure: answer.pressure === true },
          nowMs + (answer.pressure ? pressureTtlSeconds : failedTtlSeconds) * 1000,
        );
    }
  }

  /** The bounce of a domain that surely has neither MX nor address; null while it has one, or may have. */
  async #itself(domain: string): Promise<MxAnswer | null> {
    const answers = await Promise.all([this.#addresses.of(domain, 4), this.#addresses.of(domain, 6)]);
    if (answers.some((answer) => answer.ok || answer.kind === 'failed')) return null;
    // RFC 3463 section 3.5: unable to route.
    return { kind: 'bounce', enhanced: '5.4.4', bounceClass: 'bad_domain', detail: `${domain} has neither MX nor address records` };
  }
}
