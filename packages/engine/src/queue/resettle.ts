// A new configuration on the ready side: every path learns what holds now, one after the other, in slices. A path whose source changed takes
// no more entries, and what waits on it is placed anew. A path of very many lanes gives way between them.
import { isDeepStrictEqual } from 'node:util';
import type { Connections } from './connections.ts';
import { laneSettings } from './lane-settings.ts';
import { leadsHere } from './lane-security.ts';
import type { PathTable } from './path-table.ts';
import type { ReadyPath } from './ready-path.ts';
import type { Recall } from './recall.ts';
import { thoseNow, type Sliced } from './slices.ts';
import { sourceUsable, type Worker } from './worker.ts';

export function* resettling(worker: Worker, table: PathTable, connections: Connections, recall: Recall): Sliced<void> {
  for (const path of thoseNow(table.paths(), table.size)) {
    const { id } = path.egress.source;
    const same = sameSource(worker, path) && (yield* leadsHere(worker, path));
    const nowMs = worker.clock.nowMs();
    if (same && sourceUsable(worker, id, nowMs)) {
      // Sessions keep to what held when they were opened: idle ones go, busy ones after what they carry.
      if (table.resettle(path)) connections.closeIdle(path, nowMs);
      for (const lane of thoseNow(path.lanes, path.lanes.size)) {
        Object.assign(lane, laneSettings(worker, lane.queue, path));
        yield;
      }
    } else {
      if (!same) table.retire(path);
      connections.closeIdle(path, nowMs);
      recall.path(path, nowMs);
    }
    yield;
  }
}

function sameSource(worker: Worker, { egress }: ReadyPath): boolean {
  const { id, bindAddress, ehloName, family, proxy } = egress.source;
  const source = worker.generation().source(id);
  return (
    source?.bindAddress === bindAddress &&
    source.ehloName === ehloName &&
    source.family === family &&
    isDeepStrictEqual(source.proxy, proxy)
  );
}
