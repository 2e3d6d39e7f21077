// Every bound of the spool, in one place, so that a test can make a disk small and a segment short.

export type SpoolLimits = {
  /** A journal segment is closed once it is this long. */
  journalSegmentBytes: number;
  contentSegmentBytes: number;
  /** Preallocated for outcomes when the disk is full: at about 600 bytes an outcome, some 27,000 of them. */
  reserveBytes: number;
  /** Below this much free space nothing is accepted. */
  softFreeBytes: number;
  /** Accepting starts again above this. */
  resumeFreeBytes: number;
  /** Bytes written between two looks at the free space. */
  freeCheckBytes: number;
  /** Most bytes handed to the disk in one go; a single larger injection goes alone. */
  batchBytes: number;
  /** Contents kept in memory for the first attempt. */
  cacheBytes: number;
  /** How often a spool in trouble looks whether it is over. */
  probeIntervalMs: number;
  /** Whole entries in one batch of `recover`, and rows of those that are not due for a while. */
  recoverBatch: number;
  recoverRows: number;
  /** Entries that are brought back from among the waiting in one step. */
  returnRows: number;
  /** A segment of the waiting is closed once it is this long. */
  waitingSegmentBytes: number;
  /** Live records moved forward in one step, so that no accept waits long behind it. */
  carryBytes: number;
};

const mebibyte = 1024 * 1024;
export const defaultSpoolLimits: SpoolLimits = {
  journalSegmentBytes: 32 * mebibyte,
  contentSegmentBytes: 64 * mebibyte,
  reserveBytes: 16 * mebibyte,
  softFreeBytes: 256 * mebibyte,
  resumeFreeBytes: 320 * mebibyte,
  freeCheckBytes: 4 * mebibyte,
  batchBytes: 8 * mebibyte,
  cacheBytes: 64 * mebibyte,
  probeIntervalMs: 1_000,
  recoverBatch: 1_000,
  recoverRows: 2_000,
  returnRows: 500,
  waitingSegmentBytes: 32 * mebibyte,
  carryBytes: mebibyte / 4,
};

/**
 * Share of the reserve kept for the outcomes of attempts that run when the rest is used up: delivery stops, they are still written. 6 MiB of
 * 16 are some 10,000 outcomes, more than run and wait to be written at one time.
 */
export const reserveShareInHand = 3 / 8;
/** Segments of a kind beyond which moving live records out of the oldest is considered. */
export const freeSegments = 4;
/**
 * What is live in the oldest segment of the journal is carried to its front once so much of the room beside twice what is live is used up.
 * The longer that waits the less of it is still live, and the less of what flows is answered by a carry.
 */
export const usedUpToCarry = 1 / 4;
/** The journal alone counts as one that uses up its room when it takes as many times that room. */
export const longJournal = 4;
/** A sealed content segment with a smaller live share is emptied. */
export const liveShareToCompact = 0.3;
/** The same when all contents together take more than twice what is live of them. */
export const liveShareWhenSparse = 0.7;
/** While a log is mostly dead a step of moving is taken for this part of the usual bytes written: ends write little and free much. */
export const sparseStepShare = 1 / 4;
/**
 * Share of its thread's time that moving takes at most, by how much of the segments that are free beside twice what is live is used up. A
 * log may become mostly dead at once, when events that nobody could copy are copied at last; and the disk must not fill up for it.
 */
export const movingShares = [
  // Far beyond: it came at once and cannot be undone at once, so mail goes on beside it.
  { usedUp: 2, share: 1 / 5 },
  { usedUp: 0.75, share: 1 },
  { usedUp: 0.5, share: 1 / 2 },
  { usedUp: 0.25, share: 1 / 5 },
  { usedUp: -Infinity, share: 1 / 20 },
] as const;
/** After a step that took long because the disk, or the whole machine, stood still. */
export const longestRestMs = 250;
/** Records of the journal that follow each other are read this much at once. */
export const readAheadBytes = mebibyte / 8;
/** A start hands out as rows of numbers what is due later than this. */
export const dueSoonMs = 60_000;
/** Open files kept for reading sealed segments. */
export const openSegments = 32;
/** A content in parts is brought to the disk whenever so much of it was written: what comes at its end is short, and so is the wait of others. */
export const draftSyncBytes = 4 * mebibyte;
/** The last record of a content in parts; its length is always this, so that it is found from the end. */
export const wholeRecordBytes = 4_096;
/** Recipients of one injection; a u16 on disk. */
export const maxRecipients = 65_535;
/** Bytes of a damaged stretch kept for inspection. */
export const quarantineBytes = 1 * mebibyte;
/** Reading window of a scan. */
export const windowBytes = 1 * mebibyte;
/** The same where only the header of a segment is looked at. */
export const headerWindowBytes = 16 * 1024;
