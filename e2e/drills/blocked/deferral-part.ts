// One message in fifty deferred for five days at full rate, in days that are short: what the spool uses of the disk, and what it costs to make
// it small, against a process that never does, by turns.
import { join } from 'node:path';
import type { LongDeferralFlow } from '@sluice/engine/testing';
import { inTurn, median, shareOf, startSide, type Side } from './side.ts';

const days = 6;
const minShare = 0.9;

export type DeferralOptions = { dayMs: number; flowMs: number };

export async function deferralPart(scratch: string, sides: Side[], { dayMs, flowMs }: DeferralOptions): Promise<object> {
  const [moving, keeping] = [startSide(), startSide()];
  sides.push(moving, keeping);
  await moving.ask({ do: 'start deferral', directory: join(scratch, 'moving'), dayMs, moves: true });
  await keeping.ask({ do: 'start deferral', directory: join(scratch, 'keeping'), dayMs, moves: false });
  const rates = { moving: [] as number[], keeping: [] as number[] };
  const seen: LongDeferralFlow[] = [];
  for (let n = 0; n * flowMs < days * dayMs; n++)
    for (const kind of inTurn(n, ['moving', 'keeping'])) {
      const flow = await (kind === 'moving' ? moving : keeping).ask<LongDeferralFlow>({ do: 'deferral flow', flowMs });
      if (kind === 'moving') seen.push(flow);
      // On the first day there is nothing to move yet.
      if (n * flowMs >= dayMs) rates[kind].push(flow.ratePerSecond);
    }
  for (const side of [moving, keeping]) side.end();
  const last = seen.at(-1);
  const [during, without] = [Math.round(median(rates.moving)), Math.round(median(rates.keeping))];
  const mostBeyondBarMb = Math.round(Math.max(...seen.map(({ mostBeyondBarBytes }) => mostBeyondBarBytes)) / 1e6);
  const moved = seen.reduce((sum, flow) => sum + flow.moved, 0);
  const laidBy = Math.max(...seen.map((flow) => flow.laidBy));
  const share = shareOf(during, without);
  return {
    ...{ holds: mostBeyondBarMb <= 0 && laidBy > 0 && share >= minShare, days, entries: last?.entries },
    ...{
      liveMb: Math.round((last?.liveBytes ?? 0) / 1e6),
      usedMb: Math.round((last?.usedBytes ?? 0) / 1e6),
      mostBeyondBarMb,
      moved,
      laidBy,
    },
    rate: { moving: during, without, share },
    attemptsPerSecond: last?.attemptsPerSecond,
  };
}
