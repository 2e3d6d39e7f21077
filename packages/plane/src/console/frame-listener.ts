// Feeds the live screens: one connection that listens for frames and, at most four times a second, reads the newest state of every node
// and hands it on. It reconnects for ever with growing pauses and never throws out of the background.
import pg from 'pg';
import { channels } from '../channels.ts';
import { nodesStatement, type NodeRow } from './nodes.ts';

const quietMs = 250;
const firstPauseMs = 250;
const longestPauseMs = 5_000;
const queryTimeoutMs = 10_000;

export type FrameListenerOptions = { log?: (message: string) => void };
export type FrameHandler = (nodes: NodeRow[]) => void;

export class FrameListener {
  readonly #url: string;
  readonly #log: (message: string) => void;
  readonly #handlers = new Set<FrameHandler>();
  #client: pg.Client | null = null;
  #latest: NodeRow[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;
  #reading = false;

  constructor(databaseUrl: string, options: FrameListenerOptions = {}) {
    this.#url = databaseUrl;
    this.#log = options.log ?? (() => undefined);
  }

  /** Newest state read; empty before the first. */
  get latest(): readonly NodeRow[] {
    return this.#latest;
  }

  get connected(): boolean {
    return this.#client !== null;
  }

  /** Calls back with every newer state until the result is called. */
  subscribe(handler: FrameHandler): () => void {
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  /** Connects, or begins to try; resolves after the first try either way. */
  async start(): Promise<void> {
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#handlers.clear();
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => undefined); // it is being thrown away
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'sluice-frames',
      query_timeout: queryTimeoutMs,
      keepAlive: true,
    });
    client.on('error', (error) => this.#lost(client, error.message));
    client.on('end', () => this.#lost(client, 'connection ended'));
    client.on('notification', () => this.#later());
    try {
      await client.connect();
      await client.query(`listen ${channels.frame}`);
    } catch (error) {
      await client.end().catch(() => undefined); // never came up
      this.#retry(error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#closed) return void (await client.end());
    this.#client = client;
    this.#pauseMs = firstPauseMs;
    await this.#read();
  }

  #lost(client: pg.Client, why: string): void {
    if (this.#client !== client) return;
    this.#client = null;
    void client.end().catch(() => undefined); // already broken
    this.#retry(why);
  }

  #retry(why: string): void {
    if (this.#closed) return;
    this.#log(`live frames: ${why}; next try in ${this.#pauseMs} ms`);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  /** Several nodes report within the same quarter of a second: one read for all. */
  #later(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#timer = setTimeout(() => void this.#read(), quietMs).unref();
  }

  async #read(): Promise<void> {
    const client = this.#client;
    this.#reading = false;
    if (!client) return;
    let rows: NodeRow[];
    try {
      ({ rows } = await client.query<NodeRow>(nodesStatement));
    } catch (error) {
      return this.#lost(client, error instanceof Error ? error.message : String(error));
    }
    this.#latest = rows;
    for (const handler of this.#handlers) handler(rows);
  }
}
