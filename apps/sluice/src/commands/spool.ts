// `sluice spool`: what lies on this machine's disk, read without the engine. For doubts after a crash, for a spool whose engine does not
// start, and for comparing the accounting log with what reached Postgres. Nothing here writes into the spool.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { domainToASCII } from 'node:url';
import type { Command } from 'commander';
import {
  isShardInUse,
  isSound,
  listShards,
  loggedEvents,
  storedMessages,
  verifyShard,
  type ShardSummary,
  type StoredFilter,
} from '@sluice/engine/offline';
import { readOwnSettings } from '../env.ts';
import { CommandFailure, exitCodes, print, printable, printJson } from './outcome.ts';
import { exportMessages } from './spool-export.ts';

type Where = { folder?: string };
type Filtered = Where & { domain?: string; tenant?: string };

/** The folder that is named, or that of the mode in force; fails when there is none. */
function spoolFolder({ folder }: Where): string {
  const read = readOwnSettings();
  if (folder === undefined && !read.ok) throw new CommandFailure(read.problems.join('\n'), exitCodes.usage);
  const own = read.ok ? join(read.settings.dataDir, read.settings.egress, 'spool') : '';
  const found = resolve(folder ?? own);
  if (!existsSync(found)) throw new CommandFailure(`there is no spool at ${found}`, exitCodes.notRunning);
  return found;
}

function filterOf({ domain, tenant }: Filtered): StoredFilter {
  const ascii = domain === undefined ? undefined : domainToASCII(domain);
  if (ascii === '') throw new CommandFailure(`${domain} is no domain`, exitCodes.usage);
  return { ...(ascii !== undefined && { domain: ascii }), ...(tenant !== undefined && { tenantId: tenant }) };
}

const inUse = (folder: string): number[] => listShards(folder).filter((worker) => isShardInUse(folder, worker));

/** What an engine moves and clears away while it is read would look damaged. */
function refuseInUse(folder: string): void {
  const workers = inUse(folder);
  if (workers.length === 0) return;
  throw new CommandFailure(`an engine has worker ${workers.join(', ')} open: stop it first, or work on a copy (--folder)`);
}

/** An entry a line, as it is read: a million cost no more memory than one, beyond the index. */
function list(options: Filtered & { json?: boolean }): void {
  const folder = spoolFolder(options);
  const filter = filterOf(options);
  if (inUse(folder).length > 0)
    process.stderr.write('an engine is running on this spool: what it sends or moves meanwhile may be missing or shown once more\n');
  let lost = 0;
  for (const worker of listShards(folder)) {
    for (const stored of storedMessages(folder, worker, filter)) {
      if (process.stdout.destroyed) return;
      if (stored.kind === 'lost') {
        lost += 1;
        const { part, segment, offset, messageId } = stored.lost;
        process.stderr.write(printable(`damaged: message ${messageId}, ${part} segment ${segment} at ${offset}`).concat('\n'));
        continue;
      }
      const { entries, ...envelope } = stored.envelope;
      for (const entry of entries) {
        if (options.json) print(JSON.stringify({ worker, ...envelope, ...entry }));
        else {
          const { entryId, recipient, dueAt, attempts, lastReply, lastDetail } = entry;
          const said = lastReply === null ? (lastDetail ?? '-') : `${lastReply.code} ${lastReply.text}`;
          const words = [
            entryId,
            `<${envelope.sender}>`,
            `<${recipient}>`,
            envelope.tenantId,
            new Date(dueAt).toISOString(),
            attempts,
            said,
          ];
          print(printable(words.join('  ')));
        }
      }
    }
  }
  if (lost > 0) throw new CommandFailure(`${lost} messages are damaged: see spool verify`);
}

function printSummary(worker: number, summary: ShardSummary): void {
  const { liveEntries, liveInjections, segments, records, damage, contentDamage, missingSegments, lost, lostInjections } = summary;
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  print(`worker ${worker}: ${liveEntries} entries of ${liveInjections} messages in ${segments.length} segments, ${bytes} bytes`);
  print(`  ${records} whole records`);
  if (summary.identityProblem !== null) print(`  ${printable(summary.identityProblem)}`);
  for (const segment of missingSegments) print(`  missing: journal segment ${segment}`);
  const stretches = [...damage, ...contentDamage.map((found) => ({ ...found, kind: 'content' }))];
  for (const { kind, segment, offset, length, tail } of stretches)
    print(`  ${tail ? 'unfinished end' : 'damaged'}: ${kind} segment ${segment}, ${length} bytes at ${offset}`);
  for (const { messageId, entries, part, segment, offset } of lost)
    print(
      `  lost: message ${printable(messageId)} with ${entries} entries; its ${part} record, segment ${segment} at ${offset}, is not whole`,
    );
  if (lostInjections > lost.length) print(`  lost: ${lostInjections - lost.length} more messages`);
  for (const name of summary.quarantined) print(`  kept aside: ${printable(name)}`);
}

/** Checks every record of every shard; fails when something is damaged or lost. */
function verify(options: Where & { json?: boolean }): void {
  const folder = spoolFolder(options);
  refuseInUse(folder);
  const shards = listShards(folder).map((worker) => ({ worker, ...verifyShard(folder, worker) }));
  if (options.json) printJson(shards);
  else for (const { worker, ...summary } of shards) printSummary(worker, summary);
  refuseInUse(folder);
  if (!shards.every(isSound)) throw new CommandFailure('the spool is damaged');
}

function exportTo(target: string, options: Filtered & { format: string; unreferenced?: boolean }): void {
  const { format } = options;
  if (format !== 'eml' && format !== 'mbox') throw new CommandFailure('the format is eml or mbox', exitCodes.usage);
  const folder = spoolFolder(options);
  refuseInUse(folder);
  const found = {
    folder,
    target: resolve(target),
    filter: filterOf(options),
    format,
    unreferenced: options.unreferenced === true,
  } as const;
  const { messages, entries, unreferenced, lost } = exportMessages(found);
  print(`${messages} messages with ${entries} entries${options.unreferenced ? `, ${unreferenced} unreferenced contents` : ''}`);
  for (const { messageId, part, segment, offset } of lost.named)
    print(`  not whole: message ${printable(messageId)}; its ${part} record, segment ${segment} at ${offset}`);
  refuseInUse(folder);
  if (lost.count > 0) throw new CommandFailure(`${lost.count} messages are damaged and not exported`);
}

/** Prints the accounting log: with --json one object a line with the event and its content hash. */
function events(options: Where & { json?: boolean }): void {
  const folder = spoolFolder(options);
  for (const worker of listShards(folder)) {
    for (const { event, contentHash } of loggedEvents(folder, worker)) {
      if (options.json) print(JSON.stringify({ contentHash, event }));
      else print(printable(`${new Date(event.at).toISOString()}  ${event.type.padEnd(13)}  ${event.recipient ?? '-'}  ${event.id}`));
    }
  }
}

export function addSpoolCommands(sluice: Command): void {
  const spool = sluice.command('spool').description('what lies on the disk of this machine; nothing here changes it');
  const command = (name: string, description: string): Command =>
    spool.command(name).description(description).option('--folder <path>', "spool folder, if not this installation's");
  const filtered = (made: Command): Command =>
    made.option('--domain <domain>', 'only recipients of this domain').option('--tenant <id>', 'only mail of this tenant');
  filtered(command('list', 'every entry that waits; also while an engine runs'))
    .option('--json', 'print a JSON object a line')
    .action(list);
  command('verify', 'check every record and every message; the engine must not run').option('--json', 'print JSON').action(verify);
  filtered(command('export', 'copy what waits into a new folder, as far as it is whole; the engine must not run'))
    .argument('<target>', 'folder to make')
    .option('--format <format>', 'eml (a file a message, its envelope as JSON beside it) or mbox', 'eml')
    .option('--unreferenced', 'contents as well that nothing waiting names: mail that is over, or whose record is lost')
    .action(exportTo);
  command('events', 'all events that the accounting log still holds').option('--json', 'print a JSON object a line').action(events);
}
