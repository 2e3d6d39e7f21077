// The way of events to Postgres, seen from the engine's thread: it tells the shipping thread how far the accounting log is on disk, and
// hears how far it has been copied. Reading, parsing and inserting happen over there, so that none of it delays a delivery.
import { Worker } from 'node:worker_threads';

export type Position = { segment: number; offset: number };

/** What the thread is started with. */
export type ShipperTask = { databaseUrl: string; directory: string; node: string; worker: number; logId: string; start: Position };
export type ToShipper = { kind: 'durable'; position: Position } | { kind: 'stop' };
export type FromShipper =
  | { kind: 'shipped'; position: Position; refused: number }
  | { kind: 'log'; level: 'info' | 'warn' | 'error'; message: string }
  | { kind: 'stopped' };

export type ShipperEvents = {
  onShipped(position: Position): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
};

const stopLimitMs = 5_000;
const restartDelayMs = 1_000;
/** The log grows with every commit; the thread need not hear of each. */
const tellEveryMs = 50;

export type Shipper = { durable(position: Position): void; stop(): Promise<void> };

/** Starts the thread and keeps it running; a thread that dies is started again and goes on where Postgres says it was. */
export function startShipper(task: ShipperTask, events: ShipperEvents): Shipper {
  let newest: Position | null = null;
  let stopping = false;
  let telling = false;
  let stopped: () => void = () => undefined;
  let worker = start();

  function start(): Worker {
    const thread = new Worker(new URL('./shipper-thread.ts', import.meta.url), { workerData: task, name: 'shipper' });
    thread.on('message', (message: FromShipper) => {
      switch (message.kind) {
        case 'shipped':
          return events.onShipped(message.position);
        case 'log':
          return events.log(message.level, message.message);
        case 'stopped':
          return stopped();
      }
    });
    thread.on('error', (error) => events.log('error', `the shipping thread failed: ${error.message}`));
    thread.on('exit', () => {
      stopped();
      if (!stopping) setTimeout(restart, restartDelayMs).unref();
    });
    return thread;
  }

  function restart(): void {
    worker = start();
    tell();
  }

  function tell(): void {
    telling = false;
    if (newest) worker.postMessage({ kind: 'durable', position: newest } satisfies ToShipper);
  }

  return {
    durable(position) {
      newest = position;
      if (telling || stopping) return;
      telling = true;
      setTimeout(tell, tellEveryMs).unref();
    },
    async stop() {
      stopping = true;
      const ended = new Promise<void>((resolve) => (stopped = resolve));
      tell();
      worker.postMessage({ kind: 'stop' } satisfies ToShipper);
      const limit = new Promise<void>((resolve) => setTimeout(resolve, stopLimitMs).unref());
      await Promise.race([ended, limit]);
      await worker.terminate();
    },
  };
}
