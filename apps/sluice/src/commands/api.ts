// `sluice api PROCEDURE`: any procedure by its path, with its input as JSON: whatever has no words of its own here, and whatever a newer
// server has. Whether it asks or changes is read from the document that the server serves.
import { readFileSync } from 'node:fs';
import type { SluiceClient } from '@sluice/client';
import type { Command } from 'commander';
import { connect, fetchOf } from './connection.ts';
import { CommandFailure, exitCodes, printable, printJson, printRow } from './outcome.ts';

const requestLimitMs = 15_000;
const prefix = '/api/trpc/';

type Described = { path: string; kind: 'query' | 'mutation'; summary: string; scope: string | null };
type Untyped = Record<string, Record<string, { query(input: unknown): Promise<unknown>; mutate(input: unknown): Promise<unknown> }>>;
type Document = { paths: Record<string, Record<string, { summary: string; 'x-sluice-access'?: { scope: string | null } }>> };

/** What the server can do, as its own document says. */
export async function proceduresOf(url: string): Promise<Described[]> {
  const response = await fetchOf(url)(`${url}/api/openapi.json`, { signal: AbortSignal.timeout(requestLimitMs) });
  if (!response.ok) throw new CommandFailure(`${url} serves no document of its API (HTTP ${response.status})`);
  const { paths } = (await response.json()) as Document;
  return Object.entries(paths).flatMap(([path, methods]) => {
    if (!path.startsWith(prefix)) return [];
    const kind = 'post' in methods ? 'mutation' : 'query';
    const operation = methods['post'] ?? methods['get'];
    return [
      { path: path.slice(prefix.length), kind, summary: operation?.summary ?? '', scope: operation?.['x-sluice-access']?.scope ?? null },
    ];
  });
}

function readInput(options: { input?: string; inputFile?: string }): unknown {
  const given =
    options.input ??
    (options.inputFile === undefined ? undefined : readFileSync(options.inputFile === '-' ? 0 : options.inputFile, 'utf8'));
  if (given === undefined) return undefined;
  try {
    return JSON.parse(given);
  } catch (error) {
    throw new CommandFailure(
      `the input is not JSON: ${printable(error instanceof Error ? error.message : String(error))}`,
      exitCodes.usage,
    );
  }
}

async function call(path: string | undefined, options: { input?: string; inputFile?: string; list?: true; json?: true }): Promise<void> {
  const { url, client } = connect();
  const all = await proceduresOf(url);
  if (options.list || path === undefined) {
    if (options.json) return printJson(all);
    for (const { path: name, kind, scope, summary } of all) printRow(name, kind, scope ?? 'anyone', summary);
    return;
  }
  const found = all.find((one) => one.path === path);
  if (!found) throw new CommandFailure(`there is no procedure ${printable(path)}; sluice api --list shows all`, exitCodes.notFound);
  const input = readInput(options);
  const [noun = '', verb = ''] = path.split('.');
  // The path is not known when this is written; the server checks what is sent.
  const procedure = (client as SluiceClient & Untyped)[noun]?.[verb];
  if (!procedure) throw new CommandFailure(`${printable(path)} cannot be called`);
  printJson(found.kind === 'query' ? await procedure.query(input) : await procedure.mutate(input));
}

export function addApiCommand(sluice: Command): void {
  sluice
    .command('api')
    .description('call any procedure of the API')
    .argument('[procedure]', 'such as queues.list')
    .option('--input <json>', 'its input')
    .option('--input-file <file>', 'the same from a file; - reads standard input')
    .option('--list', 'all procedures, with the scope that a key needs')
    .option('--json', 'print JSON, as without')
    .action(call);
}
