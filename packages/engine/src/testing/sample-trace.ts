// A trace as an operator orders it, and a feed that keeps what is told.
import type { CommandScope, TraceBatch, TraceLine, TraceOrder } from '@sluice/contract';
import type { TraceFeed } from '../ports.ts';

export function traceOrder(scope: CommandScope, over: Partial<TraceOrder> = {}): TraceOrder {
  return {
    ...{ id: crypto.randomUUID(), scope, sessions: 10, lines: 1_000, expiresAt: '2099-01-01T00:00:00.000Z' },
    already: { sessions: 0, lines: 0, dropped: 0 },
    ...over,
  };
}

export function keptTraceFeed() {
  const batches: TraceBatch[] = [];
  const away = { on: false };
  let apply: Parameters<TraceFeed['follow']>[0] = () => undefined;
  const feed: TraceFeed = {
    follow(fn) {
      apply = fn;
      return { stop: () => Promise.resolve() };
    },
    write(batch) {
      if (away.on) return Promise.reject(new Error('Postgres is away'));
      batches.push(batch);
      return Promise.resolve();
    },
  };
  const lines = (): TraceLine[] => batches.flatMap((batch) => batch.lines);
  return { feed, batches, away, lines, order: (...orders: TraceOrder[]) => apply(orders) };
}
