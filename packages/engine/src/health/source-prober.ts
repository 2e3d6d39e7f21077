// What the machine must be able to tell of a source that fails: a port of the engine, supplied by its host.
import type { EgressPath, RouteHost } from '../egress-path.ts';

/** What a probe came to, in words. */
export type ProbeResult = { ok: boolean; detail: string };

/** Tries out whether a source can send, without any mail. Bounded in time, never rejects. In sandbox mode only loopback is dialled. */
export interface SourceProber {
  /** The addresses of this machine's interfaces, as they are now. */
  addresses(): Pick<ReadonlySet<string>, 'has'>;
  /** Whether the address can be bound now. Nothing leaves the machine. */
  bind(address: string): Promise<ProbeResult>;
  /** Whether the proxy of the source takes a connection, and its login. */
  proxy(source: EgressPath['source']): Promise<ProbeResult>;
  /** Whether the host can be reached through the source. */
  reach(source: EgressPath['source'], host: RouteHost): Promise<ProbeResult>;
}
