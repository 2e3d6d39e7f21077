// Backup and restore of the database of an installation.
export { backup } from './backup.ts';
export { backupByDump } from './dump.ts';
export { restore } from './restore.ts';
export { BackupError } from './frames.ts';
export type { ProgramPlaces } from './programs.ts';
