// Opens or makes a worker's shard: whose it is, what is live, and where the next bytes go. A start never appends to a file of an earlier
// run: the first batch begins new segments, whose header seals the old ones at the last valid record.
import { dirname } from 'node:path';
import { listSegments, readIdentity, shardDirectory, writeIdentity, type SegmentHeader, logStart, segmentPath } from './segment-files.ts';
import { replayJournal, tidy } from './recovery.ts';
import { withSegment } from './segment-files.ts';
import type { DamageReport } from './scan.ts';
import { recordTypes, SpoolFormatError } from './record.ts';
import { ColdContents } from './cold-contents.ts';
import type { FarCounts } from './far-counts.ts';
import type { ReplayedDues } from './replayed-dues.ts';
import { firstKeptBytes, Region } from './region.ts';
import { takeReserve } from './reserve.ts';
import { returnLeftOut } from './returning.ts';
import { SegmentLog } from './segment-log.ts';
import { SegmentReader } from './segment-reader.ts';
import type { ShardOptions, ShardState } from './shard-state.ts';
import { WaitingIndex } from './waiting-index.ts';

export type RecoveredShard = { state: ShardState; dues: ReplayedDues; far: FarCounts; logId: string; damaged: number };

function identityOf(options: ShardOptions, shard: string): string {
  const { files, node, worker, egress } = options;
  const known = readIdentity(files, shard);
  if (known === null) {
    writeIdentity(files, shard, { logId: options.newLogId, node, worker, egress });
    return options.newLogId;
  }
  if (known.node !== node || known.worker !== worker || known.egress !== egress) {
    const found = `node ${known.node}, worker ${known.worker}, ${known.egress}`;
    throw new SpoolFormatError(
      'spool_mismatch',
      `${shard} belongs to ${found}; it is not opened for node ${node}, worker ${worker}, ${egress}`,
    );
  }
  return known.logId;
}

function reportDamage(options: ShardOptions, damage: readonly DamageReport[]): number {
  let damaged = 0;
  for (const { kind, tail, segment, offset, length } of damage) {
    if (tail) {
      options.log('info', 'the last journal segment ended in bytes that were never acknowledged; they are cut off', {
        segment,
        offset,
        length,
      });
    } else {
      damaged += 1;
      options.log('error', `damaged bytes in the ${kind === 'journal' ? 'journal' : 'depot'} were kept aside`, { segment, offset, length });
    }
  }
  return damaged;
}

export function openShard(options: ShardOptions): RecoveredShard {
  const { files, node, worker, egress, limits } = options;
  const shard = shardDirectory(options.directory, worker);
  files.makeDirectory(shard);
  files.syncDirectory(options.directory);
  files.syncDirectory(dirname(options.directory));
  const logId = identityOf(options, shard);
  const found = replayJournal(files, shard);
  found.live.settle((from, to) => found.dues.move(from, to));
  tidy(files, shard, found);
  const damaged = reportDamage(options, found.damage);

  const last = found.chain.at(-1);
  const header = (previous: SegmentHeader['previous']): SegmentHeader => ({
    logId,
    node,
    worker,
    egress,
    previous,
    lastContent: content.lastSegment,
    depot: found.depot.log.facts(),
  });
  const content = new SegmentLog({
    files,
    shard,
    kind: 'content',
    segmentBytes: limits.contentSegmentBytes,
    lastSegment: found.lastContent,
    sealed: contentEnds(options, shard),
    header: () => ({ logId, node, worker, egress, previous: null, lastContent: 0 }),
    previous: null,
  });
  const journal = new SegmentLog({
    files,
    shard,
    kind: 'journal',
    segmentBytes: limits.journalSegmentBytes,
    lastSegment: found.lastJournal,
    sealed: new Map(found.chain.map((link) => [link.segment, link.end])),
    header,
    previous: last === undefined ? null : { segment: last.segment, end: last.end },
    takeReserve: (path) => takeReserve(files, shard, path),
  });
  const waitingIndex = new WaitingIndex();
  const waitingEnds = [...found.waiting.ends].at(-1);
  const waiting = new SegmentLog({
    files,
    shard,
    kind: 'waiting',
    segmentBytes: limits.waitingSegmentBytes,
    lastSegment: found.waiting.last,
    sealed: found.waiting.ends,
    header: (previous) => ({ logId, node, worker, egress, previous, lastContent: 0 }),
    previous: waitingEnds === undefined ? null : { segment: waitingEnds[0], end: waitingEnds[1] },
    lastRecord: (segment) => {
      const payload = waitingIndex.payload(segment);
      return payload && { type: recordTypes.index, payload };
    },
  });
  const reader = new SegmentReader(files, shard);
  const state: ShardState = {
    ...{
      files,
      shard,
      limits,
      egress,
      live: found.live,
      depot: found.depot,
      journal,
      content,
      waiting,
      waitingIndex,
      reader,
      shipped: logStart,
    },
    ...{ carried: 0, relaid: 0, unmovable: new Set<number>(), unkeptBytes: 0, monotonicMs: options.monotonicMs, moveFromMs: 0 },
    cold: new ColdContents(files, content, limits.contentSegmentBytes, found.depot.contentSegments()),
    region: new Region(Buffer.allocUnsafeSlow(firstKeptBytes)),
  };
  returnLeftOut(state, found.waiting.leftOut, found.dues);
  return { logId, damaged, dues: found.dues, far: found.far, state };
}

function contentEnds(options: ShardOptions, shard: string): Map<number, number> {
  const size = (segment: number): number => withSegment(options.files, segmentPath(shard, 'content', segment), (_bytes, length) => length);
  return new Map(listSegments(options.files, shard, 'content').map((segment) => [segment, size(segment)]));
}
