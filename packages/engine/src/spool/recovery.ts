// What a start finds on disk, turned into what is live. First the segments of the journal are put in a chain by their headers (a file that
// no header names was never part of the log), then every record is replayed in order: accept and carry begin an injection, outcomes end or
// move its entries. A torn tail of the newest segment was never acknowledged and is cut off; damage before valid records is kept aside in
// `quarantine/` and reported.
import { join } from 'node:path';
import type { Files } from '../ports.ts';
import { headerWindowBytes, quarantineBytes, windowBytes } from './limits.ts';
import { Depot } from './depot.ts';
import { replayDepot, type ReplayedDepot } from './depot-replay.ts';
import { FarCounts } from './far-counts.ts';
import { LiveIndex } from './live-index.ts';
import { ReplayedDues } from './replayed-dues.ts';
import { acceptHead, carriedBody, changeHead, retryDueAt } from './payload.ts';
import type { Found, SegmentBytes } from './record.ts';
import { nextRecordAfter, recordTypes, segmentSeed } from './record.ts';
import type { Damage, DamageReport } from './scan.ts';
import { scanRecords } from './scan.ts';
import type { SegmentHeader } from './segment-files.ts';
import { listSegments, quarantineDirectory, segmentHeader, segmentPath, withSegment } from './segment-files.ts';
import { cameFrom, movedTo, returnedCarry } from './waiting-record.ts';

/** One segment of the journal as it stands: `end` is where its acknowledged records end. */
export type ChainLink = { segment: number; end: number; newest: boolean; header: SegmentHeader | null };

/** The journal's segments in order, and the files that are void; of a range, when only that is asked for. Reads headers only. */
export function journalChain(files: Files, shard: string, range = { from: 0, upTo: Infinity }): { chain: ChainLink[]; voided: number[] } {
  const chain: ChainLink[] = [];
  const voided: number[] = [];
  const numbers = listSegments(files, shard, 'journal').filter((segment) => segment >= range.from && segment <= range.upTo);
  const scratch = Buffer.allocUnsafeSlow(headerWindowBytes);
  let named: SegmentHeader['previous'] | 'unknown' = 'unknown';
  for (let index = numbers.length - 1; index >= 0; index -= 1) {
    const segment = numbers[index] ?? 0;
    if (named !== 'unknown' && (named === null || segment > named.segment)) {
      voided.push(segment);
      continue;
    }
    const sealedEnd = named !== 'unknown' && named.segment === segment ? named.end : null;
    const read = (bytes: SegmentBytes, size: number) => {
      const header = segmentHeader(bytes, 'journal', segment, size)?.header ?? null;
      return { header, size, empty: header === null && nextRecordAfter(bytes, 0, size, segmentSeed('journal', segment)) === null };
    };
    const { header, size, empty } = withSegment(files, segmentPath(shard, 'journal', segment), read, scratch);
    if (empty && chain.length === 0) {
      voided.push(segment);
      continue;
    }
    chain.unshift({ segment, end: Math.min(sealedEnd ?? size, size), newest: chain.length === 0, header });
    if (header !== null) named = header.previous;
    else named = 'unknown';
  }
  return { chain, voided };
}

export type Recovered = {
  live: LiveIndex;
  dues: ReplayedDues;
  depot: Depot;
  far: FarCounts;
  waiting: ReplayedDepot;
  chain: ChainLink[];
  damage: DamageReport[];
  /** Highest number ever used, void files included. */
  lastJournal: number;
  lastContent: number;
};

function replay({ live, dues, depot }: Pick<Recovered, 'live' | 'dues' | 'depot'>, segment: number, record: Found): number {
  const place = { segment, offset: record.offset, length: record.length };
  switch (record.type) {
    case recordTypes.accept: {
      const head = acceptHead(record.payload);
      dues.set(live.began(head.messageId, place, head.content, head.recipients, null), 0);
      return head.content.segment;
    }
    case recordTypes.carry: {
      const head = acceptHead(record.payload);
      const { states } = carriedBody(record.payload);
      const indexes = states.map(([index]) => index);
      dues.set(live.began(head.messageId, place, head.content, head.recipients, indexes), Math.min(...states.map(([, , dueAt]) => dueAt)));
      return head.content.segment;
    }
    case recordTypes.change:
    case recordTypes.laidBy: {
      const head = changeHead(record.payload);
      if (head.kind === 'end' || head.kind === 'deposit') live.ended(head.messageId, head.index);
      if (head.deposited !== null) depot.log.named(head.deposited);
      if (head.kind === 'retry') dues.set(live.retried(head.messageId, head.index, place), retryDueAt(record.payload, head.bodyAt));
      return 0;
    }
    case recordTypes.returned: {
      const from = cameFrom(record.payload);
      const carry = returnedCarry(record.payload);
      const head = acceptHead(carry);
      const [state] = carriedBody(carry).states;
      depot.log.wentBack(from, from.dueAt);
      if (state !== undefined) dues.set(live.returned(head.messageId, place, head, state[0]), state[2]);
      return head.content.segment;
    }
    case recordTypes.moved: {
      const from = cameFrom(record.payload);
      depot.log.wentBack(from, from.dueAt);
      depot.log.named(movedTo(record.payload));
      return 0;
    }
    default:
      return 0;
  }
}

/** Replays the journal without changing anything on disk. */
export function replayJournal(files: Files, shard: string): Recovered & { voided: number[] } {
  const { chain, voided } = journalChain(files, shard);
  const live = new LiveIndex();
  const dues = new ReplayedDues();
  const depot = new Depot();
  const far = new FarCounts();
  // A window each mebibyte of a journal of gigabytes would outgrow what lives of it.
  const scratch = Buffer.allocUnsafeSlow(windowBytes);
  const damage: DamageReport[] = [];
  let lastContent = listSegments(files, shard, 'content').at(-1) ?? 0;
  for (const link of chain) {
    if (link.header !== null) lastContent = Math.max(lastContent, link.header.lastContent);
    if (link.header?.depot !== undefined) depot.log.learn(link.header.depot);
    const end = link.end;
    const report = (found: Damage): void => {
      damage.push({ kind: 'journal', segment: link.segment, ...found, tail: found.tail && link.newest });
      if (found.tail && link.newest) link.end = found.offset;
    };
    const visit = (record: Found): boolean => {
      lastContent = Math.max(lastContent, replay({ live, dues, depot }, link.segment, record));
      return true;
    };
    const range = { from: 0, end, seed: segmentSeed('journal', link.segment) };
    withSegment(files, segmentPath(shard, 'journal', link.segment), (bytes) => scanRecords(bytes, range, visit, report), scratch);
  }
  const lastJournal = Math.max(0, ...voided, ...chain.map((link) => link.segment));
  const waiting = replayDepot(files, shard, { depot, far, scratch });
  damage.push(...waiting.damage);
  return { live, dues, depot, far, waiting, chain, voided, damage, lastJournal, lastContent };
}

/** Cuts the torn tail, keeps damage aside, removes void files. Best effort: none of it is needed for the replay to be right. */
export function tidy(files: Files, shard: string, found: Pick<Recovered, 'damage' | 'waiting'> & { voided: number[] }): void {
  for (const segment of found.voided) files.remove(segmentPath(shard, 'journal', segment));
  for (const segment of found.waiting.voided) files.remove(segmentPath(shard, 'waiting', segment));
  for (const damage of found.damage) {
    const path = segmentPath(shard, damage.kind, damage.segment);
    if (damage.tail) {
      withSegment(files, path, (_bytes, _size, handle) => {
        files.truncate(handle, damage.offset);
        files.datasync(handle);
      });
    } else {
      withSegment(files, path, (bytes) => keepAside(files, shard, damage, bytes(damage.offset, Math.min(damage.length, quarantineBytes))));
    }
  }
}

function keepAside(files: Files, shard: string, damage: DamageReport, bytes: Uint8Array): void {
  const directory = join(shard, quarantineDirectory);
  files.makeDirectory(directory);
  const name = `${damage.kind}-${damage.segment}-${damage.offset}.bin`;
  if (files.list(directory).includes(name)) return;
  const handle = files.create(join(directory, name));
  try {
    files.write(handle, [bytes], 0);
    files.datasync(handle);
  } finally {
    files.close(handle);
  }
}
