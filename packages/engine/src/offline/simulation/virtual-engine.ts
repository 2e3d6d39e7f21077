// An engine whose every port is virtual: time, spool, attempts, files. Which parts of the engine are under test here? All: nothing of the
// queue, the limits, automation or warm-up is written a second time.
import type { Answer, ConfigProblem, Decision, Question } from '@sluice/contract';
import { createConfiguration, type Configuration } from '../../config/configuration.ts';
import type { RecordFile } from '../../config/record-file.ts';
import { createEngine, type Engine } from '../../engine.ts';
import type { Resolver } from '../../ports.ts';
import { keptLines } from './kept-lines.ts';
import { configFileOf, type SimulatedEntity } from './simulated-config.ts';
import { virtualAttempter, type ReceivingHosts } from './virtual-attempter.ts';
import { repeatableRandom, type VirtualClock } from './virtual-clock.ts';
import type { VirtualSpool } from './virtual-spool.ts';

/** Decisions that are kept one by one; past it they are counted. */
export const maxDecisions = 2_000;

export type VirtualEngineOptions = {
  clock: VirtualClock;
  entities: readonly SimulatedEntity[];
  spool: VirtualSpool;
  resolver: Resolver;
  receivers: ReceivingHosts;
  roundTripMs: number;
  seed: number;
  node: string;
};

export type VirtualEngine = {
  readonly engine: Engine;
  readonly configuration: Configuration;
  /** What the engine decided by itself, the first of it. */
  readonly decisions: Decision[];
  readonly decisionsInAll: () => number;
  /** As the console asks a node. */
  ask(question: Question): Promise<Answer>;
};

export function virtualEngine(options: VirtualEngineOptions): { ok: true; made: VirtualEngine } | { ok: false; problems: ConfigProblem[] } {
  const configFile = configFileOf(options.entities);
  return configFile.ok ? { ok: true, made: composed(options, configFile.file) } : { ok: false, problems: configFile.problems };
}

function composed(
  { clock, spool, resolver, receivers, roundTripMs, seed, node }: VirtualEngineOptions,
  configFile: RecordFile,
): VirtualEngine {
  const log = { info: () => undefined, warn: () => undefined };
  const following = { stop: () => Promise.resolve() };
  const configuration = createConfiguration({ clock, node, log, configFile, configFeed: null, secretFeed: null, secretFile: keptLines() });
  const decisions: Decision[] = [];
  let decisionsInAll = 0;
  let ask: VirtualEngine['ask'] = () => Promise.resolve({ kind: 'refused', message: 'nobody answers' });
  const engine = createEngine(
    {
      ...{ clock, log, configuration, spool, resolver, random: repeatableRandom(seed) },
      ...{ commandSource: null, frameSink: null, commandFile: keptLines(), decisionFile: keptLines() },
      ...{ automationFile: keptLines(), warmUpFile: keptLines() },
      questionSource: { follow: (answer) => ((ask = answer), following) },
      decisionSink: {
        take(some) {
          decisionsInAll += some.length;
          decisions.push(...some.slice(0, Math.max(0, maxDecisions - decisions.length)));
          return Promise.resolve();
        },
      },
      attempter: virtualAttempter({ clock, roundTripMs, receivers }),
      signer: { sign: () => Promise.resolve(new Uint8Array(0)) },
    },
    { node, egress: 'sandbox' },
  );
  return { engine, configuration, decisions, decisionsInAll: () => decisionsInAll, ask: (question) => ask(question) };
}
