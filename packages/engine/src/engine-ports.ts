// What a host supplies an engine with: the ports that everything from outside comes through, the files in which it keeps small things, and
// what it is told of itself.
import type { LimitStore } from '@sluice/policy';
import type { Configuration } from './config/configuration.ts';
import type { RecordFile } from './config/record-file.ts';
import type { EgressMode } from './entry.ts';
import type { HostGauges } from './metrics.ts';
import type {
  Attempter,
  Clock,
  CommandSource,
  DecisionSink,
  EngineLog,
  FrameSink,
  HookPost,
  QuestionSource,
  Random,
  Resolver,
  SourceProber,
  Spool,
  TraceFeed,
} from './ports.ts';
import type { HeaderSigner } from './queue/worker.ts';
import type { PolicySource } from './route/mta-sts.ts';

export type EnginePorts = {
  clock: Clock;
  random: Random;
  log: EngineLog;
  /** From `createConfiguration`, not yet loaded: the host needs it earlier, for its key store. */
  configuration: Configuration;
  commandSource: CommandSource | null;
  /** What is asked of this node; its answers come from memory. */
  questionSource: QuestionSource | null;
  /** Traces that are asked of this node, and where their lines go. */
  traceFeed?: TraceFeed | null;
  /** Where active commands are kept. */
  commandFile: RecordFile;
  /** Where decisions are kept until they are taken over, and who takes them; without the file they are kept in memory. */
  decisionFile?: RecordFile;
  decisionSink?: DecisionSink | null;
  /** Where the counts of warm-up are kept; without it they are in memory only, and a restart begins anew. */
  warmUpFile?: RecordFile;
  /** Tries out sources that fail; without it none is taken out of its pools. `sourceHealthFile`: where those that are out are kept. */
  prober?: SourceProber;
  sourceHealthFile?: RecordFile;
  /** Where the actions of automation are kept; without it they end with the process. */
  automationFile?: RecordFile;
  /** Where what limits let pass is leased, so that it is known beyond this process; without it a restart forgets it. */
  limitStore?: LimitStore;
  /** Where the counts of TLS reports are kept; without it nothing is counted. */
  tlsReportFile?: RecordFile;
  spool: Spool;
  resolver: Resolver;
  /** The policies of recipient domains; without it none is looked up. */
  mtaSts?: PolicySource;
  attempter: Attempter;
  signer: HeaderSigner;
  frameSink: FrameSink | null;
  /** Where reports go that the settings direct to a hook. */
  hook?: HookPost;
  gauges?: () => HostGauges;
  /** Told when an operator drains this node or takes it back; resolves when new mail is met by that. */
  heedIntake?: () => Promise<void>;
};
/** `hostName`: our own name in reports; the node's when left out. */
export type EngineOptions = {
  node: string;
  egress: EgressMode;
  hostName?: string;
  /** Entries that fell due while the engine was away are released at this rate. */
  overduePerSecond?: number;
};
