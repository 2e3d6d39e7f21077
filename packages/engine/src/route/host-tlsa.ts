// The TLSA records that stand for a host: whether DANE applies to it at all, and under which name they are looked for. Nothing is asked
// where the way to the host was not validated. RFC 7672 section 2.2.2, RFC 7671 section 7
import type { DnsAnswer, Resolver, RouteHost, TlsaRecord } from '../ports.ts';
import type { DnsAnswers } from './dns-answers.ts';

/** `base` where it is not the host's own name. A text: records may be there, but that cannot be known now. */
export type HostTlsa = Pick<RouteHost, 'tlsa' | 'tlsaBase'> | string;

const none: HostTlsa = {};

/** Never rejects. */
export async function hostTlsa(
  host: string,
  port: number,
  addresses: DnsAnswer<string>,
  answers: DnsAnswers<TlsaRecord>,
  resolver: Resolver,
): Promise<HostTlsa> {
  if (!addresses.ok) return none;
  for (const base of baseDomains(host, addresses)) {
    const name = `_${port}._tcp.${base}`;
    const answer = await answers.of(name, () => resolver.tlsa(name));
    if (answer.ok && answer.secure === true) return base === host ? { tlsa: answer.records } : { tlsa: answer.records, tlsaBase: base };
    if (!answer.ok && answer.kind === 'failed') return answer.detail;
  }
  return none;
}

/** In the order in which they are asked: the name at the end of the aliases, where every one of them is validated, then the host's own. */
function baseDomains(host: string, { secure, alias }: Extract<DnsAnswer<string>, { ok: true }>): string[] {
  if (secure === true) return alias ? [alias.canonical, host] : [host];
  return alias?.secure ? [host] : [];
}
