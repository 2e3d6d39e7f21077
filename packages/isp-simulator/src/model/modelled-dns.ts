// The sandbox's names without sockets, in the form in which a resolver answers. Domains may be given the hosts that recorded traffic found for
// them; hosts that the sandbox does not have get an address that leads nowhere, for it is only looked at.
import { createHash } from 'node:crypto';
import { answer, type DnsAnswer } from '../dns/answer.ts';

type Found<T> = { ok: true; records: T[]; ttlSeconds: number };
type Missing = { ok: false; kind: 'none' | 'nxdomain' | 'failed'; detail: string; ttlSeconds: number };
type Answered<T> = Promise<Found<T> | Missing>;

const ttlSeconds = 3_600;

export type ModelledDns = {
  mx(domain: string): Answered<{ exchange: string; preference: number }>;
  addresses(host: string, family: 4 | 6): Answered<string>;
  txt(name: string): Answered<never>;
  tlsa(name: string): Answered<never>;
  ptr(name: string): Answered<never>;
};

const nobody = new Map<string, never>();
const none = (detail: string): Answered<never> => Promise.resolve({ ok: false, kind: 'none', detail, ttlSeconds });

/** `mxOf`: the host that is known for a domain; null where the sandbox is to say. */
export function modelledDns(mxOf: (domain: string) => string | null): ModelledDns {
  return {
    mx(domain) {
      const known = mxOf(domain);
      if (known !== null) return Promise.resolve({ ok: true, records: [{ exchange: known, preference: 10 }], ttlSeconds });
      const said = answer(domain, 'MX', nobody);
      if (said.kind !== 'records') return missing(domain, said);
      const records = said.records.flatMap((record) => (record.type === 'MX' ? [record.data] : []));
      return Promise.resolve({ ok: true, records, ttlSeconds });
    },
    addresses(host, family) {
      if (family === 6) return none(`${host} has no AAAA record`);
      const said = answer(host, 'A', nobody);
      const records = said.kind === 'records' ? said.records.flatMap((record) => (record.type === 'A' ? [record.data] : [])) : [];
      return Promise.resolve({ ok: true, records: records.length > 0 ? records : [addressFor(host)], ttlSeconds });
    },
    txt: (name) => none(`${name} has no TXT record`),
    tlsa: (name) => none(`${name} has no TLSA record`),
    ptr: (name) => none(`${name} has no PTR record`),
  };
}

function missing(name: string, said: Exclude<DnsAnswer, { kind: 'records' }>): Answered<never> {
  const kind = said.kind === 'nxdomain' || said.kind === 'none' ? said.kind : 'failed';
  return Promise.resolve({ ok: false, kind, detail: `${name}: ${said.kind}`, ttlSeconds: kind === 'failed' ? 60 : ttlSeconds });
}

function addressFor(host: string): string {
  const [a = 0, b = 0] = createHash('sha256').update(host).digest();
  return `127.200.${a}.${b}`;
}
