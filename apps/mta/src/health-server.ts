// The engine's own HTTP port, for probes and scrapers on the same machine or network: is it alive, is it ready, what does it hold.
// Read-only and without secrets; what an operator may change goes through the console.
import { createServer, type Server } from 'node:http';
import type { MetricsFrame } from '@sluice/contract';
import { Gauge, Registry } from 'prom-client';
import type { LoopDelay } from './loop-delay.ts';

/** What could not be read whole and was set aside instead of being sent: it stays on disk. */
type Damage = {
  /** Entries that the engine gave up since the start. */
  entries: number;
  /** Injections whose record or content the spool missed, at the start or when it loaded them. */
  injections: number;
  /** Stretches of spool files found damaged at the start. */
  stretches: number;
};

export type HealthFacts = {
  frame(): Promise<MetricsFrame>;
  /** Null when mail is accepted; else why not. */
  notReady(): string | null;
  damage(): Damage;
  /** Event loop delay since the start, nanoseconds at a percentile of 0 to 100. */
  loopDelay: Pick<LoopDelay, 'percentileMs'>;
  /** Facts for `sluice status`: addresses, data folders. */
  about(): Record<string, unknown>;
};

const requestTimeoutMs = 5_000;

/** Routes: /healthz, /readyz, /status (JSON), /metrics (Prometheus text). */
export function createHealthServer(facts: HealthFacts): Server {
  let scraped: MetricsFrame | null = null;
  const registry = metricsOf(facts, () => scraped);
  // One frame for all gauges of a scrape: to build it is work.
  const scrape = async (): Promise<string> => {
    scraped = await facts.frame();
    return registry.metrics();
  };
  const server = createServer((request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      response.end(body);
    };
    const json = (status: number, body: unknown) => send(status, 'application/json', `${JSON.stringify(body)}\n`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'method not allowed' });
    const path = (request.url ?? '').split('?')[0];
    switch (path) {
      case '/healthz':
        return json(200, { status: 'ok' });
      case '/readyz': {
        const reason = facts.notReady();
        return json(reason === null ? 200 : 503, reason === null ? { status: 'ready' } : { status: 'not ready', reason });
      }
      case '/status':
        facts.frame().then(
          (frame) => json(200, { ...facts.about(), frame: withoutQueues(frame) }),
          (error: unknown) => json(500, { error: String(error) }),
        );
        return;
      case '/metrics':
        scrape().then(
          (text) => send(200, registry.contentType, text),
          (error: unknown) => json(500, { error: String(error) }),
        );
        return;
      default:
        return json(404, { error: 'not found' });
    }
  });
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  return server;
}

/** Whose mail waits for whom is for those who sign in; this port asks nobody who they are. */
function withoutQueues({ topQueues: _whose, ...frame }: MetricsFrame): Omit<MetricsFrame, 'topQueues'> {
  return frame;
}

const loopDelayQuantiles = [0.5, 0.99, 0.999, 1];

function metricsOf(facts: HealthFacts, scraped: () => MetricsFrame | null): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: (frame: MetricsFrame) => number) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect: function () {
        const frame = scraped();
        if (frame) this.set(read(frame));
      },
    });
  };
  gauge('sluice_accepted_total', 'Recipient entries accepted since start', (frame) => frame.counters.accepted);
  gauge('sluice_delivered_total', 'Recipient entries delivered since start', (frame) => frame.counters.delivered);
  gauge('sluice_deferred_total', 'Attempts deferred since start', (frame) => frame.counters.deferred);
  gauge('sluice_bounced_total', 'Recipient entries bounced since start', (frame) => frame.counters.bounced);
  gauge('sluice_expired_total', 'Recipient entries expired since start', (frame) => frame.counters.expired);
  gauge('sluice_queue_scheduled', 'Entries waiting for their time', (frame) => frame.queue.scheduled);
  gauge('sluice_queue_ready', 'Entries in ready queues', (frame) => frame.queue.ready);
  gauge('sluice_queue_in_flight', 'Entries in an attempt', (frame) => frame.queue.inFlight);
  gauge('sluice_queue_held', 'Entries held by a suspension or for want of a source', (frame) => frame.queue.held);
  gauge('sluice_connections_inbound', 'Open submission sessions', (frame) => frame.connections.inbound);
  gauge('sluice_connections_outbound', 'Open delivery sessions', (frame) => frame.connections.outbound);
  gauge('sluice_unshipped_bytes', 'Accounting log not yet in Postgres', (frame) => frame.unshippedBytes);
  gauge('sluice_event_loop_delay_ms', 'Event loop delay of the last second', (frame) => frame.eventLoopDelayMs);
  gauge('sluice_config_revision', 'Configuration revision in force', (frame) => frame.revision);
  const damage = (name: string, help: string, read: (damage: Damage) => number) => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(facts.damage()));
      },
    });
  };
  damage('sluice_set_aside_entries_total', 'Entries set aside since start: not to be read whole', ({ entries }) => entries);
  damage('sluice_spool_set_aside_total', 'Injections the spool could not give back since start', ({ injections }) => injections);
  damage('sluice_spool_damaged_stretches', 'Damaged stretches of spool files found at the start', ({ stretches }) => stretches);
  new Gauge({
    name: 'sluice_event_loop_delay_seconds',
    help: 'Event loop delay since mail is accepted; quantile 1 is the longest',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      for (const quantile of loopDelayQuantiles) this.set({ quantile }, facts.loopDelay.percentileMs(quantile * 100) / 1000);
    },
  });
  return registry;
}
