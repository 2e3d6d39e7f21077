// DNS packets: octets of a query in, octets of a response out. Anything that is not one plain question is answered FORMERR or dropped.
import {
  decode,
  encode,
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  type Answer,
  type Packet,
} from 'dns-packet';
import { answer, type DnsAnswer, type Overrides } from './answer.ts';

const ttlSeconds = 60;
const maxUdpBytes = 1232;
const rcodes = { noerror: 0, formerr: 1, servfail: 2, nxdomain: 3, notimp: 4 } as const;
const headerBytes = 12;

/**
 * A query asks one question and brings no records but EDNS options. Counts are looked at first: the codec makes room for as many
 * records as a header claims, up to 65,535 of each.
 */
function isPlainQuery(query: Buffer): boolean {
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((offset) => query.readUInt16BE(offset));
  return questions === 1 && answers === 0 && authorities === 0 && (additionals ?? 0) <= 1;
}

function decoded(query: Buffer): Packet | null {
  try {
    return isPlainQuery(query) ? decode(query) : null;
  } catch {
    return null;
  }
}

/** The response to send, or null when the query deserves none. */
export function respond(query: Buffer, overrides: Overrides, transport: 'udp' | 'tcp'): Buffer | null {
  if (query.length < headerBytes || (query.readUInt16BE(2) & 0x8000) !== 0) return null; // not a query; answering would loop
  const packet = decoded(query);
  const question = packet?.questions?.[0];
  if (!packet || !question) return encode({ type: 'response', id: query.readUInt16BE(0), flags: rcodes.formerr, questions: [] });
  const flags = AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | ((packet.flags ?? 0) & RECURSION_DESIRED);
  const opcode = (query.readUInt16BE(2) >> 11) & 0xf;
  if (opcode !== 0) return encode({ type: 'response', id: packet.id, flags: flags | rcodes.notimp, questions: [question] });
  const given = answer(question.name, question.type, overrides);
  if (given.kind === 'silence') return null;
  const response: Packet = {
    type: 'response',
    id: packet.id,
    flags: flags | rcodeOf(given),
    questions: [question],
    answers: recordsOf(question.name, given),
    authorities: soaFor(given),
  };
  const bytes = encode(response);
  if (transport === 'tcp' || bytes.length <= maxUdpBytes) return bytes;
  return encode({ ...response, flags: (response.flags ?? 0) | TRUNCATED_RESPONSE, answers: [], authorities: [] });
}

function rcodeOf(given: DnsAnswer): number {
  if (given.kind === 'nxdomain') return rcodes.nxdomain;
  return given.kind === 'servfail' ? rcodes.servfail : rcodes.noerror;
}

function recordsOf(name: string, given: DnsAnswer): Answer[] {
  if (given.kind !== 'records') return [];
  const ttl = given.ttlSeconds ?? ttlSeconds;
  return given.records.map((record): Answer => {
    // A TXT record is strings of at most 255 octets. RFC 1035 section 3.3.14.
    if (record.type === 'TXT') return { type: 'TXT', name, ttl, data: record.data.match(/.{1,255}/gs) ?? [''] };
    return { ...record, name, ttl } as Answer;
  });
}

/** A negative answer may be kept for as long as its SOA says. RFC 2308 section 5. */
function soaFor(given: DnsAnswer): Answer[] {
  if (given.kind !== 'none' && given.kind !== 'nxdomain') return [];
  const data = {
    mname: 'ns.sandbox.example',
    rname: 'hostmaster.sandbox.example',
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86_400,
    minimum: 10,
  };
  return [{ type: 'SOA', name: '', ttl: 10, data }];
}
