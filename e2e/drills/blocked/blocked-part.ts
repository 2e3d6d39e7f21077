// Very many entries deferred at a provider that is away, beside mail that flows: two processes, one with them and one without, by turns of a
// tenth of a second, so that each runs half of the time on the same machine. The wire is simulated, so that a message costs these engines a
// twentieth of what it costs the product: the rate that is left is told from what a message costs more beside them, and from what it costs.
import { join } from 'node:path';
import { blockedCases, type BlockedFlow, type BlockedMemory } from '@sluice/engine/testing';
import { microsecondsOfAMessage } from '../message-cost.ts';
import { inShortTurns, inTurn, maxResidentMb, median, shareOf, startBlockedSide, type Side, type StartedSide } from './side.ts';

const warmMs = 1_000;
const turnMs = 100;
const minShare = 0.95;
const maxFirstMs = 10_000;
const hours = 1;

export type BlockedOptions = { entries: number; flowMs: number; turns: number };
type Kind = 'with' | 'without';

export async function blockedPart(scratch: string, sides: Side[], { entries, flowMs, turns }: BlockedOptions): Promise<object> {
  const wholeMicroseconds = microsecondsOfAMessage(scratch);
  const started: Record<Kind, StartedSide> = {
    without: await startBlockedSide(join(scratch, 'bare'), { entries: 0, hours }, sides),
    with: await startBlockedSide(join(scratch, 'full'), { entries, hours }, sides),
  };
  for (const which of blockedCases) for (const { side } of Object.values(started)) await side.ask({ do: 'flow', which, warmMs, flowMs });
  const rows: Record<string, { with: number; without: number; simulatedShare: number; microsecondsMore: number; share: number }> = {};
  const whileFlowing = { with: 0, without: 0 };
  for (const which of blockedCases) {
    const rates = { with: [] as number[], without: [] as number[] };
    const costs = { with: [] as number[], without: [] as number[] };
    for (let n = 0; n < turns; n++) {
      const kinds = inTurn(n, ['with', 'without']);
      const task = { do: 'flow', which, warmMs, flowMs: 2 * flowMs } as const;
      const flows = await inShortTurns<BlockedFlow>([started[kinds[0]].side, started[kinds[1]].side], task, turnMs);
      flows.forEach((flow, at) => {
        const kind = kinds[at] ?? 'with';
        rates[kind].push(2 * flow.ratePerSecond);
        costs[kind].push(flow.cpuMicroseconds);
        whileFlowing[kind] = Math.max(whileFlowing[kind], flow.mostResidentMb);
      });
    }
    const simulatedShare = median(rates.with.map((rate, n) => shareOf(rate, rates.without[n] ?? NaN)));
    const microsecondsMore = median(costs.with.map((cost, n) => cost - (costs.without[n] ?? NaN)));
    const share = shareOf(wholeMicroseconds, wholeMicroseconds + microsecondsMore);
    rows[which] = { with: median(rates.with), without: median(rates.without), simulatedShare, microsecondsMore, share };
  }
  const residentMb = await residentOf(started, whileFlowing);
  for (const { side } of Object.values(started)) side.end();
  const { firstMs, firstLaidByMs, startedMs, allMs } = started.with.facts;
  const maxMb = maxResidentMb(entries);
  const holds =
    Math.max(firstMs ?? Infinity, firstLaidByMs ?? Infinity) <= maxFirstMs &&
    Math.max(residentMb.afterStart.with, residentMb.afterFlow.with) <= maxMb &&
    Object.values(rows).every(({ share }) => share >= minShare);
  return { holds, entries, wholeMicroseconds, firstMs, firstLaidByMs, startedMs, allMs, residentMb, maxResidentMb: maxMb, ...rows };
}

/** With them and without, in rest after the start and after all that flowed, and the most while it did. `share`: what they take. */
async function residentOf(
  started: Record<Kind, StartedSide>,
  whileFlowing: Record<Kind, number>,
): Promise<Record<'afterStart' | 'afterFlow', Record<Kind | 'share', number>> & { whileFlowing: Record<Kind, number> }> {
  const after = {
    with: (await started.with.side.ask<BlockedMemory>({ do: 'memory' })).residentMb,
    without: (await started.without.side.ask<BlockedMemory>({ do: 'memory' })).residentMb,
  };
  const before = { with: started.with.memory.residentMb, without: started.without.memory.residentMb };
  const shared = (resident: Record<Kind, number>): Record<Kind | 'share', number> => ({
    ...resident,
    share: resident.with - resident.without,
  });
  return { afterStart: shared(before), afterFlow: shared(after), whileFlowing };
}
