// Addresses of hosts, by family. What is known is there synchronously, so that a source of a family that a site lacks is passed over
// without waiting. An address in place of a name is its own answer.
import { isIPv4, isIPv6 } from 'node:net';
import type { Clock, DnsAnswer, Resolver } from '../ports.ts';
import { DnsAnswers } from './dns-answers.ts';
import type { QuerySlots } from './query-slots.ts';

export class HostAddresses {
  readonly #resolver: Resolver;
  readonly #answers: Readonly<Record<4 | 6, DnsAnswers<string>>>;

  constructor(resolver: Resolver, clock: Clock, slots: QuerySlots) {
    this.#resolver = resolver;
    this.#answers = { 4: new DnsAnswers(clock, slots), 6: new DnsAnswers(clock, slots) };
  }

  clear(): void {
    for (const answers of Object.values(this.#answers)) answers.clear();
  }

  forget(host: string): void {
    for (const answers of Object.values(this.#answers)) answers.forget(host);
  }

  /** What is known now; undefined when it has to be asked. */
  known(host: string, family: 4 | 6): DnsAnswer<string> | undefined {
    return this.#answers[family].known(host) ?? literal(host, family);
  }

  /** Never rejects. */
  async of(host: string, family: 4 | 6): Promise<DnsAnswer<string>> {
    return this.known(host, family) ?? this.#answers[family].of(host, () => this.#resolver.addresses(host, family));
  }
}

function literal(host: string, family: 4 | 6): DnsAnswer<string> | undefined {
  if (!isIPv4(host) && !isIPv6(host)) return undefined;
  if ((family === 6) === isIPv6(host)) return { ok: true, records: [host], ttlSeconds: 0 };
  return { ok: false, kind: 'none', detail: `is no IPv${family} address`, ttlSeconds: 0 };
}
