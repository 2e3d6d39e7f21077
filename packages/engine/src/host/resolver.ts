// Names to mail hosts and addresses, with the time for which each answer holds: the router caches by it. Asks the given servers in turn
// and says exactly which kind of "no" it got, since "no such domain" ends a message and "no answer" only delays it.
import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import type { Answer } from 'dns-packet';
import type { Clock, DnsAnswer, Random, Resolver, TlsaRecord } from '../ports.ts';
import { askServer, type DnsQuestion, type DnsReply, type DnsServer } from './dns-exchange.ts';
import { systemRandom } from './random.ts';

const DNS_PORT = 53;
const QUERY_TIMEOUT_MS = 3_000;
const ROUNDS = 2;
const MAX_SERVERS = 4;
/** Queries on the wire at once; each is a socket. Others wait in order, and past the second bound fail at once. */
const MAX_OUTSTANDING = 256;
const MAX_WAITING = 50_000;
/** So many unanswered questions in a row speak of the servers or the load, not of the names. */
const UNANSWERED_IS_OVERLOAD = 32;
const MAX_RECORDS = 100;
const MAX_CNAME_CHAIN = 8; // RFC 1034 section 3.6.2 leaves the number open
const MAX_TTL_SECONDS = 86_400;
const MAX_NEGATIVE_TTL_SECONDS = 3_600; // RFC 2308 section 5 advises 1 to 3 hours
const NEGATIVE_TTL_WITHOUT_SOA_SECONDS = 60;
const FAILURE_TTL_SECONDS = 15;

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;

export type ResolverOptions = {
  servers?: readonly string[];
  random?: Random;
  queryTimeoutMs?: number;
  /** The servers validate DNSSEC and nobody can tamper with what they say: their AD bit is believed. RFC 7672 section 2.2 */
  trusted?: boolean;
};

/** Reads `1.2.3.4`, `1.2.3.4:5353`, `::1` or `[::1]:5353`; null for anything else. */
export function parseServer(text: string): DnsServer | null {
  if (isIP(text) !== 0) return { address: text, port: DNS_PORT };
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(text);
  const address = match?.groups?.['six'] ?? match?.groups?.['four'] ?? '';
  const port = Number(match?.groups?.['port'] ?? DNS_PORT);
  return isIP(address) !== 0 && port >= 1 && port <= 65_535 ? { address, port } : null;
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Follows aliases inside one answer: the records found at their end, its name, the shortest TTL on the way. RFC 2181 section 5.2. */
function collect(answers: readonly Answer[], question: DnsQuestion): { name: string; records: Answer[]; ttlSeconds: number } {
  let name = question.name;
  let ttlSeconds = MAX_TTL_SECONDS;
  for (let hop = 0; hop <= MAX_CNAME_CHAIN; hop += 1) {
    const here = answers.filter((answer) => canonicalName(answer.name) === name);
    const records = here.filter((answer) => answer.type === question.type).slice(0, MAX_RECORDS);
    for (const record of records) ttlSeconds = Math.min(ttlSeconds, ttlOf(record));
    if (records.length > 0) return { name, records, ttlSeconds };
    const alias = here.find((answer) => answer.type === 'CNAME');
    if (!alias || alias.type !== 'CNAME') break;
    ttlSeconds = Math.min(ttlSeconds, ttlOf(alias));
    name = canonicalName(alias.data);
  }
  return { name, records: [], ttlSeconds };
}

function ttlOf(answer: Answer): number {
  return 'ttl' in answer && typeof answer.ttl === 'number' ? Math.max(0, answer.ttl) : 0;
}

/** RFC 2308 section 5: the lesser of the SOA's own TTL and its minimum field. */
function negativeTtl(authorities: readonly Answer[]): number {
  for (const record of authorities) {
    if (record.type === 'SOA') return Math.min(record.ttl ?? 0, record.data.minimum ?? 0, MAX_NEGATIVE_TTL_SECONDS);
  }
  return NEGATIVE_TTL_WITHOUT_SOA_SECONDS;
}

/** Turns a reply into an answer; null when another server should be asked. Exported for tests. */
export function readReply<T>(
  reply: DnsReply,
  question: DnsQuestion,
  read: (record: Answer) => T | null,
  trusted = false,
): DnsAnswer<T> | null {
  if (!reply.ok) return null;
  const answer = readUnsigned(reply, question, read, trusted);
  if (answer && trusted && reply.packet.flag_ad) answer.secure = true;
  return answer;
}

function readUnsigned<T>(
  reply: Extract<DnsReply, { ok: true }>,
  question: DnsQuestion,
  read: (record: Answer) => T | null,
  trusted: boolean,
): DnsAnswer<T> | null {
  const authorities = reply.packet.authorities ?? [];
  if (reply.rcode === 'NXDOMAIN')
    return { ok: false, kind: 'nxdomain', detail: `no such name: ${question.name}`, ttlSeconds: negativeTtl(authorities) };
  if (reply.rcode !== 'NOERROR') return null;
  const found = collect(reply.packet.answers ?? [], question);
  if (found.records.length === 0) {
    return { ok: false, kind: 'none', detail: `${question.name} has no ${question.type} record`, ttlSeconds: negativeTtl(authorities) };
  }
  const records = found.records.map(read).filter((record) => record !== null);
  if (records.length === 0)
    return { ok: false, kind: 'failed', detail: `${question.type} of ${question.name} is malformed`, ttlSeconds: FAILURE_TTL_SECONDS };
  const secure = trusted && reply.packet.flag_ad;
  const alias = found.name === question.name ? null : { canonical: found.name, secure };
  return { ok: true, records, ttlSeconds: found.ttlSeconds, ...(alias && { alias }) };
}

function readExchange(record: Answer): { exchange: string; preference: number } | null {
  if (record.type !== 'MX') return null;
  const exchange = canonicalName(record.data.exchange);
  // The root as only exchange means "takes no mail"; it shows as an empty name. RFC 7505 section 3.
  if (exchange !== '' && !HOST_NAME.test(exchange)) return null;
  return { exchange, preference: record.data.preference ?? 0 };
}

const MAX_TXT_CHARS = 4096;

function readText(record: Answer): string | null {
  if (record.type !== 'TXT') return null;
  const parts = Array.isArray(record.data) ? record.data : [record.data];
  return parts
    .map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('latin1')))
    .join('')
    .slice(0, MAX_TXT_CHARS);
}

function readTlsa(record: Answer): TlsaRecord | null {
  if (record.type !== 'TLSA') return null;
  const { usage, selector, matchingType, certificate } = record.data;
  return { usage, selector, matchingType, data: certificate };
}

/** A queue in front of the network: at most `MAX_OUTSTANDING` questions are open at once. */
function createGate() {
  let open = 0;
  const waiting: (() => void)[] = [];
  return {
    enter(): Promise<boolean> {
      if (open < MAX_OUTSTANDING) {
        open += 1;
        return Promise.resolve(true);
      }
      if (waiting.length >= MAX_WAITING) return Promise.resolve(false);
      return new Promise((resolve) => waiting.push(() => resolve(true)));
    },
    leave() {
      const next = waiting.shift();
      if (next) next();
      else open -= 1;
    },
  };
}

/** A resolver over explicit servers, or those of the machine. Does not cache; answers carry their TTL. Never rejects. */
export function createResolver(options: ResolverOptions, clock: Clock): Resolver {
  const random = options.random ?? systemRandom;
  const timeoutMs = options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  const servers = (options.servers ?? getServers())
    .map(parseServer)
    .filter((server) => server !== null)
    .slice(0, MAX_SERVERS);
  const gate = createGate();

  /** Questions in a row that no server answered at all. */
  let unanswered = 0;

  async function ask<T>(question: DnsQuestion, read: (record: Answer) => T | null): Promise<DnsAnswer<T>> {
    if (!(await gate.enter()))
      return { ok: false, kind: 'failed', detail: 'too many DNS questions waiting', ttlSeconds: 0, pressure: true };
    let detail = servers.length === 0 ? 'no DNS server is set' : '';
    let pressure = false;
    try {
      for (let attempt = 0; attempt < servers.length * ROUNDS; attempt += 1) {
        const server = servers[attempt % servers.length];
        if (!server) break;
        const reply = await askServer(server, question, timeoutMs, { clock, random });
        if (reply.ok) unanswered = -1;
        const answer = readReply(reply, question, read, options.trusted);
        if (answer) return answer;
        pressure = !reply.ok && reply.pressure === true;
        detail = reply.ok ? `${server.address} answered ${reply.rcode}` : `${server.address}: ${reply.detail}`;
      }
    } finally {
      gate.leave();
    }
    unanswered += 1;
    if (unanswered >= UNANSWERED_IS_OVERLOAD) pressure = true;
    return {
      ok: false,
      kind: 'failed',
      detail: `${question.type} of ${question.name}: ${detail}`.slice(0, 300),
      ttlSeconds: FAILURE_TTL_SECONDS,
      ...(pressure && { pressure }),
    };
  }

  const refused = (name: string): DnsAnswer<never> => ({
    ok: false,
    kind: 'nxdomain',
    detail: `not a domain name: ${JSON.stringify(name.slice(0, 100))}`,
    ttlSeconds: MAX_NEGATIVE_TTL_SECONDS,
  });
  return {
    async mx(domain) {
      const name = canonicalName(domain);
      return HOST_NAME.test(name) ? ask({ name, type: 'MX' }, readExchange) : refused(domain);
    },
    async addresses(host, family) {
      const name = canonicalName(host);
      const type = family === 4 ? 'A' : 'AAAA';
      const read = (record: Answer) => (record.type === type && isIP(record.data) === family ? record.data : null);
      if (!HOST_NAME.test(name)) return refused(host);
      const answer = await ask({ name, type }, read);
      if (!options.trusted || !answer.ok || !answer.alias || answer.alias.secure) return answer;
      // The way ends in an unsigned zone; the alias itself may still be vouched for, and then TLSA records of its name count.
      const own = await ask({ name, type: 'CNAME' }, (record) => (record.type === 'CNAME' ? record.data : null));
      return own.ok && own.secure ? { ...answer, alias: { ...answer.alias, secure: true } } : answer;
    },
    async txt(name) {
      const asked = canonicalName(name);
      return HOST_NAME.test(asked) ? ask({ name: asked, type: 'TXT' }, readText) : refused(name);
    },
    async ptr(name) {
      const asked = canonicalName(name);
      const read = (record: Answer) =>
        record.type === 'PTR' && HOST_NAME.test(canonicalName(record.data)) ? canonicalName(record.data) : null;
      return HOST_NAME.test(asked) ? ask({ name: asked, type: 'PTR' }, read) : refused(name);
    },
    async tlsa(name) {
      const asked = canonicalName(name);
      return HOST_NAME.test(asked) ? ask({ name: asked, type: 'TLSA' }, readTlsa) : refused(name);
    },
  };
}
