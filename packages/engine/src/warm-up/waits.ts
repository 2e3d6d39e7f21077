// What mail waits for that only warming sources may take, a sentence for each of the first few of them.
import type { WarmUpLadder, WarmUpStop } from '@sluice/policy';
import type { Worker } from '../queue/worker.ts';
import type { WarmUpLine } from './warm-up-line.ts';

/** Sources that are named one by one. */
const named = 5;

export type WarmUpWait = { detail: string; clearsAt: number | null; sourceId: string };

export function warmUpWaits(worker: Worker, line: WarmUpLine, marked: boolean): WarmUpWait[] {
  const { warmUps } = worker;
  const nowMs = warmUps.ladders.now();
  // What days go by may differ from what the machine's clock says.
  const aheadMs = worker.clock.nowMs() - nowMs;
  const warming = line.slots.filter(({ ladder }) => !ladder.finished);
  return warming.slice(0, named).map(({ ladder, sourceId }) => {
    const name = worker.generation().source(sourceId)?.name ?? sourceId;
    const stop = ladder.stop(marked, nowMs);
    const opensMs = stop === 'kept' ? null : ladder.opensMs(nowMs);
    const { plan, group } = ladder.way;
    const more = warming.length > named ? ` (and ${warming.length - named} more sources)` : '';
    const detail = `warm-up ${plan.name}: ${name} for ${group.name} ${why(ladder, stop)}${more}`;
    return { detail, clearsAt: opensMs === null ? null : Math.ceil(opensMs + aheadMs), sourceId };
  });
}

function why(ladder: WarmUpLadder, stop: WarmUpStop): string {
  const { account, ceiling, stage, way } = ladder;
  const day = `day ${stage + 1} of ${way.stages.length}`;
  switch (stop) {
    case 'not_begun':
      return `begins on ${way.plan.startsOn}`;
    case 'day':
      return `has had its ${ceiling} of ${day}`;
    case 'hour':
      return `has had its ${ladder.perHour ?? 0} of this hour on ${day}`;
    case 'pace':
      return `has had what is open by now of its ${ceiling} of ${day} (${account.used} used; the rest opens over the day)`;
    case 'kept':
      return `keeps what is open of its ${ceiling} of ${day} for recipients marked as engaged`;
    case 'none':
      return `has room on ${day}; its turn comes at once`;
  }
}
