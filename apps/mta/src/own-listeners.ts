// Where this process takes mail: an MX that leads back to it would make a loop, so the dialer refuses these, whoever named them. A listener
// on every address is one on each address of the machine; they are read again after a while, since addresses come and go.
import { networkInterfaces } from 'node:os';
import type { Clock } from '@sluice/engine';

const readAgainMs = 30_000;
const everyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

export type OwnListener = { readonly address: string; readonly port: number };

/** `port` is asked each time: a listener on port 0 has none before it listens. */
export function ownListeners(bind: string, port: () => number, clock: Pick<Clock, 'monotonicMs'>): () => readonly OwnListener[] {
  let addresses: readonly string[] = [bind];
  let readAtMs = -Infinity;
  return () => {
    if (everyAddress.has(bind) && clock.monotonicMs() - readAtMs > readAgainMs) {
      readAtMs = clock.monotonicMs();
      addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
    }
    return addresses.map((address) => ({ address, port: port() }));
  };
}
