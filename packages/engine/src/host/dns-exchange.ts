// One question to one DNS server and back: UDP from a fresh random port, TCP when the answer was cut. What comes back is parsed and
// checked against the question here, so that nobody above ever sees a packet that was not asked for. RFC 1035, RFC 5452, RFC 7766.
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { AUTHENTIC_DATA, decode, encode, RECURSION_DESIRED, type DecodedPacket } from 'dns-packet';
import type { Clock, Random } from '../ports.ts';

export type DnsServer = { address: string; port: number };
export type DnsQuestion = { name: string; type: 'MX' | 'A' | 'AAAA' | 'TXT' | 'TLSA' | 'CNAME' | 'PTR' };
/** `pressure`: no socket was to be had; the server was not asked. */
export type DnsReply = { ok: true; rcode: string; packet: DecodedPacket } | { ok: false; detail: string; pressure?: boolean };

/** What fits in one packet on every sane path; larger answers come by TCP. DNS flag day 2020. */
const UDP_PAYLOAD_BYTES = 1232;
const MAX_TCP_MESSAGE_BYTES = 65_535;

type Ports = { clock: Clock; random: Random };

function buildQuery(question: DnsQuestion, id: number): Buffer {
  const edns = { type: 'OPT' as const, name: '.' as const, udpPayloadSize: UDP_PAYLOAD_BYTES, flags: 0, options: [] };
  // AD in a question asks for AD in the answer, without the signatures that DO would bring along. RFC 6840 section 5.7
  // The library takes further OPT fields, which its types do not all know.
  return encode({ type: 'query', id, flags: RECURSION_DESIRED | AUTHENTIC_DATA, questions: [question], additionals: [edns as never] });
}

/** Null when the bytes are not the answer to this question. RFC 5452 section 9.1. */
function readAnswer(bytes: Buffer, question: DnsQuestion, id: number): DecodedPacket | null {
  let packet: DecodedPacket;
  try {
    packet = decode(bytes);
  } catch {
    return null;
  }
  const asked = packet.questions?.[0];
  const same = packet.id === id && packet.type === 'response' && asked?.type === question.type;
  return same && asked?.name.toLowerCase() === question.name.toLowerCase() ? packet : null;
}

function replyOf(packet: DecodedPacket): DnsReply {
  // `rcode` is there on every decoded packet, though the library's types leave it out.
  const rcode = 'rcode' in packet && typeof packet.rcode === 'string' ? packet.rcode : 'UNKNOWN';
  return { ok: true, rcode, packet };
}

/** What a machine without free sockets, ports or buffers says. */
const scarce: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

function failed(error: NodeJS.ErrnoException): DnsReply {
  return { ok: false, detail: error.message, ...(scarce.has(error.code ?? '') && { pressure: true }) };
}

function overUdp(server: DnsServer, question: DnsQuestion, timeoutMs: number, ports: Ports): Promise<DnsReply> {
  return new Promise((resolve) => {
    const id = (ports.random.bytes(2)[0] ?? 0) * 256 + (ports.random.bytes(1)[0] ?? 0);
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    let settled = false;
    const settle = (reply: DnsReply) => {
      if (settled) return;
      settled = true;
      cancel();
      socket.close();
      resolve(reply);
    };
    const cancel = ports.clock.setTimer(timeoutMs, () => settle({ ok: false, detail: 'no answer in time' }));
    socket.on('error', (error) => settle(failed(error)));
    socket.on('message', (bytes) => {
      const packet = readAnswer(bytes, question, id);
      // A packet that does not fit the question is ignored, not believed: the right one may still come.
      if (packet) settle(replyOf(packet));
    });
    // Connected, so that the kernel drops packets from anyone but this server.
    socket.connect(server.port, server.address, () => {
      if (!settled) socket.send(buildQuery(question, id));
    });
  });
}

function overTcp(server: DnsServer, question: DnsQuestion, timeoutMs: number, ports: Ports): Promise<DnsReply> {
  return new Promise((resolve) => {
    const id = (ports.random.bytes(2)[0] ?? 0) * 256 + (ports.random.bytes(1)[0] ?? 0);
    const socket = connect({ host: server.address, port: server.port, autoSelectFamily: false });
    let received = Buffer.alloc(0);
    const settle = (reply: DnsReply) => {
      cancel();
      socket.destroy();
      resolve(reply);
    };
    const cancel = ports.clock.setTimer(timeoutMs, () => settle({ ok: false, detail: 'no answer in time over TCP' }));
    socket.on('error', (error) => settle(failed(error)));
    socket.on('close', () => settle({ ok: false, detail: 'server closed the TCP connection' }));
    socket.on('connect', () => {
      const query = buildQuery(question, id);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query])); // RFC 1035 section 4.2.2
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const wanted = received.readUInt16BE(0);
      if (received.length > MAX_TCP_MESSAGE_BYTES + 2) return settle({ ok: false, detail: 'answer too long' });
      if (received.length < wanted + 2) return;
      const packet = readAnswer(received.subarray(2, wanted + 2), question, id);
      settle(packet ? replyOf(packet) : { ok: false, detail: 'answer does not fit the question' });
    });
  });
}

/** Asks one server once. Never rejects. */
export async function askServer(server: DnsServer, question: DnsQuestion, timeoutMs: number, ports: Ports): Promise<DnsReply> {
  const reply = await overUdp(server, question, timeoutMs, ports);
  if (!reply.ok || !reply.packet.flag_tc) return reply;
  return overTcp(server, question, timeoutMs, ports);
}
