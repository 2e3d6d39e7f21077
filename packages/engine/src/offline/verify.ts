// Every record of a shard against its checksum: the journal as a start would replay it, every content segment from end to end, and for
// each message that waits whether its record and its content are whole. Changes nothing; goes on past whatever is damaged.
import type { Files } from '../ports.ts';
import { isWhole } from '../spool/parts.ts';
import { acceptHead } from '../spool/payload.ts';
import { waitingHead } from '../spool/waiting-record.ts';
import { SpoolFormatError, segmentSeed, type SegmentKind } from '../spool/record.ts';
import { replayJournal, type ChainLink } from '../spool/recovery.ts';
import { withSegment } from '../spool/segment-files.ts';
import type { DamageReport } from '../spool/scan.ts';
import { scanRecords } from '../spool/scan.ts';
import {
  listSegments,
  quarantineDirectory,
  readIdentity,
  segmentPath,
  shardDirectory,
  type ShardIdentity,
} from '../spool/segment-files.ts';
import { SegmentReader } from '../spool/segment-reader.ts';
import type { LostMessage } from './stored-messages.ts';

/** Lost messages that are named; beyond that they are counted. */
const maxNamed = 1_000;

export type SegmentSummary = { kind: SegmentKind; segment: number; bytes: number };
export type ShardSummary = {
  identity: ShardIdentity | null;
  /** Why the identity cannot be read; the records can nevertheless. */
  identityProblem: string | null;
  segments: SegmentSummary[];
  /** Segments of the journal that a later one names and that are gone: what ended there may look as if it waits. */
  missingSegments: number[];
  liveInjections: number;
  liveEntries: number;
  /** Records whose checksum holds. */
  records: number;
  /** Stretches of the journal and the depot that are no records; `tail` ones were never acknowledged. */
  damage: DamageReport[];
  /** The same of contents. A stretch in which nothing that waits lies costs nothing. */
  contentDamage: DamageReport[];
  /** Injections with live entries whose record or content is missing or damaged, as far as they are named. */
  lost: LostMessage[];
  lostInjections: number;
  /** Files with damaged bytes that starts kept aside. */
  quarantined: string[];
};

function identityOf(files: Files, shard: string): Pick<ShardSummary, 'identity' | 'identityProblem'> {
  try {
    return { identity: readIdentity(files, shard), identityProblem: null };
  } catch (error) {
    if (error instanceof SpoolFormatError && error.code === 'spool_damaged') return { identity: null, identityProblem: error.message };
    throw error;
  }
}

function scanSegment(files: Files, shard: string, { kind, segment }: SegmentSummary, end: number) {
  const damage: DamageReport[] = [];
  let records = 0;
  withSegment(files, segmentPath(shard, kind, segment), (bytes, size) =>
    scanRecords(
      bytes,
      { from: 0, end: Math.min(end, size), seed: segmentSeed(kind, segment) },
      () => {
        records += 1;
        return true;
      },
      (found) => void damage.push({ kind: kind === 'waiting' ? kind : 'journal', segment, ...found }),
    ),
  );
  return { damage, records };
}

function missingIn(chain: readonly ChainLink[]): number[] {
  return chain.flatMap(({ header }, index) => {
    const named = header?.previous?.segment;
    return index > 0 && named !== undefined && named !== chain[index - 1]?.segment ? [named] : [];
  });
}

/** Checks a shard from end to end. Throws a SpoolFormatError when it was written by a newer version. */
export function verifyShard(directory: string, worker: number, files: Files): ShardSummary {
  const shard = shardDirectory(directory, worker);
  const { live, damage: found, chain, depot, waiting } = replayJournal(files, shard);
  // Of the depot a start reads indexes only; here every record counts.
  const damage = found.filter(({ kind }) => kind === 'journal');
  const segments = (['journal', 'content', 'waiting'] as const).flatMap((kind) =>
    listSegments(files, shard, kind).map((segment): SegmentSummary => {
      const bytes = withSegment(files, segmentPath(shard, kind, segment), (_bytes, size) => size);
      return { kind, segment, bytes };
    }),
  );
  const contentDamage: DamageReport[] = [];
  let records = 0;
  for (const summary of segments) {
    const { kind, segment } = summary;
    const end = {
      journal: chain.find((link) => link.segment === segment)?.end ?? 0,
      content: Infinity,
      waiting: waiting.ends.get(segment) ?? 0,
    }[kind];
    const scanned = scanSegment(files, shard, summary, end);
    records += scanned.records;
    if (kind === 'content') contentDamage.push(...scanned.damage);
    if (kind === 'waiting') damage.push(...scanned.damage.map((each) => ({ ...each, tail: false })));
  }
  const reader = new SegmentReader(files, shard);
  const lost: LostMessage[] = [];
  let lostInjections = 0;
  for (const row of live.rowsInOrder()) {
    const accept = live.at(row);
    if (accept === null) continue;
    const { messageId, place, content, alive } = accept;
    const part = reader.record('journal', place) === null ? 'journal' : 'content';
    if (part === 'content' && isWhole(reader, content)) continue;
    lostInjections += 1;
    if (lost.length < maxNamed) lost.push({ messageId, entries: alive.length, part, ...(part === 'journal' ? place : content) });
  }
  for (const place of depot.places()) {
    const record = reader.record('waiting', place);
    const head = record && acceptHead(waitingHead(record.payload).carry);
    if (head && isWhole(reader, head.content)) continue;
    lostInjections += 1;
    const part = head ? { part: 'content' as const, ...head.content } : { part: 'waiting' as const, ...place };
    if (lost.length < maxNamed) lost.push({ messageId: head?.messageId ?? 'unknown', entries: 1, ...part });
  }
  reader.close();
  const quarantined = files.list(shard).includes(quarantineDirectory) ? files.list(`${shard}/${quarantineDirectory}`) : [];
  return {
    ...identityOf(files, shard),
    ...{ segments, missingSegments: missingIn(chain), liveInjections: live.size, liveEntries: live.liveEntries + depot.entries },
    ...{ records, damage, contentDamage, lost, lostInjections, quarantined },
  };
}

/** Whether nothing is damaged that was ever acknowledged and still counts. */
export function isSound(summary: ShardSummary): boolean {
  const broken = summary.damage.some(({ tail }) => !tail) || summary.missingSegments.length > 0;
  return !broken && summary.identityProblem === null && summary.lostInjections === 0;
}
