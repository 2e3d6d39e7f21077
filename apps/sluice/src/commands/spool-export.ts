// Copies mail out of a spool: one message after the other into a folder of its own, with the envelope beside it, so that it can be looked
// at or handed in elsewhere. What is not whole is named and left out: half a message is worse than none.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listShards, storedMessages, unreferencedContents, type LostMessage, type StoredFilter } from '@sluice/engine/offline';
import { CommandFailure } from './outcome.ts';

export type ExportRequest = { folder: string; target: string; filter: StoredFilter; format: 'eml' | 'mbox'; unreferenced: boolean };
export type Exported = { messages: number; entries: number; unreferenced: number; lost: { count: number; named: LostMessage[] } };

/** Damaged messages that are named; beyond that they are counted. */
const maxNamed = 1_000;
const maxNameLength = 100;
const fileMode = 0o600;

/** Message ids are ours, unless a file was tampered with: no id may choose a path. */
const fileName = (id: string): string => id.replaceAll(/[^A-Za-z0-9-]/g, '_').slice(0, maxNameLength);

/** RFC 4155, with lines that begin in From quoted so that it can be undone (mboxrd). */
function mboxOf(sender: string, atMs: number, bytes: Uint8Array): Buffer {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(>*From )/gm, '>$1');
  const date = new Date(atMs).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 $4');
  const from = sender === '' ? 'MAILER-DAEMON' : sender.replaceAll(/\s/g, '_');
  return Buffer.concat([
    Buffer.from(`From ${from} ${date}\n`),
    Buffer.from(text, 'latin1'),
    Buffer.from(text.endsWith('\n') ? '\n' : '\n\n'),
  ]);
}

type Writer = (name: string, envelope: { sender: string; acceptedAt: number }, bytes: Uint8Array) => void;

function writerOf({ target, format }: ExportRequest): Writer {
  if (format === 'eml') {
    return (name, envelope, bytes) => {
      writeFileSync(join(target, `${name}.eml`), bytes, { mode: fileMode, flag: 'wx' });
      writeFileSync(join(target, `${name}.json`), `${JSON.stringify(envelope, null, 2)}\n`, { mode: fileMode, flag: 'wx' });
    };
  }
  return (name, envelope, bytes) => {
    appendFileSync(join(target, 'messages.mbox'), mboxOf(envelope.sender, envelope.acceptedAt, bytes), { mode: fileMode });
    appendFileSync(join(target, 'envelopes.jsonl'), `${JSON.stringify({ name, ...envelope })}\n`, { mode: fileMode });
  };
}

function makeTarget(target: string): void {
  try {
    mkdirSync(target, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw new CommandFailure(code === 'EEXIST' ? `${target} is there already` : `${target} cannot be made (${String(code)})`);
  }
}

/** Exports every shard of a spool folder into a folder that must not exist. */
export function exportMessages(request: ExportRequest): Exported {
  const { folder, target, filter, unreferenced } = request;
  makeTarget(target);
  const write = writerOf(request);
  const done: Exported = { messages: 0, entries: 0, unreferenced: 0, lost: { count: 0, named: [] } };
  const lose = (lost: LostMessage): void => {
    done.lost.count += 1;
    if (done.lost.named.length < maxNamed) done.lost.named.push(lost);
  };
  for (const worker of listShards(folder)) {
    for (const stored of storedMessages(folder, worker, filter)) {
      if (stored.kind === 'lost') {
        lose(stored.lost);
        continue;
      }
      const { envelope } = stored;
      const content = stored.content();
      if (content === null) {
        lose({ messageId: envelope.messageId, entries: envelope.entries.length, part: 'content', ...stored.contentPlace });
        continue;
      }
      write(`${worker}-${fileName(envelope.messageId)}`, envelope, content.bytes);
      done.messages += 1;
      done.entries += envelope.entries.length;
    }
    if (!unreferenced) continue;
    for (const { segment, offset, facts, bytes } of unreferencedContents(folder, worker)) {
      write(`${worker}-unreferenced-${segment}-${offset}`, { ...facts, sender: '', acceptedAt: 0 }, bytes);
      done.unreferenced += 1;
    }
  }
  return done;
}
