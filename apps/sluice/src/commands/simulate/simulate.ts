// `sluice simulate`: what would become of recorded or listed traffic under a configuration, or under two, with the engine itself under virtual
// time and the simulator's providers as receivers. Needs nothing that runs, opens no socket, writes nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Command } from 'commander';
import { compilerFlags } from '@sluice/engine/node-flags';
import {
  listedTraffic,
  ListProblem,
  listShards,
  readSimulatedConfig,
  recordedTraffic,
  repeated,
  simulate,
  type Arrival,
  type SimulatedEntity,
  type SimulationReport,
} from '@sluice/engine/offline';
import { modelledDns, ModelledHosts } from '@sluice/isp-simulator';
import { CommandFailure, exitCodes, print, printable, printJson } from '../outcome.ts';
import { linesOf } from './lines.ts';
import { optionsOf, type GivenOptions, type Options } from './options.ts';
import { providersIn } from './provider-file.ts';
import { printComparison, printReport } from './tables.ts';
import { printWarmUps } from './warm-up-tables.ts';

type Traffic = {
  arrivals(entities: readonly SimulatedEntity[]): Iterable<Arrival>;
  hosts: ReadonlyMap<string, string>;
  unknown: ReadonlySet<string>;
};
type Run = { name: string; report: SimulationReport; seconds: number };

export function simulation(sluice: Command): void {
  sluice
    .command('simulate')
    .description('what would become of recorded or listed traffic under a configuration: time to drain, attempts, deferrals, blocks')
    .option('--config <file>', 'configuration to try; the copy of the node on this machine when left out')
    .option('--against <file>', 'a second configuration, compared with the first')
    .option('--arrivals <file>', 'traffic as a list, JSON lines or CSV, instead of the accounting log')
    .option('--folder <folder>', 'spool folder whose accounting log is replayed')
    .option('--from <time>', 'recorded traffic from this time on')
    .option('--until <time>', 'recorded traffic before this time')
    .option('--repeat <times>', 'the same traffic so often, whole days apart', '1')
    .option('--providers <file>', 'what to assume of providers, as JSON')
    .option('--seed <number>', 'the same seed gives the same run', '1')
    .option('--round-trip <ms>', 'network time to a host and back', '20')
    .option('--longest-drain <days>', 'end so long after the last arrival, whatever waits', '5')
    .option('--node <name>', 'the node as whose the engine runs')
    .option('--write-config <file>', 'write the configuration as a list to edit, and do nothing else')
    .option('--decisions', 'print what the engine decided by itself')
    .option('--json', 'print JSON')
    .action(run);
}

async function run(given: GivenOptions): Promise<void> {
  // The engine runs in this process.
  for (const flag of compilerFlags) setFlagsFromString(flag);
  const options = optionsOf(given);
  const first = await configIn(options.config);
  if (given.writeConfig !== undefined) return writeList(given.writeConfig, first);
  const second = options.against === null ? null : await configIn(options.against);
  const traffic = trafficFor(options);
  const runs = [await runOnce(options, options.config, first, traffic, given.json === true)];
  if (second && options.against !== null) runs.push(await runOnce(options, options.against, second, traffic, given.json === true));
  if (given.json) return printJson(runs.map(({ name, report, seconds }) => ({ configuration: name, seconds, ...report })));
  for (const one of runs) {
    if (runs.length > 1) print(printable(`${one.name}:`));
    printReport(one);
    printWarmUps(one.report, second && one !== runs[0] ? second : first);
    if (given.decisions)
      for (const { at, sentence } of one.report.decisions) print(printable(`  ${new Date(at).toISOString()}  ${sentence}`));
  }
  const [one, other] = runs;
  if (one && other) printComparison([one.name, other.name], one.report, other.report);
}

async function configIn(path: string): Promise<SimulatedEntity[]> {
  const read = await readSimulatedConfig(readFileSync(path, 'utf8'));
  if (read.ok) return read.entities;
  throw new CommandFailure(
    printable(`${path} is no configuration that an engine would run`).concat(
      '\n',
      read.problems.map((line) => `  ${printable(line)}`).join('\n'),
    ),
    exitCodes.usage,
  );
}

/** Without the verifiers of credentials: a simulation has no use for them, and such lists are passed around. */
function writeList(path: string, entities: readonly SimulatedEntity[]): void {
  const shown = entities.filter(({ kind }) => kind !== 'credential');
  writeFileSync(path, `${JSON.stringify({ entities: shown }, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  print(printable(`${shown.length} entities in ${path}`));
}

function trafficFor({ traffic }: Options): Traffic {
  if (traffic.kind === 'list') {
    const arrivals = (entities: readonly SimulatedEntity[]): Iterable<Arrival> => listedTraffic(linesOf(traffic.file), entities);
    return { arrivals, hosts: new Map(), unknown: new Set() };
  }
  const recorded = recordedTraffic(traffic.folder, listShards(traffic.folder), traffic);
  if (recorded.arrivals.length === 0)
    throw new CommandFailure('the accounting log has no arrivals of that time; what was shipped and pruned is not in it');
  return { ...recorded, arrivals: () => recorded.arrivals };
}

async function runOnce(options: Options, path: string, entities: SimulatedEntity[], traffic: Traffic, quiet: boolean): Promise<Run> {
  const { seed, node, roundTripMs, longestDrainMs } = options;
  const profiles = providersIn(options.providers);
  const startedMs = performance.now();
  const tell = process.stderr.isTTY && !quiet;
  try {
    const result = await simulate({
      ...{ entities, arrivals: repeated(() => traffic.arrivals(entities), options.repeat), seed, node, roundTripMs, longestDrainMs },
      resolver: modelledDns((domain) => traffic.hosts.get(domain) ?? null),
      receivers: (clock) => {
        // Providers live by the hour of the day.
        const wall = { nowMs: () => clock.nowMs(), monotonicMs: () => clock.nowMs(), setTimer: clock.setTimer.bind(clock) };
        return new ModelledHosts({ seed: String(seed), clock: wall, profiles, isUnknown: (address) => traffic.unknown.has(address) });
      },
      ...(tell && {
        onProgress: ({ nowMs, arrived, waiting }) =>
          void process.stderr.write(`\r${new Date(nowMs).toISOString().slice(0, 16)}  ${arrived} arrived, ${waiting} wait   `),
      }),
    });
    if (tell) process.stderr.write('\n');
    if (!result.ok)
      throw new CommandFailure(result.problems.map(({ kind, id, field, message }) => `${kind} ${id} ${field}: ${message}`).join('\n'));
    return { name: basename(path), report: result.report, seconds: (performance.now() - startedMs) / 1000 };
  } catch (error) {
    if (error instanceof ListProblem) throw new CommandFailure(`--arrivals: ${printable(error.message)}`, exitCodes.usage);
    throw error;
  }
}
