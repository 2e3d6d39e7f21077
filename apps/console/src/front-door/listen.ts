// The listening socket and its end. Everything a slow or silent client can hold is bounded; closing takes no new request, ends event
// streams, lets answers in progress finish, and cuts what is left when the time is up.
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer as createTls } from 'node:https';

export interface Listening {
  readonly port: number;
  /** Resolves when no connection is left; at the latest after `drainMs`. */
  readonly close: () => Promise<void>;
}

const limits = {
  /** Whole request, head included. */
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 30_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 2_000,
  requireHostHeader: true,
};
const maxConnections = 2_000;
const maxHeaders = 100;
const drainMs = 8_000;

export type ListenOptions = {
  host: string;
  port: number;
  tls: { cert: string; key: string } | null;
  onRequest: RequestListener;
  closing: AbortController;
};

/** Rejects with the system's error when the port cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const server: Server = options.tls
    ? createTls({ ...limits, ...options.tls, minVersion: 'TLSv1.2' }, options.onRequest)
    : createPlain(limits, options.onRequest);
  server.maxConnections = maxConnections;
  server.maxHeadersCount = maxHeaders;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      options.closing.abort();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
