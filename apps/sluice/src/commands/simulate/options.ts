// What `sluice simulate` is told on the command line, read once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readOwnSettings } from '../../env.ts';
import { CommandFailure, exitCodes } from '../outcome.ts';

export type GivenOptions = {
  config?: string;
  against?: string;
  arrivals?: string;
  folder?: string;
  from?: string;
  until?: string;
  providers?: string;
  seed: string;
  roundTrip: string;
  longestDrain: string;
  repeat: string;
  node?: string;
  writeConfig?: string;
  json?: true;
  decisions?: true;
};

export type Options = {
  /** Files of configurations; the second is compared with the first. */
  config: string;
  against: string | null;
  traffic: { kind: 'list'; file: string } | { kind: 'log'; folder: string; fromMs: number; untilMs: number };
  providers: string | null;
  seed: number;
  roundTripMs: number;
  longestDrainMs: number;
  repeat: number;
  node: string;
};

const dayMs = 86_400_000;

export function optionsOf(given: GivenOptions): Options {
  const read = readOwnSettings();
  const own = read.ok ? join(read.settings.dataDir, read.settings.egress) : null;
  const config = given.config ?? (own === null ? null : join(own, 'config', 'entities.jsonl'));
  if (config === null || !existsSync(config))
    throw usage(`--config: there is no configuration at ${config ?? 'the data folder'}; name a file`);
  if (given.against !== undefined && !existsSync(given.against)) throw usage(`--against: there is no file ${given.against}`);
  return {
    ...{ config, against: given.against ?? null, traffic: trafficOf(given, own), providers: given.providers ?? null },
    seed: numberIn('--seed', given.seed, 0, 2 ** 32 - 1),
    roundTripMs: numberIn('--round-trip', given.roundTrip, 0, 10_000),
    longestDrainMs: numberIn('--longest-drain', given.longestDrain, 0, 60) * dayMs,
    repeat: Math.floor(numberIn('--repeat', given.repeat, 1, 400)),
    node: given.node ?? (read.ok ? read.settings.nodeName : 'simulation'),
  };
}

function trafficOf({ arrivals, folder, from, until }: GivenOptions, own: string | null): Options['traffic'] {
  if (arrivals !== undefined) {
    if (folder !== undefined || from !== undefined || until !== undefined)
      throw usage('--arrivals is a list of its own: no --folder, --from or --until');
    if (!existsSync(arrivals)) throw usage(`--arrivals: there is no file ${arrivals}`);
    return { kind: 'list', file: arrivals };
  }
  const spool = folder ?? (own === null ? null : join(own, 'spool'));
  if (spool === null || !existsSync(spool))
    throw usage('there is no accounting log here: name a spool folder (--folder) or a list (--arrivals)');
  return { kind: 'log', folder: spool, fromMs: timeOf('--from', from) ?? 0, untilMs: timeOf('--until', until) ?? Number.MAX_SAFE_INTEGER };
}

function timeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw usage(`${name} is a time such as 2026-11-01 or 2026-11-01T09:30:00Z`);
  return ms;
}

function numberIn(name: string, text: string, least: number, most: number): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) throw usage(`${name} is a number from ${least} to ${most}`);
  return number;
}

const usage = (line: string): CommandFailure => new CommandFailure(line, exitCodes.usage);
