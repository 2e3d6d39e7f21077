// The spool's own thread: takes requests in order, runs them on the real disk, answers. It holds no queue of its own; while a fdatasync
// runs, what arrives waits on the engine's side and becomes the next batch.
import { parentPort, workerData } from 'node:worker_threads';
import { join } from 'node:path';
import { systemClock } from '../host/clock.ts';
import { nodeFiles } from '../host/files.ts';
import { lockFolder } from '../host/folder-lock.ts';
import type { WaitingEntries } from '../waiting-entries.ts';
import { SpoolFormatError } from './record.ts';
import type { Answer, Request, ThreadData } from './shard-link.ts';
import { lockFile, shardDirectory } from './segment-files.ts';
import { Shard } from './shard.ts';

const port = parentPort;
if (port === null) throw new Error('the spool thread is started by openSpool');

const send = (answer: Answer, transfer: ArrayBuffer[] = []): void => port.postMessage(answer, transfer);

let held: ReturnType<typeof lockFolder> = null;

function open(): Shard | null {
  try {
    const options = workerData as ThreadData;
    const files = nodeFiles();
    const folder = shardDirectory(options.directory, options.worker);
    files.makeDirectory(folder);
    // Held as long as this thread lives: workers share a node by having a shard each, and no two ever have the same.
    held = lockFolder(join(folder, lockFile));
    if (held === null) throw new SpoolFormatError('spool_in_use', `another engine has ${folder} open`);
    const shard = new Shard({
      ...options,
      files,
      monotonicMs: () => systemClock.monotonicMs(),
      log: (level, message, facts) => send({ kind: 'log', level, message, facts }),
    });
    send({ kind: 'opened', logId: shard.logId, report: shard.report() });
    return shard;
  } catch (error) {
    const message = error instanceof Error ? error.message : 'the spool cannot be opened';
    send({ kind: 'refused', code: error instanceof SpoolFormatError ? error.code : null, message });
    return null;
  }
}

/** Rows move to the engine's thread. */
function memoryOf({ queueOf, ids, times, count }: WaitingEntries): ArrayBuffer[] {
  return count === 0 ? [] : [queueOf, ids, times].map((rows) => rows.buffer as ArrayBuffer);
}

function answer(shard: Shard, request: Request): void {
  switch (request.kind) {
    case 'commit': {
      const journal = Buffer.from(request.journal, 0, request.journalBytes);
      const content = Buffer.from(request.content, 0, request.contentBytes);
      const reply = shard.commit({ journal, content });
      const buffers = [request.journal, request.content];
      return send({ kind: 'answer', id: request.id, value: { reply, buffers } }, buffers);
    }
    case 'recoverBatch': {
      const batch = shard.recoverBatch(request.nowMs);
      return send({ kind: 'answer', id: request.id, value: batch }, memoryOf(batch.waiting));
    }
    case 'give': {
      const batch = shard.give(request.untilMs);
      return send({ kind: 'answer', id: request.id, value: batch }, memoryOf(batch.waiting));
    }
    case 'load':
      return send({ kind: 'answer', id: request.id, value: shard.load(request.entryIds) });
    case 'read': {
      const stored = shard.read(request.ref);
      const transfer = stored === null ? [] : [stored.bytes.buffer as ArrayBuffer];
      return send({ kind: 'answer', id: request.id, value: stored }, transfer);
    }
    case 'readPart': {
      const part = shard.readPart(request.ref, request.n);
      return send({ kind: 'answer', id: request.id, value: part }, part === null ? [] : [part.buffer as ArrayBuffer]);
    }
    case 'appendPart':
      return send({ kind: 'answer', id: request.id, value: shard.appendPart(request.draft, request.part) });
    case 'finishDraft':
      return send({ kind: 'answer', id: request.id, value: shard.finishDraft(request.draft, request.facts) });
    case 'discardDraft':
      shard.discardDraft(request.draft);
      return send({ kind: 'answer', id: request.id, value: null });
    case 'probe':
      return send({ kind: 'answer', id: request.id, value: shard.probe() });
    case 'releaseShipped':
      shard.releaseShipped(request.position);
      return send({ kind: 'answer', id: request.id, value: shard.report() });
    case 'close':
      shard.close();
      held?.release();
      return send({ kind: 'answer', id: request.id, value: null });
  }
}

const shard = open();
port.on('message', (request: Request) => {
  if (shard === null) return;
  try {
    answer(shard, request);
  } catch (error) {
    send({ kind: 'failed', id: request.id, message: error instanceof Error ? error.message : 'the spool failed' });
  }
});
