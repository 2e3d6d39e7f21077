// The configuration feed of one node: everything newer than what it runs, as of one point in time, then the node's answer into `node`. A
// refused revision is not offered again; the next one is offered together with it. A node that starts with the head's own number is
// offered an empty delta once: it compares content roots, and an answer lost in a crash is given again.
import { entityKinds, type ConfigAck, type ConfigDelta, type EntityVersion } from '@sluice/contract';
import { channels } from '../channels.ts';
import type { EngineDatabase } from './database.ts';
import { followWith } from './follower.ts';
import type { ConfigFeed, Following, PlaneLog } from './ports.ts';

type Head = { number: number; contentRoot: string };

const headStatement = `select number, content_root as "contentRoot" from config_head where id = 1`;

/**
 * The newest version of each entity after `$1` as of revision `$2`. Versions are neither changed nor taken away, and revisions are committed one
 * after the other, so that a second statement sees no less than the head promised. Deleted entities mean nothing to a cold load, which comes in
 * the order of the primary key and streams from its first row, with nothing sorted.
 */
const deltaStatement = `select e.kind, e.id::text as id, e.revision, e.body
  from config_head h join lateral (
    select distinct on (kind, id) kind, id, revision, body from config_entity
     where revision > $1::int and revision <= $2::int order by kind, id, revision desc) e on e.body is not null or $1::int > 0
 where h.id = 1`;

const kindOrder = new Map<string, number>(entityKinds.map((kind, at) => [kind, at]));
const orderOf = (kind: string) => kindOrder.get(kind) ?? entityKinds.length;

/** What is newer than `since`, as of `head`. */
async function fetchDelta(database: Pick<EngineDatabase, 'query'>, since: number, head: Head): Promise<ConfigDelta> {
  const entities = await database.query<EntityVersion>(deltaStatement, [since, head.number]);
  entities.sort((a, b) => orderOf(a.kind) - orderOf(b.kind));
  return { revision: head.number, contentRoot: head.contentRoot, entities };
}

async function storeAck(database: EngineDatabase, ack: ConfigAck): Promise<void> {
  await database.query(
    `insert into node (name, revision, content_root, ack_status, problems, acked_at) values ($1, $2, $3, $4, $5::jsonb, now())
     on conflict (name) do update set revision = excluded.revision, content_root = excluded.content_root, ack_status = excluded.ack_status,
       problems = excluded.problems, acked_at = excluded.acked_at, last_seen_at = now()`,
    [ack.node, ack.revision, ack.contentRoot, ack.status, JSON.stringify(ack.problems)],
  );
}

export class PgConfigFeed implements ConfigFeed {
  readonly #database: EngineDatabase;
  readonly #log: PlaneLog;

  constructor(database: EngineDatabase, log: PlaneLog) {
    this.#database = database;
    this.#log = log;
  }

  follow(revision: number, apply: (delta: ConfigDelta) => Promise<ConfigAck>): Following {
    let runs = revision;
    let offered = revision;
    let unstored: ConfigAck | null = null;
    let saidOlder = false;
    let compared = revision === 0;
    const look = async (): Promise<boolean> => {
      if (unstored) {
        await storeAck(this.#database, unstored);
        unstored = null;
      }
      const [head] = await this.#database.query<Head>(headStatement);
      if (head && head.number < runs && !saidOlder) {
        saidOlder = true;
        this.#log(
          'error',
          `the database is at revision ${head.number}, this node at ${runs}: the database lost revisions; the node keeps its own`,
        );
      }
      if (!head || head.number < offered || (head.number === offered && compared)) return false;
      const delta = await fetchDelta(this.#database, runs, head);
      const ack = await apply(delta);
      offered = delta.revision;
      compared = true;
      if (ack.status === 'applied') runs = delta.revision;
      unstored = ack;
      return true;
    };
    return followWith({ database: this.#database, channel: channels.config, name: 'configuration feed', log: this.#log }, look);
  }
}
