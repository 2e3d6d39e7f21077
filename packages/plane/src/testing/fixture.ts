// What the integration tests of this package share: connections of each role, events with plausible fields, a log that remembers.
import { randomUUID } from 'node:crypto';
import { noEventFacts, type DeliveryEvent } from '@sluice/contract';
import pg from 'pg';
import type { Sql } from '../console/index.ts';
import type { LoggedEvent, PlaneLog } from '../engine/index.ts';

export async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // tests cut connections on purpose
  await client.connect();
  return client;
}

/** The console's minimal connection over pg, with the tenant set for the session. */
export async function consoleSql(url: string, tenant = '*'): Promise<Sql & { client: pg.Client; end(): Promise<void> }> {
  const client = await connect(url);
  await client.query(`select set_config('sluice.tenant', $1, false)`, [tenant]);
  return {
    client,
    query: async <T>(text: string, values: unknown[]) => (await client.query(text, values)).rows as T[],
    end: () => client.end(),
  };
}

export async function inTransaction<T>(sql: { client: pg.Client } & Sql, work: (sql: Sql) => Promise<T>): Promise<T> {
  await sql.client.query('begin');
  try {
    const result = await work(sql);
    await sql.client.query('commit');
    return result;
  } catch (error) {
    await sql.client.query('rollback');
    throw error;
  }
}

export function rememberingLog(): { log: PlaneLog; lines: string[] } {
  const lines: string[] = [];
  return { log: (level, message) => void lines.push(`${level}: ${message}`), lines };
}

const nothing: DeliveryEvent = {
  id: '',
  type: 'accepted',
  at: 0,
  node: 'node-1',
  egress: 'sandbox',
  ...noEventFacts,
};

export const ids = { tenant: randomUUID(), stream: randomUUID(), source: randomUUID() };
let counter = 0;

export function logged(fields: Partial<DeliveryEvent>): LoggedEvent {
  counter += 1;
  const event = { ...nothing, id: `node-1/0/log/1/${counter}`, at: Date.now(), tenantId: ids.tenant, streamId: ids.stream, ...fields };
  return { event, contentHash: counter.toString(16).padStart(64, '0') };
}

/** Accepted and delivered: what a message that goes at the first attempt leaves. */
export function deliveredMessage(recipient: string, fields: Partial<DeliveryEvent> = {}): LoggedEvent[] {
  const messageId = randomUUID();
  const common = {
    messageId,
    entryId: `${messageId}.0`,
    sender: 'news@example.com',
    recipient,
    domain: recipient.slice(recipient.lastIndexOf('@') + 1),
    sizeBytes: 4096,
    ...fields,
  };
  const reply = { code: 250, enhanced: '2.0.0', text: 'OK id=abc123', command: 'message' as const };
  return [
    logged({ ...common, type: 'accepted', headerMessageId: '<a@example.com>' }),
    logged({
      ...common,
      type: 'delivered',
      attempt: 1,
      sourceId: ids.source,
      provider: 'gmail',
      site: 'gmail.com',
      mxHost: 'mx.gmail.com',
      reply,
      scope: 'recipient',
      latencyMs: 120,
    }),
  ];
}

export const logName = () => ({ node: 'node-1', worker: '0', logId: randomUUID() });
