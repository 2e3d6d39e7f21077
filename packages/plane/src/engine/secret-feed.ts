// The feed of sealed secrets, by its own cursor. Cursors are given under a lock held until commit, so reading upwards skips none.
import type { SealedSecret, SecretDelta } from '@sluice/contract';
import { channels } from '../channels.ts';
import type { EngineDatabase } from './database.ts';
import { followWith } from './follower.ts';
import type { Following, PlaneLog, SecretFeed } from './ports.ts';

const batchSize = 500;

type Row = { cursor: number; id: string; aad: string; ciphertext: string; wraps: Record<string, string>; deleted: boolean };

export async function fetchSecrets(database: Pick<EngineDatabase, 'query'>, since: number): Promise<SecretDelta> {
  const rows = await database.query<Row>(
    `select cursor::float8 as cursor, id::text as id, aad, ciphertext, wraps, deleted from secret where cursor > $1::bigint order by cursor limit $2::int`,
    [since, batchSize],
  );
  const secrets = rows.map(({ cursor, deleted, ...row }) => {
    const secret: SealedSecret | null = deleted ? null : row;
    return { cursor, id: row.id, secret };
  });
  return { cursor: secrets.at(-1)?.cursor ?? since, secrets };
}

export class PgSecretFeed implements SecretFeed {
  readonly #database: EngineDatabase;
  readonly #log: PlaneLog;

  constructor(database: EngineDatabase, log: PlaneLog) {
    this.#database = database;
    this.#log = log;
  }

  follow(cursor: number, apply: (delta: SecretDelta) => Promise<void>): Following {
    let at = cursor;
    const look = async (): Promise<boolean> => {
      const delta = await fetchSecrets(this.#database, at);
      if (delta.secrets.length === 0) return false;
      await apply(delta);
      at = delta.cursor;
      return delta.secrets.length === batchSize;
    };
    return followWith({ database: this.#database, channel: channels.secret, name: 'secret feed', log: this.#log }, look);
  }
}
