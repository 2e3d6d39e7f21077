// One sandbox host: listens on its own loopback address, counts connections per source, and hands each to a receiver.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { SeededRandom, SimulatorClock } from './clock.ts';
import type { Greylist } from './greylist.ts';
import type { SandboxHost } from './hosts.ts';
import type { Profile, ProfileName } from './profiles.ts';
import type { ReactingProvider } from './reaction/reacting-provider.ts';
import type { ReceivedLog } from './received-log.ts';
import { Receiver } from './smtp/receiver.ts';
import type { SourceLimits } from './source-limits.ts';

export type HostContext = {
  host: SandboxHost;
  /** Null for a host that connects and stays silent. */
  profileName: ProfileName | null;
  profile: () => Profile;
  limits: SourceLimits;
  greylist: Greylist;
  reaction: () => ReactingProvider | null;
  clock: SimulatorClock;
  log: ReceivedLog;
  keepRaw: boolean;
  random: SeededRandom;
  secureContext: SecureContext;
};

const maxConnections = 2_000;
const backlog = 1_024;

export class HostListener {
  readonly #context: HostContext;
  readonly #open = new Set<{ destroy(): void }>();
  #server: Server | null = null;

  constructor(context: HostContext) {
    this.#context = context;
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async listen(port: number): Promise<void> {
    if (this.#server) return;
    const server = createServer((socket) => this.#accept(socket));
    server.maxConnections = maxConnections;
    this.#server = server;
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen({ port, host: this.#context.host.address, backlog, exclusive: true }, resolve),
    );
    server.on('error', () => undefined);
  }

  /** Stops listening and ends every connection at once. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const connection of this.#open) connection.destroy();
    if (server?.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const { profileName, host, limits } = this.#context;
    const source = socket.remoteAddress;
    if (!source) return void socket.destroy();
    if (profileName === null) {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      socket.resume();
      return;
    }
    const group = profileName === 'plain' ? host.name : profileName;
    const { clock, reaction } = this.#context;
    // The provider may be given other parameters meanwhile: this one has the connection to close.
    const provider = reaction();
    const liked = provider === null || provider.connect(source, clock.monotonicMs()).kind === 'pass';
    const account = limits.of(group, source);
    const allowed = account.open(this.#context.profile()) && liked;
    const nowMs = () => clock.monotonicMs();
    const receiver = new Receiver(socket, {
      ...this.#context,
      nowMs,
      host: host.name,
      hostAddress: host.address,
      profileName,
      source,
      account,
    });
    this.#open.add(receiver);
    socket.on('close', () => {
      account.close();
      provider?.disconnect(source, clock.monotonicMs());
      this.#open.delete(receiver);
    });
    void receiver.start(allowed);
  }
}
