// The node's end of the plane, put together: feeds, commands, frames and the shipping of events over one small set of connections.
import { followAudit, type AnchorKeeper } from './audit-anchor.ts';
import { EngineDatabase } from './database.ts';
import { PgCommandSource } from './command-source.ts';
import { PgConfigFeed } from './config-feed.ts';
import { followWith } from './follower.ts';
import { followShares, type ShareHolder } from './fleet-shares.ts';
import type { KeyPair } from '../box.ts';
import { dropOldDecisions, PgDecisionSink } from './decision-sink.ts';
import { PgFrameSink } from './frame-sink.ts';
import type {
  CommandSource,
  ConfigFeed,
  DecisionSink,
  Following,
  FrameSink,
  PlaneLog,
  QuestionSource,
  SecretFeed,
  TraceFeed,
} from './ports.ts';
import { PgQuestionSource } from './question-source.ts';
import { PgSecretFeed } from './secret-feed.ts';
import { dropOldTraces, PgTraceFeed } from './trace-feed.ts';
import { readPosition, shipBatch, type LogName, type LogPosition, type ShipResult, type Stretch } from './ship-batch.ts';

const partitionDaysAhead = 7;
const partitionCheckMs = 6 * 3_600_000;
const traceCheckMs = 10 * 60_000;

export type EnginePlane = {
  config: ConfigFeed;
  secrets: SecretFeed;
  commands: CommandSource;
  questions: QuestionSource;
  traces: TraceFeed;
  frames: FrameSink;
  decisions: DecisionSink;
  /** Makes the key of this node known and takes its shares of fleet keys until stopped. */
  followShares(pair: KeyPair, holder: ShareHolder): Following;
  /** Keeps anchors of the audit record until stopped. */
  followAudit(keeper: AnchorKeeper, nowMs: () => number): Following;
  /** Both reject while Postgres is away; nothing is half-written then. */
  readPosition(log: LogName): Promise<LogPosition | null>;
  ship(log: LogName, stretch: Stretch): Promise<ShipResult>;
  /** Stop what follows first. Idempotent. */
  close(): Promise<void>;
};

/** Returns at once; Postgres may be away. Also keeps partitions made for the days to come, and drops old traces. */
export function openEnginePlane({ databaseUrl, node, log }: { databaseUrl: string; node: string; log: PlaneLog }): EnginePlane {
  const database = new EngineDatabase({ databaseUrl, log });
  const link = { database, node, log };
  const upkeep = followWith({ database, channel: null, name: 'event partitions', log, everyMs: partitionCheckMs }, async () => {
    await database.query('select sluice_event_partitions_ensure($1::int)', [partitionDaysAhead]);
    return false;
  });
  const traceUpkeep = followWith({ database, channel: null, name: 'old traces', log, everyMs: traceCheckMs }, () =>
    dropOldTraces(database),
  );
  const decisionUpkeep = followWith({ database, channel: null, name: 'old decisions', log, everyMs: partitionCheckMs }, () =>
    dropOldDecisions(database),
  );
  return {
    config: new PgConfigFeed(database, log),
    secrets: new PgSecretFeed(database, log),
    commands: new PgCommandSource(link),
    questions: new PgQuestionSource(link),
    traces: new PgTraceFeed(link),
    frames: new PgFrameSink(database),
    decisions: new PgDecisionSink(database, log),
    followShares: (pair, holder) => followShares(link, pair, holder),
    followAudit: (keeper, nowMs) => followAudit(link, { keeper, nowMs }),
    readPosition: (name) => database.withClient((client) => readPosition(client, name)),
    ship: (name, stretch) => database.withClient((client) => shipBatch(client, name, stretch)),
    async close() {
      await Promise.all([upkeep.stop(), traceUpkeep.stop(), decisionUpkeep.stop()]);
      await database.close();
    },
  };
}
