// The machine that a rig's sources are on, as probes of sources find it.
import type { ProbeResult, SourceProber } from '../ports.ts';

/** Addresses that interfaces have, and those that cannot be bound; what a probe of a proxy or of a host says. */
export type RigMachine = { addresses: Set<string>; missing: Set<string>; probes: string[]; proxy: ProbeResult; host: ProbeResult };

const reached: ProbeResult = { ok: true, detail: 'it answers' };

/** Nothing of it fails. */
export const wholeMachine = (): RigMachine => ({
  addresses: new Set(),
  missing: new Set(),
  probes: [],
  proxy: reached,
  host: reached,
});

export function proberOf(machine: RigMachine): SourceProber {
  return {
    addresses: () => machine.addresses,
    bind(address) {
      machine.probes.push(`bind ${address}`);
      const detail = `bind EADDRNOTAVAIL ${address}`;
      return Promise.resolve(machine.missing.has(address) ? { ok: false, detail } : { ok: true, detail: 'it can be bound' });
    },
    proxy({ id: sourceId }) {
      machine.probes.push(`proxy ${sourceId}`);
      return Promise.resolve(machine.proxy);
    },
    reach(_source, { name }) {
      machine.probes.push(`reach ${name}`);
      return Promise.resolve(machine.host);
    },
  };
}
