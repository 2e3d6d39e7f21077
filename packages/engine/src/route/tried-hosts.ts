// The hosts of one connection with what is known of them: at once where nothing has to be asked, and then without a turn of the event loop.
import type { DnsAnswer, Resolver, TlsaRecord } from '../ports.ts';
import type { DnsAnswers } from './dns-answers.ts';
import type { HostAddresses } from './host-addresses.ts';
import { hostTlsa } from './host-tlsa.ts';

export type Tried = { readonly host: string; readonly port: number };
export type TriedHost = { name: string; port: number; answer: DnsAnswer<string>; tlsa: Awaited<ReturnType<typeof hostTlsa>> };

const noTlsa = {};

export class TriedHosts {
  readonly #addresses: HostAddresses;
  readonly #tlsaAnswers: DnsAnswers<TlsaRecord>;
  readonly #resolver: Resolver;

  constructor(addresses: HostAddresses, tlsaAnswers: DnsAnswers<TlsaRecord>, resolver: Resolver) {
    this.#addresses = addresses;
    this.#tlsaAnswers = tlsaAnswers;
    this.#resolver = resolver;
  }

  of(tried: readonly Tried[], family: 4 | 6, dane: boolean): TriedHost[] | Promise<TriedHost[]> {
    return (dane ? null : this.#known(tried, family)) ?? Promise.all(tried.map((one) => this.#lookUp(one, family, dane)));
  }

  /** Null where one has to be looked up. */
  #known(tried: readonly Tried[], family: 4 | 6): TriedHost[] | null {
    const known: TriedHost[] = [];
    for (const { host, port } of tried) {
      const answer = this.#addresses.known(host, family);
      if (!answer) return null;
      known.push({ name: host, port, answer, tlsa: noTlsa });
    }
    return known;
  }

  async #lookUp({ host, port }: Tried, family: 4 | 6, dane: boolean): Promise<TriedHost> {
    const answer = await this.#addresses.of(host, family);
    const tlsa = dane ? await hostTlsa(host, port, answer, this.#tlsaAnswers, this.#resolver) : noTlsa;
    return { name: host, port, answer, tlsa };
  }
}
