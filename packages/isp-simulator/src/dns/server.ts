// UDP and TCP sockets of the sandbox's DNS, on one loopback address and one port. Nonsense is dropped and counted, never fatal.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { respond } from './wire.ts';
import { overrideKey, type DnsAnswer, type RecordType } from './answer.ts';

const maxTcpConnections = 64;
const tcpIdleMs = 10_000;
const maxOverrides = 1_000;
const portTries = 20;

export class DnsServer {
  readonly #overrides = new Map<string, DnsAnswer>();
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | null = null;
  #tcp: Server | null = null;
  #queries = 0;

  get queries(): number {
    return this.#queries;
  }

  /** Makes the server say this to one question, true or not; null takes it back. */
  override(name: string, type: RecordType, answer: DnsAnswer | null): void {
    if (answer === null) this.#overrides.delete(overrideKey(name, type));
    else if (this.#overrides.size < maxOverrides) this.#overrides.set(overrideKey(name, type), answer);
    else throw new Error(`at most ${maxOverrides} DNS answers can be replaced`);
  }

  /** Listens on UDP and TCP with the same port; 0 lets the system choose. Returns `address:port`. */
  async listen(address: string, port: number): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#listenOnce(address, port);
      } catch (error) {
        await this.close();
        // The port that TCP was given may be taken for UDP.
        if (port !== 0 || attempt === portTries || !(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      }
    }
  }

  async #listenOnce(address: string, port: number): Promise<string> {
    const tcp = createServer((socket) => this.#serveTcp(socket));
    tcp.maxConnections = maxTcpConnections;
    this.#tcp = tcp;
    await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(port, address, resolve));
    const chosen = (tcp.address() as AddressInfo).port;
    const udp = createSocket('udp4');
    this.#udp = udp;
    await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(chosen, address, resolve));
    udp.on('error', () => undefined);
    udp.on('message', (query, peer) => {
      const response = this.#respond(query, 'udp');
      if (response) udp.send(response, peer.port, peer.address, () => undefined);
    });
    return `${address}:${chosen}`;
  }

  #respond(query: Buffer, transport: 'udp' | 'tcp'): Buffer | null {
    this.#queries += 1;
    try {
      return respond(query, this.#overrides, transport);
    } catch {
      return null; // a packet that the codec cannot express gets no answer
    }
  }

  #serveTcp(socket: Socket): void {
    let waiting: Buffer = Buffer.alloc(0);
    this.#connections.add(socket);
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      // Two octets of length before every message. RFC 1035 section 4.2.2.
      while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
        const end = 2 + waiting.readUInt16BE(0);
        const response = this.#respond(waiting.subarray(2, end), 'tcp');
        waiting = waiting.subarray(end);
        if (!response) continue;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(response.length);
        socket.write(Buffer.concat([length, response]));
      }
    });
  }

  async close(): Promise<void> {
    const tcp = this.#tcp;
    const udp = this.#udp;
    this.#tcp = null;
    this.#udp = null;
    for (const socket of this.#connections) socket.destroy();
    if (tcp?.listening) await new Promise<void>((resolve) => tcp.close(() => resolve()));
    if (udp) await new Promise<void>((resolve) => udp.close(() => resolve())).catch(() => undefined);
  }
}
