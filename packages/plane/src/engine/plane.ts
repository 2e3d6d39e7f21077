// The node's end of the plane, put together: feeds, commands, frames and the shipping of events over one small set of connections.
import { EngineDatabase } from './database.ts';
import { PgCommandSource } from './command-source.ts';
import { PgConfigFeed } from './config-feed.ts';
import { followWith } from './follower.ts';
import { PgFrameSink } from './frame-sink.ts';
import type { CommandSource, ConfigFeed, FrameSink, PlaneLog, QuestionSource, SecretFeed } from './ports.ts';
import { PgQuestionSource } from './question-source.ts';
import { PgSecretFeed } from './secret-feed.ts';
import { readPosition, shipBatch, type LogName, type LogPosition, type ShipResult, type Stretch } from './ship-batch.ts';

const partitionDaysAhead = 7;
const partitionCheckMs = 6 * 3_600_000;

export type EnginePlane = {
  config: ConfigFeed;
  secrets: SecretFeed;
  commands: CommandSource;
  questions: QuestionSource;
  frames: FrameSink;
  /** Both reject while Postgres is away; nothing is half-written then. */
  readPosition(log: LogName): Promise<LogPosition | null>;
  ship(log: LogName, stretch: Stretch): Promise<ShipResult>;
  /** Stop what follows first. Idempotent. */
  close(): Promise<void>;
};

/** Returns at once; Postgres may be away. Also keeps partitions made for the days to come. */
export function openEnginePlane({ databaseUrl, node, log }: { databaseUrl: string; node: string; log: PlaneLog }): EnginePlane {
  const database = new EngineDatabase({ databaseUrl, log });
  const upkeep = followWith({ database, channel: null, name: 'event partitions', log, everyMs: partitionCheckMs }, async () => {
    await database.query('select sluice_event_partitions_ensure($1::int)', [partitionDaysAhead]);
    return false;
  });
  return {
    config: new PgConfigFeed(database, log),
    secrets: new PgSecretFeed(database, log),
    commands: new PgCommandSource(database, node, log),
    questions: new PgQuestionSource(database, node, log),
    frames: new PgFrameSink(database),
    readPosition: (name) => database.withClient((client) => readPosition(client, name)),
    ship: (name, stretch) => database.withClient((client) => shipBatch(client, name, stretch)),
    async close() {
      await upkeep.stop();
      await database.close();
    },
  };
}
