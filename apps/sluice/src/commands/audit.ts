// `sluice audit`: the record of what was done, searched, written out, and checked. The check computes every hash itself, on this machine,
// and compares what nodes kept on their disks: the console's own word is not taken for it.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { SluiceClient } from '@sluice/client';
import { auditFormats } from '@sluice/contract/api';
import { ChainCheck } from '@sluice/contract/audit-chain';
import { storedAnchors } from '@sluice/engine/offline';
import { connect, remoteTarget, runningInstallation } from './connection.ts';
import { CommandFailure, exitCodes, print, printJson, printRow } from './outcome.ts';

type Filter = {
  actor?: string;
  action?: string;
  target?: string;
  tenant?: string;
  request?: string;
  from?: string;
  to?: string;
  text?: string;
};

function instant(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new CommandFailure(`--${name} is a time such as 2026-11-29T12:00Z`, exitCodes.usage);
  return at.toISOString();
}

const wanted = ({ actor, action, target, tenant, request, from, to, text }: Filter) => ({
  ...{ actor, action, target, text, tenantId: tenant, requestId: request },
  ...{ from: instant('from', from), to: instant('to', to) },
});

async function search(options: Filter & { limit: string; json?: true }): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) throw new CommandFailure('--limit is 1 to 200', exitCodes.usage);
  const { client } = connect();
  const items: Awaited<ReturnType<SluiceClient['audit']['search']['query']>>['items'] = [];
  let cursor: string | undefined;
  do {
    const page = await client.audit.search.query({ ...wanted(options), limit: limit - items.length, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && items.length < limit);
  if (options.json) return printJson(items);
  for (const { seq, at, actor, action, target, reason } of items) printRow(seq, at, actor, action, target, reason);
  if (items.length === 0) print('nothing of that kind is recorded');
}

async function writeOut(options: Filter & { format: string }): Promise<void> {
  const format = auditFormats.find((one) => one === options.format);
  if (!format) throw new CommandFailure(`--format is one of ${auditFormats.join(', ')}`, exitCodes.usage);
  const { client } = connect();
  let cursor: string | undefined;
  do {
    const page = await client.audit.export.query({ ...wanted(options), format, cursor });
    process.stdout.write(page.text);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}

/** A folder of anchors, or a data folder with one for each mode. */
function anchorFolders(given: string): string[] {
  const folder = resolve(given);
  if (!existsSync(folder)) throw new CommandFailure(`${folder} is not there`, exitCodes.usage);
  const below = ['sandbox', 'internet'].map((mode) => join(folder, mode, 'audit-anchors')).filter((path) => existsSync(path));
  if (below.length > 0) return below;
  if (!readdirSync(folder).some((name) => name.endsWith('.jsonl'))) throw new CommandFailure(`${folder} has no anchors`, exitCodes.usage);
  return [folder];
}

/** Those of the engine on this machine; none for an installation elsewhere, and before its first minute. */
function ownAnchors(): string[] {
  if (remoteTarget() !== null) return [];
  const { dataDir, egress } = runningInstallation();
  const own = join(dataDir, egress, 'audit-anchors');
  return existsSync(own) ? [own] : [];
}

async function verify(options: { anchors?: string[]; json?: true }): Promise<void> {
  const { client } = connect();
  const folders = (options.anchors ?? ownAnchors()).flatMap(anchorFolders);
  const stored = folders.map((folder) => storedAnchors(folder));
  const anchors = stored.flatMap((one) => one.anchors).filter((anchor) => anchor.agrees);
  const unreadable = stored.reduce((sum, one) => sum + one.unreadable, 0);
  const check = new ChainCheck(anchors);
  for (;;) {
    const { links, head } = await client.audit.chain.query({ after: check.at, limit: 500 });
    check.add(links);
    if (links.length > 0) continue;
    check.end(head);
    break;
  }
  const { problems, entries } = check;
  if (options.json) printJson({ ok: problems.length === 0, entries, anchors: anchors.length, unreadable, problems });
  else {
    for (const { kind, message } of problems) printRow(kind, message);
    if (unreadable > 0) print(`${unreadable} lines of anchors cannot be read`);
    const against = anchors.length > 0 ? `against ${anchors.length} anchors of nodes` : 'without any anchor of a node';
    print(`${entries} entries checked ${against}: ${problems.length === 0 ? 'the record is whole' : 'THE RECORD IS DAMAGED'}`);
  }
  if (problems.length > 0) throw new CommandFailure('', exitCodes.failed);
}

const filtered = (command: Command): Command =>
  command
    .option('--actor <name>', 'who did it')
    .option('--action <beginning>', 'what was done, such as pools. or pools.create')
    .option('--target <beginning>', 'to what, such as pool:')
    .option('--tenant <id>', 'whose')
    .option('--request <id>', 'in which request')
    .option('--from <time>', 'not before')
    .option('--to <time>', 'before')
    .option('--text <text>', 'anywhere in the entry');

export function addAuditCommands(sluice: Command): void {
  const audit = sluice.command('audit').description('the record of what was done, by whom and why');
  filtered(audit.command('search').description('entries, newest first'))
    .option('--limit <number>', 'how many, at most 200', '50')
    .option('--json', 'print JSON')
    .action(search);
  filtered(audit.command('export').description('entries, oldest first, to standard output'))
    .option('--format <format>', 'ndjson or csv', 'ndjson')
    .action(writeOut);
  audit
    .command('verify')
    .description('check that no entry was changed, removed or put in another order; exit code 1 when one was')
    .option('--anchors <folders...>', 'folders of anchors or data folders of nodes, if not the one of this installation')
    .option('--json', 'print JSON')
    .action(verify);
}
