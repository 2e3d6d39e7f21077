// A spool on the real disk with a few messages in it, closed again: what is looked at offline, and broken byte by byte.
import { openSpool } from '../spool/spool.ts';
import { ended, handClock, injection, retried, seededRandom } from '../spool/testing.ts';

export type SampleSpool = {
  /** Of the messages, in order; message n has the recipients n.0 and n.1, where n.0 of message 1 was deferred and all of message 2 is over. */
  messageIds: string[];
  /** Where the accept record of each ends in the first segment of the journal, and where each content lies in the first of contents. */
  journalEnds: number[];
  contents: { offset: number; length: number }[];
};

/** Opens a spool in its own thread on the real disk. */
export function openSampleSpool(directory: string): ReturnType<typeof openSpool> {
  const place = { directory, node: 'node-1', worker: 0, egress: 'sandbox' } as const;
  const limits = { reserveBytes: 64 * 1024, softFreeBytes: 0, resumeFreeBytes: 0, cacheBytes: 0 };
  return openSpool({ thread: true, ...place, clock: handClock(), random: seededRandom(1), log: () => undefined, limits });
}

/** Writes `count` messages of two recipients each. */
export async function writeSampleSpool(directory: string, count: number): Promise<SampleSpool> {
  const spool = await openSampleSpool(directory);
  const sample: SampleSpool = { messageIds: [], journalEnds: [], contents: [] };
  for (let n = 0; n < count; n += 1) {
    const bytes = Buffer.from(`From: a@sender.example\r\nSubject: ${n}\r\n\r\nFrom here on, body ${n}\r\n`);
    const { entries } = await spool.accept(injection(n, { recipients: 2, bytes }));
    sample.messageIds.push(injection(n).messageId);
    sample.journalEnds.push(spool.durable().offset);
    const [first] = entries;
    if (first) sample.contents.push({ offset: first.content.offset, length: first.content.length });
  }
  const [, deferred, over] = sample.messageIds;
  if (deferred) await spool.record([retried(`${deferred}.0`, 3, 9_000)]);
  if (over) await spool.record([ended(`${over}.0`), ended(`${over}.1`)]);
  await spool.close();
  return sample;
}
