// The spool's public names.
export { ContentLostError } from './contents.ts';
export { openSpool, type OpenSpool, type SpoolOptions, type SpoolStats } from './spool.ts';
export { defaultSpoolLimits, type SpoolLimits } from './limits.ts';
export { SpoolFormatError, type SpoolFormatCode } from './record.ts';
export { logStart, shardDirectory, type JournalPosition } from './segment-files.ts';
export type { SpoolLog } from './shard-state.ts';
