// Every event that a shard's accounting log still holds, in pages, so that a log of millions is never held whole.
import { readEvents, type PlacedEvent } from '../events/index.ts';
import { readOnlyFiles } from '../host/read-only-files.ts';
import type { Files } from '../ports.ts';
import { listSegments, readIdentity, shardDirectory } from '../spool/segment-files.ts';

const eventsAtOnce = 1_000;

/** Oldest first; empty when there is no shard. What was shipped and pruned is not here. */
export function* loggedEvents(directory: string, worker: number, files: Files = readOnlyFiles()): Generator<PlacedEvent> {
  const shard = shardDirectory(directory, worker);
  const identity = readIdentity(files, shard);
  const segments = listSegments(files, shard, 'journal');
  const [first, last] = [segments[0], segments.at(-1)];
  if (identity === null || first === undefined || last === undefined) return;
  const log = { files, directory, node: identity.node, worker, logId: identity.logId };
  const upTo = { segment: last, offset: Number.MAX_SAFE_INTEGER };
  let from = { segment: first, offset: 0 };
  for (;;) {
    const page = readEvents(log, from, upTo, eventsAtOnce);
    yield* page.events;
    if (page.next.segment === from.segment && page.next.offset === from.offset) return;
    from = page.next;
  }
}
