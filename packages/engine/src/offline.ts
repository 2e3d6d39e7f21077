// A look at a shard of the spool from beside the engine: what is live, what is damaged, what would be set aside, and every event that the
// accounting log still holds. Changes nothing.
import { readEvents, type PlacedEvent } from './events/index.ts';
import type { Files } from './ports.ts';
import { nodeFiles } from './host/files.ts';
import type { SpoolFormatError } from './spool/record.ts';
import { replayJournal, withSegment, type DamageReport } from './spool/recovery.ts';
import { listSegments, readIdentity, segmentPath, shardDirectory, type ShardIdentity } from './spool/segment-files.ts';
import { SegmentReader } from './spool/segment-reader.ts';

export type SegmentSummary = { kind: 'journal' | 'content'; segment: number; bytes: number };
export type ShardSummary = {
  identity: ShardIdentity | null;
  segments: SegmentSummary[];
  liveInjections: number;
  liveEntries: number;
  /** Stretches of the journal that are no records; `tail` ones were never acknowledged. */
  damage: DamageReport[];
  /** Injections with live entries whose record or content is missing or damaged. */
  lost: { messageId: string; entries: number }[];
};

/** Workers that have a shard in this spool folder, ascending. */
export function listShards(directory: string, files: Files = nodeFiles()): number[] {
  const workers = files.list(directory).flatMap((name) => /^worker-(\d+)$/.exec(name)?.[1] ?? []);
  return workers.map(Number).sort((a, b) => a - b);
}

/** Replays a shard and verifies every live content. Throws a SpoolFormatError when it was written by a newer version. */
export function verifyShard(directory: string, worker: number, files: Files = nodeFiles()): ShardSummary {
  const shard = shardDirectory(directory, worker);
  const identity = readIdentity(files, shard);
  const { live, damage } = replayJournal(files, shard);
  const reader = new SegmentReader(files, shard);
  const lost: ShardSummary['lost'] = [];
  for (const row of live.rowsInOrder()) {
    const accept = live.at(row);
    if (accept === null) continue;
    const whole = reader.record('journal', accept.place) !== null && reader.record('content', accept.content) !== null;
    if (!whole) lost.push({ messageId: accept.messageId, entries: accept.alive.length });
  }
  reader.close();
  const segments = (['journal', 'content'] as const).flatMap((kind) =>
    listSegments(files, shard, kind).map((segment) => ({
      kind,
      segment,
      bytes: withSegment(files, segmentPath(shard, kind, segment), (_bytes, size) => size),
    })),
  );
  return { identity, segments, liveInjections: live.size, liveEntries: live.liveEntries, damage, lost };
}

const eventsAtOnce = 1_000;

/** Every event in the shard's accounting log, oldest first; empty when there is no shard. What was shipped and pruned is not here. */
export function* loggedEvents(directory: string, worker: number, files: Files = nodeFiles()): Generator<PlacedEvent> {
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

export type { SpoolFormatError };
