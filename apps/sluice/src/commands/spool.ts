// `sluice spool`: what lies on this machine's disk, read without the engine. For doubts after a crash and for comparing the accounting
// log with what reached Postgres.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { listShards, loggedEvents, verifyShard } from '@sluice/engine/offline';
import { readOwnSettings } from '../env.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';

/** The spool folder of the mode in force; fails when there is none. */
function spoolFolder(): string {
  const read = readOwnSettings();
  if (!read.ok) throw new CommandFailure(read.problems.join('\n'), exitCodes.usage);
  const folder = join(resolve(read.settings.dataDir), read.settings.egress, 'spool');
  if (!existsSync(folder)) throw new CommandFailure(`there is no spool at ${folder}`, exitCodes.notRunning);
  return folder;
}

/** Replays every shard and checks every live content; fails when something is damaged or lost. */
export function verify(options: { json?: boolean }): void {
  const folder = spoolFolder();
  const shards = listShards(folder).map((worker) => ({ worker, ...verifyShard(folder, worker) }));
  if (options.json) printJson(shards);
  else {
    for (const { worker, liveEntries, liveInjections, segments, damage, lost } of shards) {
      const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
      print(`worker ${worker}: ${liveEntries} entries of ${liveInjections} messages in ${segments.length} segments, ${bytes} bytes`);
      if (damage.length > 0) print(`  ${damage.length} damaged stretches`);
      for (const { messageId, entries } of lost) print(`  lost: message ${printable(messageId)} with ${entries} entries`);
    }
  }
  if (shards.some((shard) => shard.lost.length > 0)) throw new CommandFailure('the spool has lost messages');
}

/** Prints the accounting log: with --json one object a line with the event and its content hash. */
export function events(options: { json?: boolean }): void {
  const folder = spoolFolder();
  for (const worker of listShards(folder)) {
    for (const { event, contentHash } of loggedEvents(folder, worker)) {
      if (options.json) print(JSON.stringify({ contentHash, event }));
      else print(printable(`${new Date(event.at).toISOString()}  ${event.type.padEnd(13)}  ${event.recipient ?? '-'}  ${event.id}`));
    }
  }
}
