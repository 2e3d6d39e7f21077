// A node's connections to Postgres: a small pool for statements and one connection that listens. Postgres may be away at any time, for
// any time; nothing here throws out of the background. Whoever waits is woken by a notification, after every reconnect, and by `close`.
import pg from 'pg';
import { channels, type Channel } from '../channels.ts';
import type { PlaneLog } from './ports.ts';

const poolSize = 3;
const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

export type DatabaseOptions = { databaseUrl: string; log: PlaneLog; channels?: readonly Channel[] };

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class EngineDatabase {
  readonly #url: string;
  readonly #log: PlaneLog;
  readonly #channels: readonly Channel[];
  readonly #pool: pg.Pool;
  readonly #listeners = new Map<Channel, Set<() => void>>();
  #listening: pg.Client | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #wasLost = false;
  #closed = false;

  constructor(options: DatabaseOptions) {
    this.#url = options.databaseUrl;
    this.#log = options.log;
    this.#channels = options.channels ?? [channels.config, channels.secret, channels.command, channels.question, channels.trace];
    this.#pool = new pg.Pool({
      connectionString: options.databaseUrl,
      application_name: 'sluice-engine',
      max: poolSize,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + connectTimeoutMs,
      keepAlive: true,
    });
    this.#pool.on('error', () => undefined); // an idle connection broke: the next statement gets a fresh one and tells if that fails
    void this.#listen();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Rejects when Postgres is away. */
  async query<T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#pool.query<T>(text, values)).rows;
  }

  /** Runs `work` with a connection of its own; a connection on which something failed is thrown away. */
  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // Between two statements the pool does not listen: without this, an ending server would end the process.
    const onError = (): void => undefined;
    client.on('error', onError);
    let failed = true;
    try {
      const result = await work(client);
      failed = false;
      return result;
    } finally {
      client.off('error', onError);
      client.release(failed);
    }
  }

  /** Calls back on every notification of the channel and after every reconnect. The result ends it. */
  onWake(channel: Channel, wake: () => void): () => void {
    const set = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, set.add(wake));
    return () => void set.delete(wake);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    this.#wakeAll();
    const listening = this.#listening;
    this.#listening = null;
    await listening?.end().catch(() => undefined); // being thrown away
    await this.#pool.end();
  }

  #wakeAll(): void {
    for (const set of this.#listeners.values()) for (const wake of set) wake();
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'sluice-engine-listen',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    client.on('error', (error) => this.#lost(client, error.message));
    client.on('end', () => this.#lost(client, 'connection ended'));
    client.on('notification', ({ channel }) => this.#listeners.get(channel as Channel)?.forEach((wake) => wake()));
    try {
      await client.connect();
      for (const channel of this.#channels) await client.query(`listen ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined); // never came up
      return this.#retry(messageOf(error));
    }
    if (this.#closed) return void (await client.end().catch(() => undefined)); // closed meanwhile
    this.#listening = client;
    this.#pauseMs = firstPauseMs;
    if (this.#wasLost) this.#log('info', 'Postgres is back');
    this.#wasLost = false;
    this.#wakeAll(); // whatever was notified while nobody listened
  }

  #lost(client: pg.Client, why: string): void {
    if (this.#listening !== client) return;
    this.#listening = null;
    void client.end().catch(() => undefined); // already broken
    this.#retry(why);
  }

  #retry(why: string): void {
    if (this.#closed) return;
    if (!this.#wasLost) this.#log('warn', `Postgres is away (${why}); going on without it`);
    this.#wasLost = true;
    this.#retryTimer = setTimeout(() => void this.#listen(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}
