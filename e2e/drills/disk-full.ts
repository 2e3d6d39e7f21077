// disk-full: a full disk loses nothing. Mail is refused first, delivery goes on out of the reserve, then nothing is offered to anybody, and
// all goes on by itself when there is space again. A real, small disk, mounted for this drill alone.
//
// Usage: npm run drill -- disk-full [--fs tmpfs|ext4] [--disk-mib 160] [--free-mib 48] [--reserve-mib 8] [--bytes 4000]
import { parseArgs } from 'node:util';
import { runFullDisk } from './disk/full-disk.ts';
import { enterOwnMounts } from './disk/small-disk.ts';

enterOwnMounts();
const { values } = parseArgs({
  options: {
    fs: { type: 'string', default: 'tmpfs' },
    'disk-mib': { type: 'string', default: '160' },
    'free-mib': { type: 'string', default: '48' },
    'reserve-mib': { type: 'string', default: '8' },
    bytes: { type: 'string', default: '4000' },
    'in-own-mounts': { type: 'boolean' },
  },
});

const figures = await runFullDisk({
  fs: values.fs === 'ext4' ? 'ext4' : 'tmpfs',
  diskMib: Number(values['disk-mib']),
  freeMib: Number(values['free-mib']),
  reserveMib: Number(values['reserve-mib']),
  bytes: Number(values.bytes),
});
const holds =
  figures.lost === 0 &&
  figures.refused > 0 &&
  figures.deliveredWhileFull > 0 &&
  figures.heldAtStop > 0 &&
  figures.offeredWhileStopped === 0 &&
  figures.acceptedAfterwards > 0 &&
  // Sent, and killed before it could be recorded; whatever was not in flight then is over in the journal or was never offered.
  figures.duplicates <= figures.inFlightAtKill;
process.stdout.write(`${JSON.stringify({ drill: 'disk-full', holds, ...figures })}\n`);
process.exit(holds ? 0 : 1);
