// The traffic of a set as messages with their times, the same for every sender: a steady stream of all tenants, and campaigns that come in
// within minutes. Who is unknown or complains is drawn here too, so that no sender gets a better list than another.
import { seededRandom } from '@sluice/engine/testing';
import type { ParameterSet } from './parameter-set.ts';

export type Arrival = { atMs: number; tenant: number; recipient: string };

const hourMs = 3_600_000;

/** In the order of their times, which count from the start of the run. */
export function arrivalsOf({ traffic }: ParameterSet, domain: string): Arrival[] {
  const random = seededRandom(20_261);
  const arrivals: Omit<Arrival, 'recipient'>[] = [];
  const steady = Math.round(traffic.steadyPerHour * traffic.hours);
  for (let n = 0; n < steady; n++)
    arrivals.push({ atMs: random.fraction() * traffic.hours * hourMs, tenant: 1 + Math.floor(random.fraction() * traffic.tenants) });
  for (const { atHour, messages, overMinutes, tenant } of traffic.campaigns)
    for (let n = 0; n < messages; n++) arrivals.push({ atMs: atHour * hourMs + random.fraction() * overMinutes * 60_000, tenant });
  return arrivals
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((arrival, index) => {
      const drawn = random.fraction();
      const unknown = drawn < traffic.unknownShare;
      const complains = !unknown && drawn < traffic.unknownShare + traffic.complaintShare;
      return { ...arrival, recipient: `${unknown ? 'unknown' : complains ? 'complain' : 'reader'}.${index}@${domain}` };
    });
}
