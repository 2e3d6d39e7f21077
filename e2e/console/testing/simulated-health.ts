// What the node says of its sources: one is out of its pools, one has a name that does not fit, the others are in order.
import type { Answer, SourceHealthRow } from '@sluice/contract';
import type { Configured } from './sample-configuration.ts';

const minute = 60_000;

export function sourceHealthAt(sources: Configured['sources'], now: number): Extract<Answer, { kind: 'source_health' }> {
  const rows = sources.map(({ id, name }): SourceHealthRow => {
    const fine = { sourceId: id, state: 'in_use', reason: null, detail: null, sinceMs: null, probes: 0, lastProbe: null } as const;
    const names = { state: 'good', finding: `its address is called ${name}`, remedy: '', checkedMs: now - 20 * minute } as const;
    if (name === 'bulk-1')
      return {
        ...{ sourceId: id, state: 'out', reason: 'address_missing', sinceMs: now - 12 * minute, probes: 6, nextProbeMs: now + 3 * minute },
        ...{ detail: 'connect: EADDRNOTAVAIL: bind EADDRNOTAVAIL 127.0.20.1; no interface has it', usedAnywayUntilMs: null, names: null },
        lastProbe: 'bind EADDRNOTAVAIL 127.0.20.1',
      };
    if (name === 'tx-2')
      return {
        ...{ ...fine, nextProbeMs: null, usedAnywayUntilMs: null },
        names: {
          ...{ state: 'no_reverse_name', finding: '127.0.10.2 has no reverse name', checkedMs: now - 30 * minute },
          remedy: 'Ask the owner of the network for a PTR record of 127.0.10.2 that names tx-2.mail.sluice.example.',
        },
      };
    return { ...fine, nextProbeMs: null, usedAnywayUntilMs: null, names };
  });
  return { kind: 'source_health', sources: rows, total: rows.length };
}
