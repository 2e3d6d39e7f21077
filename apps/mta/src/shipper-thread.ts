// The shipping thread: reads fsynced events from the accounting log in stretches and copies each to Postgres in one transaction with its
// position. While Postgres is away it waits; the log keeps everything. On `stop` it copies what is durable by then, if Postgres answers.
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { nodeFiles } from '@sluice/engine/host';
import { readEvents } from '@sluice/engine/events';
import { EngineDatabase, readPosition, shipBatch, type LogPosition } from '@sluice/plane/engine';
import type { FromShipper, Position, ShipperTask, ToShipper } from './shipper.ts';

/** Events in one transaction; small enough to be quick, large enough that a commit is cheap for each. */
const batchEvents = 2_000;
/** Time to gather a batch when there is little to copy; live screens read from Postgres. */
const gatherMs = 200;
const shipperNiceness = 5;
const firstRetryMs = 500;
const longestRetryMs = 10_000;

/** Delivery first: the log keeps what waits. On Linux this is the priority of the calling thread alone. */
setPriority(shipperNiceness);

const task = workerData as ShipperTask;
const port = parentPort;
if (!port) throw new Error('the shipping thread runs inside apps/mta');
const say = (message: FromShipper) => port.postMessage(message);
const database = new EngineDatabase({ databaseUrl: task.databaseUrl, log: (level, message) => say({ kind: 'log', level, message }) });
const files = nodeFiles();
const logName = { node: task.node, worker: String(task.worker), logId: task.logId };

let durable: Position | null = null;
let stopping = false;
let onMessage: () => void = () => undefined;
port.on('message', (message: ToShipper) => {
  if (message.kind === 'durable') durable = message.position;
  else stopping = true;
  onMessage();
});

const before = (a: Position, b: Position) => a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
/** Until the main thread says something. */
const nextMessage = () => new Promise<void>((resolve) => (onMessage = resolve));
/** A time, cut short by `stop`. */
const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    onMessage = () => {
      if (!stopping) return;
      clearTimeout(timer);
      resolve();
    };
  });

/** Copies one stretch; the position after it, and whether it was a whole batch. */
async function shipOne(stored: LogPosition | null, upTo: Position): Promise<{ position: LogPosition | null; full: boolean }> {
  const from = stored ?? task.start;
  const read = readEvents(
    { files, directory: task.directory, node: task.node, worker: task.worker, logId: task.logId },
    from,
    upTo,
    batchEvents,
  );
  const shipped = await database.withClient((client) => shipBatch(client, logName, { from: stored, to: read.next, events: read.events }));
  if (!shipped.ok) return { position: shipped.position, full: true }; // another copy of this log wrote first: go on from where it is
  if (shipped.refused > 0) say({ kind: 'log', level: 'error', message: `Postgres refused ${shipped.refused} events; they were set aside` });
  say({ kind: 'shipped', position: read.next, refused: shipped.refused });
  return { position: read.next, full: read.events.length >= batchEvents };
}

async function run(): Promise<void> {
  let stored: LogPosition | null | undefined;
  let retryMs = firstRetryMs;
  for (;;) {
    try {
      if (stored === undefined) {
        stored = await database.withClient((client) => readPosition(client, logName));
        if (stored) say({ kind: 'shipped', position: stored, refused: 0 });
      }
      while (durable && before(stored ?? task.start, durable)) {
        const { position, full } = await shipOne(stored, durable);
        stored = position;
        // Under load, too: half a batch costs Postgres and us nearly what a whole one does.
        if (!full && !stopping) await pause(gatherMs);
      }
      retryMs = firstRetryMs;
      if (stopping) return;
      await nextMessage();
      await pause(stopping ? 0 : gatherMs);
    } catch (error) {
      if (stopping) return;
      say({ kind: 'log', level: 'warn', message: `events wait for Postgres: ${error instanceof Error ? error.message : String(error)}` });
      stored = undefined;
      await pause(retryMs);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }
}

await run();
await database.close();
say({ kind: 'stopped' });
