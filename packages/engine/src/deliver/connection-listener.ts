// What a trace hears of one connection, from the dial to the end: the session's lines (smtp/session-listener.ts) and what only the layers
// above it know. Where nobody listens all of this is an undefined field, looked at once an event.
import type { TlsFacts } from '@sluice/contract';
import type { RecipientEntry } from '../entry.ts';
import type { SessionListener, TransactionRequest } from '../smtp/index.ts';

export interface ConnectionListener extends SessionListener {
  /** No connection came about. */
  refused(detail: string): void;
  connected(): void;
  tls(result: { ok: true; facts: TlsFacts } | { ok: false; detail: string }): void;
  /** Whose mail a transaction carries; told before any of its lines. */
  carries(request: TransactionRequest, mail: { entries: readonly RecipientEntry[]; poolId?: string | null }): void;
  /** The socket is done with; told once. */
  closed(): void;
}

/** Asked for a listener when a host is about to be dialled. */
export type HostListener = (host: { name: string; address: string; port: number }) => ConnectionListener;
