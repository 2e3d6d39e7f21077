// COPY over pg's own connection, chunk by chunk in both directions: whoever is slower decides the pace, and nothing is held but a few chunks.
import type { Socket } from 'node:net';
import pg from 'pg';

/** What pg hands to a query under way; it has no types for this. */
type Wire = { stream: Socket; sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void; sendCopyFail(message: string): void };
type Ended = (error?: Error | null) => void;

/** pg calls a query's callback as (error, result); its types know only the form with a result. */
const query = (text: string, ended: Ended): pg.Query => new pg.Query(text, undefined as never, ended as never);

/** `text` is a COPY ... TO STDOUT. Resolves when every chunk has been taken. */
export function copyOut(client: pg.Client, text: string, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking: Promise<void> = Promise.resolve();
    const ended: Ended = (error) => (error ? reject(error) : void taking.then(resolve, reject));
    const copy = Object.assign(query(text, ended), {
      handleCopyData({ chunk }: { chunk: Buffer }, { stream }: Wire) {
        stream.pause();
        // The chunk is a view of a buffer that is used again.
        const own = Buffer.from(chunk);
        taking = taking.then(() => take(own));
        void taking.finally(() => stream.resume()).catch(() => undefined); // the end tells
      },
    });
    client.query(copy);
  });
}

/** `text` is a COPY ... FROM STDIN. A source that throws undoes the statement. */
export function copyIn(client: pg.Client, text: string, source: AsyncIterable<Buffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    let problem: Error | undefined;
    const ended: Ended = (error) => {
      const why = problem ?? error;
      if (why) reject(why);
      else resolve();
    };
    const send = async (wire: Wire): Promise<void> => {
      try {
        for await (const chunk of source) {
          wire.sendCopyFromChunk(chunk);
          if (wire.stream.writableNeedDrain) await new Promise((drained) => wire.stream.once('drain', drained).once('close', drained));
        }
        wire.endCopyFrom();
      } catch (error) {
        problem = error instanceof Error ? error : new Error('the source of a table failed', { cause: error });
        wire.sendCopyFail('the source failed');
      }
    };
    client.query(Object.assign(query(text, ended), { handleCopyInResponse: (wire: Wire) => void send(wire) }));
  });
}
