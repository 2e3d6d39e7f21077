// Publishes a node's newest frame. Only the newest matters: a frame that comes while one is being written replaces the one that waits,
// and one that cannot be written is dropped.
import type { MetricsFrame } from '@sluice/contract';
import { channels } from '../channels.ts';
import type { EngineDatabase } from './database.ts';
import type { FrameSink } from './ports.ts';

const statement = `with frame as (
    insert into metrics_frame (node, at, frame) values ($1, to_timestamp($2::float8 / 1000), $3::jsonb)
    on conflict (node) do update set at = excluded.at, frame = excluded.frame),
  seen as (
    insert into node (name, boot_id) values ($1, $4) on conflict (name) do update set boot_id = excluded.boot_id, last_seen_at = now())
  select pg_notify('${channels.frame}', $1)`;

export class PgFrameSink implements FrameSink {
  readonly #database: EngineDatabase;
  #waiting: MetricsFrame | null = null;
  #writing = false;

  constructor(database: EngineDatabase) {
    this.#database = database;
  }

  publish(frame: MetricsFrame): void {
    this.#waiting = frame;
    if (!this.#writing) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting && !this.#database.closed) {
      const frame = this.#waiting;
      this.#waiting = null;
      try {
        await this.#database.query(statement, [frame.node, frame.at, JSON.stringify(frame), frame.bootId]);
      } catch {
        // Postgres is away, which the listening connection tells; the next frame is a second off and newer than this one.
      }
    }
    this.#writing = false;
  }
}
