// What a failed write says of the disk, in the words of the port.
import type { SpoolTrouble } from '../ports.ts';

export function troubleOf(error: unknown, deliveryMayGoOn: boolean): SpoolTrouble {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return {
    code: full ? 'disk_full' : 'io_error',
    message: full ? 'the disk of the spool is full' : `the spool cannot be written (${code})`,
    deliveryMayGoOn,
  };
}

export const nearlyFull: SpoolTrouble = { code: 'disk_full', message: 'the disk of the spool is nearly full', deliveryMayGoOn: true };

export const threadEnded: SpoolTrouble = { code: 'io_error', message: 'the spool thread ended', deliveryMayGoOn: false };
export const closedTrouble: SpoolTrouble = { code: 'io_error', message: 'the spool is closed', deliveryMayGoOn: false };
