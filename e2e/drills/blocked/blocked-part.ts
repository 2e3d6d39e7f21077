// Very many entries deferred at a provider that is away, beside mail that flows: two processes, one with them and one without, by turns.
import { join } from 'node:path';
import { blockedCases, type BlockedFlow, type BlockedStart } from '@sluice/engine/testing';
import { inTurn, mean, shareOf, startSide, type Side } from './side.ts';

const warmMs = 1_000;
const minShare = 0.95;
const maxSettlingFlows = 12;
const movedAtRest = 1_000;
const maxFirstMs = 10_000;
const residentMb = 400 * 1.048576;
const bytesAnEntry = 64;

export type BlockedOptions = { entries: number; flowMs: number; turns: number };

/** A spool made by a process of its own, and an engine started over it. */
async function start(directory: string, entries: number, sides: Side[]): Promise<{ side: Side; facts: BlockedStart }> {
  const seeder = startSide();
  sides.push(seeder);
  await seeder.ask({ do: 'seed', directory, entries });
  seeder.end();
  const side = startSide();
  sides.push(side);
  return { side, facts: await side.ask<BlockedStart>({ do: 'start', directory }) };
}

/**
 * The spool was made in seconds, so the events of a million deferrals count as copied all at once and most of its journal is dead: lets mail
 * flow until that is cleared away. A spool that lives through its deferrals clears it as it goes.
 */
async function settle(side: Side, flowMs: number): Promise<{ flows: number; ratePerSecond: number; moved: number }> {
  const flows: BlockedFlow[] = [];
  do flows.push(await side.ask<BlockedFlow>({ do: 'flow', which: 'provider', warmMs: 0, flowMs }));
  while (flows.length < maxSettlingFlows && (flows.at(-1)?.moved ?? 0) > movedAtRest);
  return {
    flows: flows.length,
    ratePerSecond: Math.round(mean(flows.map(({ ratePerSecond }) => ratePerSecond))),
    moved: flows.reduce((sum, { moved }) => sum + moved, 0),
  };
}

export async function blockedPart(scratch: string, sides: Side[], { entries, flowMs, turns }: BlockedOptions): Promise<object> {
  const bare = await start(join(scratch, 'bare'), 0, sides);
  const full = await start(join(scratch, 'full'), entries, sides);
  const settling = await settle(full.side, flowMs);
  await bare.side.ask({ do: 'flow', which: 'provider', warmMs, flowMs });
  const rows: Record<string, { with: number; without: number; share: number }> = {};
  const resident = { with: 0, without: 0 };
  for (const which of blockedCases) {
    const rates = { with: [] as number[], without: [] as number[] };
    for (let n = 0; n < turns; n++) {
      for (const kind of inTurn(n, ['with', 'without'])) {
        const flow = await (kind === 'with' ? full : bare).side.ask<BlockedFlow>({ do: 'flow', which, warmMs, flowMs });
        rates[kind].push(flow.ratePerSecond);
        resident[kind] = Math.max(resident[kind], flow.residentMb);
      }
    }
    const [during, without] = [Math.round(mean(rates.with)), Math.round(mean(rates.without))];
    rows[which] = { with: during, without, share: shareOf(during, without) };
  }
  for (const { side } of [full, bare]) side.end();
  const { firstMs, startedMs, allMs } = full.facts;
  const maxResidentMb = Math.ceil(residentMb + (bytesAnEntry * entries) / 1e6);
  const holds =
    firstMs !== null &&
    firstMs <= maxFirstMs &&
    resident.with <= maxResidentMb &&
    Object.values(rows).every(({ share }) => share >= minShare);
  return { holds, entries, firstMs, startedMs, allMs, residentMb: resident, maxResidentMb, settling, ...rows };
}
